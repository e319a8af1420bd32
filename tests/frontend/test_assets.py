"""What templates get from the built front end."""

import json
from pathlib import Path

import pytest
from flask import Flask

from buurtbegroot.web import assets, symbols


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "manifest.json").write_text(json.dumps({"app.css": "app.0123.css"}))
    (dist / "icons.json").write_text(json.dumps({"check": '<path d="M0 0"/>', "arrow-left": "<path/>"}))
    app = Flask("front", static_folder=str(tmp_path), static_url_path="/static")
    assets.init_app(app)
    symbols.init_app(app)
    return app


def render(app: Flask, source: str) -> str:
    with app.test_request_context():
        return app.jinja_env.from_string(source).render()


def test_a_file_is_addressed_by_its_hashed_name(app: Flask) -> None:
    assert render(app, "{{ static_url('app.css') }}") == "/static/dist/app.0123.css"


def test_an_icon_is_hidden_from_screen_readers_and_not_escaped(app: Flask) -> None:
    svg = render(app, "{{ icon('check') }}")
    assert 'aria-hidden="true"' in svg
    assert 'class="bb-icon"' in svg
    assert '<use href="#icon-check"/>' in svg


def test_each_shape_stands_in_the_page_once(app: Flask) -> None:
    page = render(app, "{{ icon('check') }}{{ icon('check') }}{{ symbols() }}")
    assert page.count('<path d="M0 0"/>') == 1
    assert page.count('id="icon-check"') == 1


def test_an_arrow_turns_with_the_direction_of_writing(app: Flask) -> None:
    assert "bb-icon--directional" in render(app, "{{ icon('arrow-left') }}")
    assert "bb-icon--directional" not in render(app, "{{ icon('check') }}")


def test_an_unlisted_icon_is_an_error_of_the_programmer(app: Flask) -> None:
    with pytest.raises(KeyError, match="unlisted"):
        render(app, "{{ icon('unlisted') }}")


def test_a_missing_build_says_what_to_do(tmp_path: Path) -> None:
    app = Flask("bare", static_folder=str(tmp_path))
    symbols.init_app(app)
    with pytest.raises(assets.FrontEndNotBuiltError, match="make install"):
        render(app, "{{ icon('check') }}")
