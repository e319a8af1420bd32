"""What somebody without this software does with a result: find their plan, and count again with one command."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.tally.queries import tally_of
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser

BALLOTS = [[0], [0], [0], [1], [1], [2], [2, 3], [3], [0, 3], [1]]
COSTS = (60_000, 50_000, 40_000, 10_050)
CURL = """#!/usr/bin/env python3
import sys, urllib.request
said = sys.argv[2:]
for name, address in zip(said[1::3], said[2::3]):
    urllib.request.urlretrieve(address, name)
"""
"""What the command asks of curl, for a machine that has none."""


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS).cast_all(BALLOTS).finish()


@pytest.fixture
def site(browser: Browser, vote: Vote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve what the site gives at the two addresses of the command, at an address that can be reached."""
    monkeypatch.setitem(browser.app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    folder = tmp_path / "served"
    bundle = folder / "rondes" / vote.round.slug / "stembus"
    bundle.mkdir(parents=True)
    (folder / "verify.py").write_bytes(browser.raw("box.verifier_file").data)
    (bundle / "bundel.zip").write_bytes(browser.raw("box.bundle_file", slug=vote.round.slug).data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setitem(browser.app.config, "SITE_URL", f"http://127.0.0.1:{server.server_port}")
    yield browser.app.config["SITE_URL"]
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def plain_python(tmp_path: Path) -> dict[str, str]:
    """An environment whose python3 has no packages."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(os.path.realpath(sys.executable))
    if shutil.which("curl") is None:
        (tmp_path / "bin" / "curl").write_text(CURL)
        (tmp_path / "bin" / "curl").chmod(0o755)
    return {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONNOUSERSITE": "1"}


@pytest.mark.usefixtures("site")
def test_the_command_on_the_page_counts_again_in_an_empty_folder(
    vote: Vote, browser: Browser, plain_python: dict[str, str], tmp_path: Path
) -> None:
    page = browser.get("results.show", slug=vote.round.slug)
    (command,) = [part.text for part in page.find(".//pre") if part.text and "verify.py" in part.text]
    (tmp_path / "empty").mkdir()
    shell = ["/bin/sh", "-c", command]
    done = subprocess.run(shell, cwd=tmp_path / "empty", env=plain_python, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    won = [cents for outcome in document_from(tally.trace).outcomes for _plan, cents in outcome.funded]
    assert page.heading.startswith(f"{len(won)} plannen krijgen geld")
    euros = f"{sum(won) // 100:,}".replace(",", ".") + f",{sum(won) % 100:02}"
    assert f"Opnieuw geteld. Plannen die geld krijgen: {len(won)}, samen € {euros}." in done.stdout
    assert "ALLES KLOPT." in done.stdout


def test_in_english_the_program_speaks_english(vote: Vote, browser: Browser) -> None:
    assert "--en" not in browser.get("results.show", slug=vote.round.slug).text
    browser.client.set_cookie("taal", "en")
    assert "--en" in browser.get("results.show", slug=vote.round.slug).text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("plan 2", ["1 plan met ‘plan 2’", "Krijgt geld", "van 4, met 3 stemmen."]),
        ("geen enkel", ["Geen plan met ‘geen enkel’."]),
        ("plan", ["4 plannen met ‘plan’", "Krijgt geen geld", "Past niet meer."]),
    ],
)
def test_whoever_made_a_plan_finds_whether_it_gets_money(
    words: str, says: list[str], vote: Vote, browser: Browser
) -> None:
    text = browser.get("results.show", slug=vote.round.slug, zoek=words).text
    assert [each for each in says if each not in text] == []
