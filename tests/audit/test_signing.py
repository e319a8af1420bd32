"""Signing the log: what the program did not write is never signed, and nothing shorter or other than was signed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.audit.actions.signing import put_back, sign_log
from buurtbegroot.audit.commands import group
from buurtbegroot.audit.domain.keys import ANCHORS_FILE, KEY_FILE, LogFault, SiteKeyError, SiteKeys, site_keys
from buurtbegroot.audit.models import AuditCheckpoint, AuditEntry, AuditHead, AuditPayload
from buurtbegroot.audit.queries.verification import entry_of, verify_log
from buurtbegroot.box.events import BoxSealed
from buurtbegroot.core.audit_chain import Fault, entry_hash
from buurtbegroot.core.transparency_log import open_checkpoint
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.owner_files import put_new
from tests.audit.test_chain import fill, tamper
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.audit import something_happened
from tests.live import live
from tests.refusals import refused


@pytest.fixture
def live_app(tmp_path: Path) -> Iterator[Flask]:
    with live(tmp_path) as app:
        yield app


def signed(session: Session, entries: int = 0) -> str:
    """Sign the log, with so many entries more."""
    fill(session, entries)
    session.commit()
    note = sign_log(session, by=PROGRAM, now=NOW)
    session.commit()
    return note


def forge(session: Session) -> int:
    """Append an entry as somebody who owns the database could: right but for the mark, which takes the key."""
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    values = {column.key: getattr(last, column.key) for column in AuditEntry.__table__.columns}
    row = AuditEntry(**values | {"seq": last.seq + 1, "prev": last.hash, "points": [], "action": "rounds.certified"})
    row.hash = entry_hash(entry_of(row)).hex()
    session.add(row)
    session.flush()
    session.get_one(AuditHead, 1).hash = row.hash
    session.get_one(AuditHead, 1).seq = row.seq
    session.commit()
    return row.seq


def problem(session: Session) -> tuple[int, Fault] | None:
    found = verify_log(session).problem
    return (found.place, found.fault) if found else None


def test_the_whole_log_is_signed_once_for_each_size(session: Session) -> None:
    first, again, later = signed(session, 3), signed(session), signed(session, 2)
    assert first == again != later
    verifier = site_keys(session).verifier
    assert [open_checkpoint(note, verifier).size for note in (first, later)] == [3, 5]
    assert session.scalars(select(AuditCheckpoint.note).order_by(AuditCheckpoint.size)).all() == [first, later]
    found = verify_log(session)
    assert (found.problem, found.signed) == (None, 5)


def test_what_could_be_undone_is_not_signed(session: Session) -> None:
    fill(session, 1)
    with pytest.raises(RuntimeError, match="commit"):
        sign_log(session, by=PROGRAM, now=NOW)


def test_an_entry_that_the_program_did_not_write_is_never_signed_and_named(session: Session) -> None:
    signed(session, 2)
    forged = forge(session)
    fill(session, 2)  # the program itself goes on behind it
    session.commit()
    with refused(LogFault.NOT_OURS) as caught:
        sign_log(session, by=PROGRAM, now=NOW)
    assert caught.value.facts == {"entry": forged}
    assert problem(session) == (forged, Fault.WRONG_MARK)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET actor = 'iemand' WHERE seq = 4",
        "UPDATE audit_entry SET mark = 'aa' WHERE seq = 4",
        "UPDATE audit_entry SET mark = (SELECT mark FROM audit_entry WHERE seq = 3) WHERE seq = 4",
        "UPDATE audit_payload SET payload = '{}' WHERE seq = 4",
        "UPDATE audit_point SET number = 4 WHERE seq = 4",
    ],
)
def test_a_changed_entry_is_not_signed(session: Session, change: str) -> None:
    signed(session, 2)
    fill(session, 3)
    tamper(session, change)
    session.commit()
    with refused(LogFault.NOT_OURS) as caught:
        sign_log(session, by=PROGRAM, now=NOW)
    assert caught.value.facts == {"entry": 4}


@pytest.mark.parametrize(
    ("change", "fault", "facts"),
    [
        ("UPDATE audit_entry SET actor = 'iemand' WHERE seq = 2", LogFault.CHANGED, {"entry": 2}),
        ("UPDATE audit_entry SET hash = 'zz' WHERE seq = 2", LogFault.CHANGED, {"entry": 2}),
        ("DELETE FROM audit_entry WHERE seq > 2", LogFault.CUT, {"entry": 3}),
        ("DELETE FROM audit_entry WHERE seq = 2", LogFault.CHANGED, {"entry": 2}),
        ("UPDATE audit_checkpoint SET note = 'x'", LogFault.OTHER_CHECKPOINT, {"size": 4}),
        ("INSERT INTO audit_checkpoint SELECT 9, note, made_at FROM audit_checkpoint", LogFault.OTHER_CHECKPOINT,
         {"size": 9}),
    ],
)  # fmt: skip
def test_a_log_other_than_was_signed_is_refused_and_found(
    session: Session, change: str, fault: LogFault, facts: dict[str, int]
) -> None:
    signed(session, 4)
    for statement in ("DELETE FROM audit_payload", "DELETE FROM audit_point", change):
        tamper(session, statement)
    session.commit()
    with refused(fault) as caught:
        sign_log(session, by=PROGRAM, now=NOW)
    assert caught.value.facts == facts
    assert problem(session) is not None


def test_a_log_rewritten_by_who_has_no_anchors_is_found_too(session: Session) -> None:
    """Even with the key, and every hash and mark right: what was signed says otherwise."""
    signed(session, 3)
    for table in ("audit_payload", "audit_point", "audit_entry", "audit_head", "audit_checkpoint"):
        tamper(session, f"DELETE FROM {table}")
    anchors = site_keys(session).directory / ANCHORS_FILE
    aside = anchors.rename(anchors.with_suffix(".aside"))
    fill(session, 2)
    session.commit()
    aside.rename(anchors)
    with refused(LogFault.CHANGED):
        sign_log(session, by=PROGRAM, now=NOW)
    with refused(LogFault.CHANGED):
        put_back(session, by=PROGRAM, now=NOW)
    assert problem(session) == (3, Fault.TRUNCATED)
    aside = anchors.rename(aside)
    fill(session, 1)
    aside.rename(anchors)
    assert problem(session) == (3, Fault.REWRITTEN)


@pytest.mark.parametrize("left", [0, 2])
def test_after_a_backup_nothing_is_written_until_what_was_signed_is_back(session: Session, left: int) -> None:
    fill(session, 4)
    note = signed(session, 1)
    hashes = session.scalars(select(AuditEntry.hash).order_by(AuditEntry.seq)).all()
    for table in ("payload", "point", "entry"):
        tamper(session, f"DELETE FROM audit_{table} WHERE seq > {left}")
    tamper(session, "DELETE FROM audit_checkpoint")
    if left:
        tamper(session, f"UPDATE audit_head SET seq = {left}, hash = '{hashes[left - 1]}'")
    else:
        tamper(session, "DELETE FROM audit_head")
    session.commit()
    with refused(LogFault.CUT) as caught:
        something_happened(session, now=NOW)
    assert caught.value.facts == {"entry": left + 1}
    assert put_back(session, by=PROGRAM, now=NOW) == 5 - left
    session.commit()
    assert session.scalars(select(AuditEntry.hash).order_by(AuditEntry.seq)).all()[:5] == hashes
    assert signed(session) != note
    assert session.get_one(AuditCheckpoint, 5).note == note
    found = verify_log(session)
    assert (found.problem, found.signed, found.erased) == (None, 6, 5 - left)
    assert put_back(session, by=PROGRAM, now=NOW) == 0


def test_what_the_log_said_of_a_vote_comes_back_after_a_backup(session: Session) -> None:
    fill(session, 1)
    night = BoxSealed(object="round:west", night="2026-11-21", seal="ab")
    for event in (night, night, None):
        something_happened(session, now=NOW, event=event)
    signed(session)
    something_happened(session, now=NOW, event=night)
    signed(session)
    rows = select(AuditPayload.seq, AuditPayload.salt, AuditPayload.payload).order_by(AuditPayload.seq)
    before = session.execute(rows).all()
    hashes = session.scalars(select(AuditEntry.hash).order_by(AuditEntry.seq)).all()
    for table in ("payload", "point", "entry"):
        tamper(session, f"DELETE FROM audit_{table} WHERE seq > 1")
    tamper(session, f"UPDATE audit_head SET seq = 1, hash = '{hashes[0]}'")
    session.commit()
    assert put_back(session, by=PROGRAM, now=NOW) == 4
    session.commit()
    after = session.execute(rows).all()
    assert [row for row in before if row.seq != 4] == [row for row in after if row.seq < 6]
    signed(session)
    assert (verify_log(session).problem, verify_log(session).erased) == (None, 1)


def test_a_crash_before_the_database_knew_signs_the_same_again(session: Session) -> None:
    fill(session, 2)
    session.commit()
    note = sign_log(session, by=PROGRAM, now=NOW)
    session.rollback()
    assert session.scalars(select(AuditCheckpoint)).all() == []
    assert signed(session) == note
    assert signed(session, 1) != note
    assert session.scalars(select(AuditCheckpoint.size).order_by(AuditCheckpoint.size)).all() == [2, 3]


def test_a_crash_while_anchors_are_written_leaves_nothing_of_it(session: Session) -> None:
    signed(session, 2)
    anchors = site_keys(session).directory / ANCHORS_FILE
    whole = anchors.read_bytes()
    note = signed(session, 2)
    anchors.write_bytes(whole + b'{"entries":[' + b"x" * 9_000)
    tamper(session, "DELETE FROM audit_checkpoint WHERE size = 4")
    session.commit()
    assert signed(session) == note
    assert len(site_keys(session).anchored().entries) == 4


def test_the_anchors_hold_every_entry_and_nothing_of_its_details(session: Session) -> None:
    signed(session, 2)
    signed(session, 1)
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    keys = site_keys(session)
    assert list(keys.anchored().entries) == [entry_of(row) for row in rows]
    assert b"Een naam." not in (keys.directory / ANCHORS_FILE).read_bytes()
    assert (keys.directory / ANCHORS_FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [lambda path: path.write_text("x\n"), lambda path: path.chmod(0o644)])
def test_damaged_anchors_are_never_signed_from(session: Session, damage: object) -> None:
    signed(session, 2)
    assert callable(damage)
    fill(session, 1)
    session.commit()
    damage(site_keys(session).directory / ANCHORS_FILE)
    with pytest.raises(SiteKeyError):
        sign_log(session, by=PROGRAM, now=NOW)


def test_a_line_of_the_anchors_that_is_gone_shows(session: Session) -> None:
    signed(session, 2)
    signed(session, 1)
    anchors = site_keys(session).directory / ANCHORS_FILE
    anchors.write_bytes(anchors.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(SiteKeyError):
        sign_log(session, by=PROGRAM, now=NOW)


def test_shorter_anchors_than_were_published_are_never_signed_from(session: Session) -> None:
    signed(session, 2)
    signed(session, 1)
    anchors = site_keys(session).directory / ANCHORS_FILE
    anchors.write_bytes(anchors.read_bytes().splitlines(keepends=True)[0])
    with refused(LogFault.OTHER_CHECKPOINT) as caught:
        sign_log(session, by=PROGRAM, now=NOW)
    assert caught.value.facts == {"size": 3}


def test_a_key_that_signed_is_never_made_anew(tmp_path: Path) -> None:
    keys = SiteKeys(tmp_path, site="begroot.example")
    assert keys.verifier.name == "begroot.example/logboek"
    (tmp_path / ANCHORS_FILE).touch(0o600)
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(SiteKeyError, match="put it back"):
        keys.load()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "bb-site-key/v1", "name": "x", "marking": "00"}'])
def test_a_damaged_key_is_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / KEY_FILE).write_text(text)
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(SiteKeyError, match="damaged"):
        SiteKeys(tmp_path).load()


def test_two_who_make_the_key_at_once_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2, timeout=30)

    def put_together(path: Path, text: str) -> None:
        together.wait()
        put_new(path, text)

    monkeypatch.setattr("buurtbegroot.audit.domain.keys.put_new", put_together)
    stores, found = [SiteKeys(tmp_path), SiteKeys(tmp_path)], list[bytes]()
    threads = [threading.Thread(target=lambda each=each: found.append(each.load().marking)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2
    assert len(set(found)) == 1


def test_the_command_puts_back_what_a_backup_lacks(live_app: Flask) -> None:
    with live_app.app_context(), writing():
        signed(db.session(), 3)
        for table in ("payload", "point", "entry"):
            tamper(db.session(), f"DELETE FROM audit_{table}")
        tamper(db.session(), "DELETE FROM audit_head")
        db.session.commit()
    results = [live_app.test_cli_runner().invoke(group, [name]) for name in ("verify", "put-back", "verify")]
    assert [result.exit_code for result in results] == [1, 0, 0]
    assert [result.output for result in results] == [
        "Error: entry 1: truncated\n",
        "3 entries put back\n",
        "4 entries, all in order; 3 erased payloads; signed up to 3\n",
    ]


@pytest.mark.race
def test_many_who_sign_at_once_sign_one_log(live_app: Flask) -> None:
    together, notes = threading.Barrier(4, timeout=30), list[str]()

    def run() -> None:
        with live_app.app_context(), writing():
            for _ in range(3):
                something_happened(db.session(), now=NOW)
                db.session.commit()
                together.wait()
                notes.append(sign_log(db.session(), by=PROGRAM, now=NOW))
                db.session.commit()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with live_app.app_context():
        session = db.session()
        assert len(notes) == 12
        assert set(notes) == set(session.scalars(select(AuditCheckpoint.note)))
        assert session.scalar(select(func.max(AuditCheckpoint.size))) == 12
        assert problem(session) is None
        assert len(site_keys(session).anchored().entries) == 12
