"""Workers share their compiled templates, and a disk that takes none stops no page."""

from pathlib import Path

import pytest
from flask import Flask, render_template
from jinja2 import Environment

from buurtbegroot.web import compiled


def write(folder: Path) -> Path:
    source = folder / "templates"
    source.mkdir()
    (source / "page.html").write_text("<p>{{ 6 * 7 }}</p>")
    return source


def test_a_second_worker_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, kept = write(tmp_path), tmp_path / "kept/here"
    page = [shown(source, kept)]
    monkeypatch.setattr(Environment, "compile", lambda *_args, **_named: 1 / 0)
    assert [*page, shown(source, kept)] == ["<p>42</p>"] * 2


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    source = write(tmp_path)
    assert shown(source, tmp_path / "kept") == "<p>42</p>"
    (source / "page.html").write_text("<p>{{ 6 + 7 }}</p>")
    assert shown(source, tmp_path / "kept") == "<p>13</p>"


def test_a_disk_that_takes_nothing_stops_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    assert shown(write(tmp_path), tmp_path / "kept") == "<p>42</p>"
    assert list((tmp_path / "kept").iterdir()) == []


def full(*_args: object, **_named: object) -> None:
    raise OSError(28, "No space left on device")


def shown(source: Path, kept: Path) -> str:
    app = Flask("worker", template_folder=str(source))
    app.config["TEMPLATE_CACHE"] = str(kept)
    compiled.init_app(app)
    with app.app_context():
        return render_template("page.html")
