"""Who watches the log: checkpoints and proofs for everyone, and signatures of witnesses, who refuse a fork."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.actions.signing import cosign
from buurtbegroot.audit.commands import group
from buurtbegroot.audit.domain.keys import ANCHORS_FILE, LogFault, SiteKeys, site_keys
from buurtbegroot.audit.domain.witness import NoViewError, watch
from buurtbegroot.audit.models import AuditCheckpoint, AuditCosignature
from buurtbegroot.core.signing import NoteError, NoteSigner, open_note, sign_note
from buurtbegroot.core.transparency_log import Checkpoint, LogForkError, checkpoint_text, sign_checkpoint
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from tests.audit.test_chain import tamper
from tests.audit.test_signing import signed
from tests.live import live
from tests.pages import Browser
from tests.refusals import refused

SITE = "https://begroot.example"
STRANGER = NoteSigner("vreemd.example/logboek", b"s" * 32)


@pytest.fixture
def witness(tmp_path: Path) -> SiteKeys:
    return SiteKeys(tmp_path / "witness", site="getuige.example")


@pytest.fixture
def fetch(app: Flask, session: Session) -> Callable[[str], str]:
    def get(path: str) -> str:
        answer = app.test_client().get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    return get


def known(app: Flask, witness: SiteKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WITNESSES", [str(witness.verifier)])


def forked(session: Session, size: int) -> str:
    """Return a checkpoint that the site signed for another log."""
    signer = site_keys(session).load().signer
    return sign_checkpoint(Checkpoint(signer.name, size, b"f" * 32), signer)


def test_a_witness_follows_a_log_that_grows_and_its_signature_is_shown(
    app: Flask,
    session: Session,
    browser: Browser,
    fetch: Callable[[str], str],
    witness: SiteKeys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = str(site_keys(session).verifier)
    known(app, witness, monkeypatch)
    for size, more in ((3, 3), (3, 0), (7, 4), (8, 1)):
        signed(session, more)
        note = watch(SITE, fetch=fetch, keys=witness, key=key)
        browser.post("/logboek/meetekenen", {"note": note.replace("\n", "\r\n")}, status=303)
        shown = fetch(f"/logboek/{size}.note")
        assert open_note(shown, [witness.verifier, site_keys(session).verifier]).signed_by == (
            site_keys(session).verifier, witness.verifier,
        )  # fmt: skip
        key = ""  # it knows the log by now
    assert session.query(AuditCosignature).count() == 3
    page = browser.get("audit.checkpoints")
    assert [row.text for row in page.find(".//tbody/tr/th")] == ["8", "7", "3"]
    assert str(site_keys(session).verifier) in page.text


def test_a_witness_needs_the_key_once_and_takes_no_other(
    session: Session, fetch: Callable[[str], str], witness: SiteKeys
) -> None:
    signed(session, 1)
    with pytest.raises(NoViewError):
        watch(SITE, fetch=fetch, keys=witness)
    with pytest.raises(NoteError):
        watch(SITE, fetch=fetch, keys=witness, key=str(STRANGER.verifier))
    watch(SITE, fetch=fetch, keys=witness, key=str(site_keys(session).verifier))
    with pytest.raises(NoteError, match="another key"):
        watch(SITE, fetch=fetch, keys=witness, key=str(STRANGER.verifier))


@pytest.mark.parametrize("size", [2, 4, 5])
def test_a_witness_refuses_a_fork(session: Session, fetch: Callable[[str], str], witness: SiteKeys, size: int) -> None:
    signed(session, 4)
    signed(session, 1)
    tell = {"/logboek/laatste.note": fetch("/logboek/4.note")}
    key = str(site_keys(session).verifier)
    watch(SITE, fetch=lambda path: tell[path], keys=witness, key=key)
    tell["/logboek/laatste.note"] = forked(session, size)
    for proof in ("", fetch("/logboek/bewijs?van=4&tot=5")):
        tell[f"/logboek/bewijs?van=4&tot={size}"] = proof
        with pytest.raises(LogForkError):
            watch(SITE, fetch=lambda path: tell[path], keys=witness)
    tell["/logboek/laatste.note"] = fetch("/logboek/5.note")
    tell["/logboek/bewijs?van=4&tot=5"] = fetch("/logboek/bewijs?van=4&tot=5")
    watch(SITE, fetch=lambda path: tell[path], keys=witness)  # it still holds to what it saw


def test_only_known_witnesses_are_heard_on_what_we_signed(session: Session, witness: SiteKeys) -> None:
    own = signed(session, 2)
    mine, text = witness.load().signer, own.split("\n\n")[0] + "\n"
    other = checkpoint_text(Checkpoint(site_keys(session).verifier.name, 2, b"f" * 32))
    later = checkpoint_text(Checkpoint(site_keys(session).verifier.name, 10**17, b"f" * 32))
    known = [mine.verifier]
    for note in (
        own,
        "",
        "x",
        sign_note(text, STRANGER),
        sign_note("x\n", mine),
        sign_note(text, mine)[:-6] + "AAA=\n",
    ):
        with refused(LogFault.NO_WITNESS):
            cosign(session, note, witnesses=known, by=ANYONE)
    for said in (other, later):
        with refused(LogFault.FORKED):
            cosign(session, sign_note(said, mine), witnesses=known, by=ANYONE)
    assert session.query(AuditCosignature).count() == 0
    assert cosign(session, sign_note(text, mine), witnesses=known, by=ANYONE).cosigned.startswith(own)


@pytest.mark.parametrize(
    "asked",
    ["", "?van=1", "?van=2&tot=x", "?van=2&tot=3", "?van=3&tot=5", "?van=5&tot=2", "?van=-1&tot=5",
     f"?van=2&tot={'9' * 18}", f"?van=2&tot={'9' * 5000}", "?van=²&tot=5"],
)  # fmt: skip
def test_proofs_are_for_signed_sizes_only(browser: Browser, session: Session, asked: str) -> None:
    signed(session, 2)
    signed(session, 3)
    browser.get(f"/logboek/bewijs{asked}", status=404)


def test_a_log_that_was_not_signed_says_so(browser: Browser, session: Session) -> None:
    assert "Nog geen meetpunten" in browser.get("audit.checkpoints").text
    for path in ("laatste.note", "1.note", f"{'9' * 30}.note"):
        browser.get(f"/logboek/{path}", status=404)


def test_a_signature_that_is_refused_is_told_and_the_form_kept(browser: Browser, session: Session) -> None:
    page = browser.post("/logboek/meetekenen", {"note": "x"}, status=409)
    assert "geen geldige handtekening" in page.text
    assert page.filled("/logboek/meetekenen")["note"] == ["x"]
    browser.post("/logboek/meetekenen", {"note": ""}, status=422)


def test_stored_checkpoints_are_never_changed(session: Session) -> None:
    signed(session, 1)
    session.add(AuditCosignature(size=1, witness="x", line="x"))
    session.flush()
    for table in ("audit_checkpoint", "audit_cosignature"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET size = size"):
            with pytest.raises(Exception, match="append-only"), session.begin_nested():
                session.connection().exec_driver_sql(statement)
    tamper(session, "SELECT 1")
    assert session.get(AuditCheckpoint, 1)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app over plain http and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.race
def test_a_command_watches_another_site_and_brings_its_signature(tmp_path: Path) -> None:
    with ExitStack() as stack:
        (tmp_path / "witness").mkdir()
        (tmp_path / "site").mkdir()
        witness = stack.enter_context(live(tmp_path / "witness", SITE_URL="https://getuige.example"))
        keys = witness.test_cli_runner().invoke(group, ["key"]).output.split()
        site = stack.enter_context(live(tmp_path / "site", WITNESSES=keys, RATELIMIT_ENABLED=True))
        with site.app_context(), writing():
            signed(db.session(), 2)
        key = site.test_cli_runner().invoke(group, ["key"]).output.strip()
        url = stack.enter_context(served(site))
        told = witness.test_cli_runner().invoke(group, ["witness", url, "--key", key, "--send"])
        assert told.exit_code == 0, told.output
        shown = site.test_client().get("/logboek/laatste.note").text
        assert told.output.splitlines()[-1] == shown.splitlines()[-1]
        with site.app_context(), writing():
            for name in ("payload", "point", "entry", "head", "cosignature", "checkpoint"):
                tamper(db.session(), f"DELETE FROM audit_{name}")
            db.session.commit()
            (site_keys(db.session()).directory / ANCHORS_FILE).unlink()
            signed(db.session(), 3)
        told = witness.test_cli_runner().invoke(group, ["witness", url])
        assert (told.exit_code, "DO NOT TRUST" in told.output) == (1, True)
    told = witness.test_cli_runner().invoke(group, ["witness", url])
    assert (told.exit_code, "Traceback" in told.output) == (1, False)


class _Silent(BaseHTTPRequestHandler):
    status = 404

    def do_GET(self) -> None:
        self.send_error(self.status)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("status", "told"), [(404, "note"), (500, "500")])
def test_a_site_that_has_no_note_is_named_and_nothing_is_signed(
    app: Flask, session: Session, status: int, told: str
) -> None:
    handler = type("Answers", (_Silent,), {"status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        key = str(site_keys(session).verifier)
        found = app.test_cli_runner().invoke(group, ["witness", url, "--key", key])
        server.shutdown()
    assert found.exit_code == 1
    assert told in found.output
    assert "c2sp" not in found.stdout


def test_what_is_no_address_is_refused(app: Flask) -> None:
    found = app.test_cli_runner().invoke(group, ["witness", "begroot.example.nl"])
    assert (found.exit_code, "an address such as" in found.output) == (2, True)
