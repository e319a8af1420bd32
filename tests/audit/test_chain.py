"""The stored chain: append-only in the database, whole under parallel appends, and every tampering found."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.audit.actions import record
from buurtbegroot.audit.commands import group
from buurtbegroot.audit.events import PayloadErased
from buurtbegroot.audit.models import AuditPayload
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.audit.triggers import REFUSAL
from buurtbegroot.core.audit_chain import Fault
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.guards import drop_guards
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.audit import something_happened
from tests.factories.dual_control import agreed
from tests.live import live

COPY = (
    "INSERT INTO audit_entry"
    " (minute, actor, role, action, object, points, payload_commitment, prev, state, mark, seq, hash)"
    " SELECT minute, actor, role, action, object, points, payload_commitment, hash, state, mark,"
)


@pytest.fixture
def live_app(tmp_path: Path) -> Iterator[Flask]:
    with live(tmp_path) as app:
        yield app


def fill(session: Session, entries: int = 5) -> None:
    for number in range(entries):
        something_happened(session, now=NOW + timedelta(minutes=number), points=("2019_3",))


def tamper(session: Session, statement: str) -> None:
    """Change the log as somebody who owns the database could: by dropping the guards first."""
    drop_guards(session.connection())
    session.execute(text(statement))
    session.expire_all()


def test_an_untouched_log_is_in_order(session: Session) -> None:
    assert verify_log(session).problem is None
    fill(session)
    found = verify_log(session)
    assert (found.entries, found.erased, found.problem) == (5, 0, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE seq = 5",
        "UPDATE audit_payload SET salt = '00'",
        "DELETE FROM audit_payload WHERE seq = 2",
        "DELETE FROM audit_point WHERE seq = 2",
        "UPDATE audit_point SET number = 4 WHERE seq = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 4",
        "UPDATE audit_head SET hash = 'aa'",
        "INSERT INTO audit_head (id, seq, hash) VALUES (0, 0, 'aa')",
        f"{COPY} 6, substr(hash, 3) || '00' FROM audit_entry WHERE seq = 4",
        f"{COPY} 9, substr(hash, 3) || '00' FROM audit_entry WHERE seq = 5",
        f"{COPY} 0, substr(hash, 3) || '00' FROM audit_entry WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_the_log(session: Session, statement: str) -> None:
    fill(session)
    with pytest.raises(DBAPIError, match=REFUSAL), session.begin_nested():
        session.execute(text(statement))
    assert verify_log(session).problem is None


@pytest.mark.parametrize(
    ("statement", "place", "fault"),
    [
        ("UPDATE audit_entry SET actor = 'iemand' WHERE seq = 2", 2, Fault.WRONG_HASH),
        ("UPDATE audit_entry SET role = 'administrator' WHERE seq = 2", 2, Fault.WRONG_HASH),
        ("UPDATE audit_entry SET points = '[4]' WHERE seq = 2", 2, Fault.WRONG_HASH),
        ("UPDATE audit_entry SET points = '4' WHERE seq = 2", 2, Fault.WRONG_HASH),
        ("UPDATE audit_entry SET hash = 'zz' WHERE seq = 2", 2, Fault.WRONG_HASH),
        ("UPDATE audit_entry SET minute = '2020-01-01 00:00:00' WHERE seq = 3", 3, Fault.WRONG_HASH),
        ("UPDATE audit_payload SET payload = '{}' WHERE seq = 4", 4, Fault.WRONG_PAYLOAD),
        ("UPDATE audit_payload SET salt = '' WHERE seq = 4", 4, Fault.WRONG_PAYLOAD),
        ("UPDATE audit_entry SET state = 'aa' WHERE seq = 4", 4, Fault.WRONG_HASH),
        ("DELETE FROM audit_payload WHERE seq = 4", 4, Fault.ERASED_UNSAID),
        ("DELETE FROM audit_point WHERE seq = 4", 4, Fault.WRONG_POINTS),
        ("INSERT INTO audit_point (seq, number, edition) VALUES (4, 4, '2019')", 4, Fault.WRONG_POINTS),
        ("UPDATE audit_point SET number = 4 WHERE seq = 4", 4, Fault.WRONG_POINTS),
        ("UPDATE audit_entry SET prev = hash WHERE seq = 5", 5, Fault.BROKEN_LINK),
        ("UPDATE audit_head SET seq = 4", 5, Fault.TRUNCATED),
        ("UPDATE audit_head SET seq = 9", 6, Fault.TRUNCATED),
        ("DELETE FROM audit_head", 1, Fault.TRUNCATED),
        ("INSERT INTO audit_head (id, seq, hash) VALUES (0, 2, 'aa')", 3, Fault.TRUNCATED),
        (f"{COPY} 9, substr(hash, 3) || '00' FROM audit_entry WHERE seq = 5", 6, Fault.WRONG_SEQ),
        (f"{COPY} 0, substr(hash, 3) || '00' FROM audit_entry WHERE seq = 1", 1, Fault.WRONG_SEQ),
    ],
)
def test_tampering_shows_at_its_place(session: Session, statement: str, place: int, fault: Fault) -> None:
    fill(session)
    tamper(session, statement)
    problem = verify_log(session).problem
    assert problem is not None
    assert (problem.place, problem.fault) == (place, fault)


def test_a_missing_line_shows(session: Session) -> None:
    fill(session)
    for table in ("audit_payload", "audit_point"):
        tamper(session, f"DELETE FROM {table} WHERE seq = 3")
    tamper(session, "DELETE FROM audit_entry WHERE seq = 3")
    problem = verify_log(session).problem
    assert problem is not None
    assert (problem.place, problem.fault) == (3, Fault.WRONG_SEQ)


def test_the_command_counts(live_app: Flask) -> None:
    with live_app.app_context(), writing():
        fill(db.session(), 2)
        two = (person(db.session()), person(db.session()))
        agreed(db.session(), "erase_payload", "log:2", two=two, now=NOW)
        db.session.delete(db.session.get_one(AuditPayload, 2))
        something_happened(db.session(), now=NOW, about="log:2")
        db.session.commit()
    result = live_app.test_cli_runner().invoke(group, ["verify"])
    assert (result.exit_code, result.output) == (0, "3 entries, all in order; 1 erased payloads; signed up to 0\n")


def test_the_command_fails_on_the_first_fault(live_app: Flask) -> None:
    with live_app.app_context(), writing():
        fill(db.session(), 3)
        tamper(db.session(), "UPDATE audit_entry SET actor = 'iemand' WHERE seq = 2")
        db.session.commit()
    result = live_app.test_cli_runner().invoke(group, ["verify"])
    assert result.exit_code == 1
    assert "entry 2: wrong hash" in result.output


@pytest.mark.race
def test_parallel_appends_make_one_chain(live_app: Flask) -> None:
    threads, each = 8, 15
    start, troubles = threading.Barrier(threads), []

    def append(who: int) -> None:
        start.wait()
        try:
            for number in range(each):
                with live_app.app_context(), writing():
                    event = PayloadErased(object=f"thread:{who}", points=(f"2019_{who}",), seq=number, reason="")
                    record(db.session(), event, by=PROGRAM, now=NOW)
                    db.session.commit()
        except Exception as error:
            troubles.append(error)

    workers = [threading.Thread(target=append, args=(who,)) for who in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert troubles == []
    with live_app.app_context():
        found = verify_log(db.session())
        assert (found.entries, found.problem) == (threads * each, None)
