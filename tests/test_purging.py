"""What was erased is found in the files of the database before it is purged, and not after; on both databases."""

import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, func, select, text

from buurtbegroot import purging
from buurtbegroot.accounts.models import HeldForm, Role, SignInLink
from buurtbegroot.acts import RefusedError
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.cli import main
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.proposals.models import CostLine, Proposal, ProposalStatus
from buurtbegroot.purging import InUseError, PurgeFault, purge
from buurtbegroot.registry.actions.pool import draw_code
from buurtbegroot.registry.models import PoolCode, PoolDraw
from buurtbegroot.tally import actions
from buurtbegroot.tally.models import OpenedBallot
from buurtbegroot.tally.queries import REWRITE
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import PURGE
from buurtbegroot.work.register import EXTENSION
from tests.conftest import Clock
from tests.databases import small_server
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote
from tests.factories.voting import open_vote_in
from tests.live import live
from tests.pages import Browser

OPERATIONS = Path(__file__).parents[1] / "docs" / "operations.md"
RIGHTS = re.compile(r"^    (GRANT .*);$", re.MULTILINE)
ROWS = "CREATE TABLE note (id INTEGER CONSTRAINT pk_note PRIMARY KEY, said TEXT)"


def files_with(folder: Path, wanted: str | bytes) -> set[str]:
    """Return the files of a database in its folder in which something is found, by their names."""
    sought = wanted if isinstance(wanted, bytes) else wanted.encode()
    found = set()
    for path in folder.rglob("*"):
        try:
            found |= {path.name} if path.is_file() and sought in path.read_bytes() else set()
        except FileNotFoundError:  # a file of a database comes and goes
            continue
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a database's files and its address."""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        with small_server() as found:
            yield found
    else:
        folder = tmp_path_factory.mktemp("database")
        yield folder, f"sqlite:///{folder}/test.sqlite"


@pytest.fixture
def engine(place: tuple[Path, str]) -> Iterator[Engine]:
    made = engine_of(place[1])
    yield made
    with writing(), made.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS note")
    made.dispose()


@pytest.fixture
def site(place: tuple[Path, str], tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """The whole site on that database, in the context of the app; transactions may write."""
    folder = {"KEY_DIRECTORY": str(tmp_path / "keys"), "WTF_CSRF_ENABLED": False, "CLOCK": clock}
    with live(tmp_path, SQLALCHEMY_DATABASE_URI=place[1], **folder) as app, app.app_context():
        yield app
        db.session.remove()
        with writing():
            Model.metadata.drop_all(db.engine)


def run_job(app: Flask, task: str, **arguments: int) -> None:
    """Do what the worker does once the job is due."""
    db.session.remove()
    found = app.extensions[EXTENSION][task]
    found.run(found.by, **arguments)


def test_nothing_of_a_deleted_account_is_left_in_any_file(place: tuple[Path, str], site: Flask, now: datetime) -> None:
    name, draft, address = (f"{kind}{secrets.token_hex(9)}" for kind in ("naam", "geheim", "adres"))
    with writing():
        session = db.session()
        round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
        user = person(session)
        user.name, user.email = name, f"{address}@example.org"
        public = plan(session, round_, now=now, author=user, status=ProposalStatus.SUBMITTED, title="Open bank")
        concept = plan(session, round_, now=now, author=user, status=ProposalStatus.CONCEPT, title=draft)
        public.author_name = concept.author_name = name
        concept.body = f"{draft} " * 500
        concept.lines = [CostLine(position=1, what=draft, quantity=1, unit_cents=1)]
        session.add(SignInLink(token_hash="x", email=user.email, expires_at=now))
        session.add(HeldForm(user_id=user.id, path="/x", fields=[["title", draft]], expires_at=now))
        mail: dict[str, Any] = {"values": {"asker": name}, "language": "nl", "now": now}
        enqueue_mail(session, recipient=user.email, template="sign_in", **mail)
        enqueue_mail(session, recipient="other@example.org", template="dual_control_request", **mail)
        session.commit()
        browser = Browser(site)
        browser.sign_in(user)
    if db.engine.dialect.name == "postgresql":
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")
    browser.post("accounts.delete", {"sure": "y"})
    assert db.session.scalars(select(Proposal.author_name)).all() == [""]
    asked = job_of(db.session(), PURGE)
    assert asked is not None
    assert now <= asked.due_at <= now + timedelta(hours=1)
    assert all(files_with(place[0], word) for word in (name, draft, address)), "what is looked for would be seen"
    run_job(site, PURGE)
    assert [files_with(place[0], word) for word in (name, draft, address)] == [set()] * 3
    assert "Open bank" in browser.get("proposals.index").text


def test_nothing_secret_of_a_destroyed_round_is_left_in_any_file(
    place: tuple[Path, str], site: Flask, now: datetime, tmp_path: Path
) -> None:
    with writing():
        session = db.session()
        round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now, rules=budget_rules(100_000))
        plans = [plan(session, round_, now=now, cents=cents) for cents in (60_000, 50_000, 40_000)]
        opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, pool=2)
        two = person(session, Role.COORDINATOR), person(session, Role.COORDINATOR)
        vote = Vote(session, round_, plans, opened.keys, [opened.k(place) for place in range(3)], two, now)
        session.commit()
        waiting = session.scalars(select(PoolCode.sealed)).all()
        draw_code(session, round_id=round_.id, keys=vote.keys, by=person(session), now=now)
        vote.cast_all([[0], [1, 2], [2]])
        box = select(SealedBallot.locator, SealedBallot.sealed, SealedBallot.receipt_ct, SealedBallot.mark)
        drawn = session.scalars(select(PoolDraw.account)).all()
        sought = [*waiting, *drawn, *(part for row in session.execute(box) for part in row)]
        vote.close().open().count().certify()
        ballots = session.execute(select(OpenedBallot.tracker, OpenedBallot.blind))  # of so few, they go as well
        sought += [part for row in ballots for part in row]
        first, second = vote.people
        asked = actions.request_destroy(session, vote.round, by=first, now=vote.later)
        session.commit()
        seen = asked.fingerprint
        found = [part for part in sought if files_with(place[0], part)]
        assert len(found) > len(sought) / 2, "nearly all; PostgreSQL's journal breaks a few off at the end of a page"
        actions.destroy_secrets(session, vote.round, seen=seen, by=second, keys=vote.keys, now=vote.later)
        session.commit()
        round_id = vote.round.id
    assert any(files_with(place[0], part) for part in sought)
    run_job(site, REWRITE, round_id=round_id)
    assert [files_with(place[0], part) for part in sought] == [set()] * len(sought)
    assert db.session.scalar(select(func.count()).select_from(OpenedBallot)) == 0


def test_the_planner_keeps_no_examples_of_what_is_of_a_person(site: Flask, now: datetime) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps none of anything")
    with writing():
        for _ in range(5):
            person(db.session())
        db.session.commit()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        kept = connection.execute(text("SELECT attname FROM pg_stats WHERE tablename = 'user_account'"))
        found = set(kept.scalars())
    assert "created_at" in found, "what is looked for would be seen"
    assert found & {"email", "name", "pseudonym", "totp_secret"} == set()


def engine_of(address: str) -> Engine:
    address = address.replace("postgresql:", "postgresql+psycopg:")
    made = create_engine(address, **engine_options(address))
    prepare_engine(made)
    return made


def fill(engine: Engine, wanted: str) -> None:
    """Let a text lie in many places of the journal, in changed rows and in deleted ones, with others all around."""
    with writing(), engine.begin() as connection:
        connection.exec_driver_sql(ROWS)
    for part in range(12):
        rows = [{"id": part * 1000 + n, "said": wanted if n == 7 else secrets.token_hex(300)} for n in range(300)]
        with writing(), engine.begin() as connection:
            connection.execute(text("INSERT INTO note VALUES (:id, :said)"), rows)
    with writing(), engine.begin() as connection:
        connection.execute(text("UPDATE note SET said = said || '!' WHERE said = :wanted"), {"wanted": wanted})
        connection.execute(text("DELETE FROM note WHERE said = :wanted"), {"wanted": f"{wanted}!"})


@pytest.mark.parametrize("checkpoint", [False, True], ids=["at once", "after a checkpoint"])
def test_nothing_that_was_erased_is_left_in_any_file(place: tuple[Path, str], engine: Engine, checkpoint: bool) -> None:
    wanted = secrets.token_hex(20)
    fill(engine, wanted)
    if checkpoint:
        with closing(engine.raw_connection()) as pooled:
            is_sqlite = engine.dialect.name == "sqlite"
            pooled.driver_connection.execute("PRAGMA wal_checkpoint" if is_sqlite else "CHECKPOINT")  # type: ignore[union-attr]
    assert files_with(place[0], wanted)
    purge(engine, ["note"])
    assert files_with(place[0], wanted) == set()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM note")) == 12 * 299


def test_a_reader_of_before_is_not_overlooked(
    place: tuple[Path, str], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "WAIT_FOR_READERS", 0)
    monkeypatch.setattr(purging, "WAIT_FOR_LOCK_MS", 50)
    wanted = secrets.token_hex(20)
    fill(engine, "something else")
    with engine.connect() as reader:
        if engine.dialect.name == "sqlite":
            reader.execute(text("SELECT count(*) FROM note"))
        else:
            reader.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ")
            reader.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1")  # no lock on the table at all
        with writing(), engine.begin() as connection:
            connection.execute(text("INSERT INTO note VALUES (-1, :wanted)"), {"wanted": wanted})
        with writing(), engine.begin() as connection:
            connection.execute(text("DELETE FROM note WHERE id = -1"))
        with pytest.raises(InUseError):
            purge(engine, ["note"])
        reader.exec_driver_sql("ROLLBACK")
    assert files_with(place[0], wanted)
    purge(engine, ["note"])
    assert files_with(place[0], wanted) == set()


def test_a_role_that_may_not_empty_the_journal_is_told(place: tuple[Path, str], engine: Engine, tmp_path: Path) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite knows no roles")
    with psycopg.connect(place[1], autocommit=True) as root:
        root.execute("CREATE ROLE app LOGIN")
        root.execute("CREATE DATABASE site OWNER app")
    address = place[1].replace("postgres@/postgres", "app@/site")
    engine_of_app, wanted = engine_of(address), secrets.token_hex(20)
    fill(engine_of_app, wanted)
    with pytest.raises(RefusedError) as refused:
        purge(engine_of_app, ["note"])
    assert refused.value.fault is PurgeFault.JOURNAL_CLOSED
    assert "pg_checkpoint" in str(refused.value)
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
    assert {name for name in files_with(place[0], wanted) if len(name) != 24} == set(), "the tables are clean"
    with live(tmp_path, SQLALCHEMY_DATABASE_URI=address) as app:
        told = app.test_cli_runner().invoke(main, ["db", "purge"])
    assert told.exit_code == 1
    assert "tables clean but journal closed to this role (needs pg_checkpoint" in told.output
    with psycopg.connect(place[1].replace("/postgres?", "/site?"), autocommit=True) as root:
        for right in RIGHTS.findall(OPERATIONS.read_text(encoding="utf-8")):
            root.execute(right.replace("buurtbegroot", "app"))
    purge(engine_of_app, ["note"])
    assert files_with(place[0], wanted) == set(), "the rights that the document names are enough"
    engine_of_app.dispose()


@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="the other half is SQLite's")
@pytest.mark.parametrize(("pragma", "raised"), [("query_only=1", OperationalError), ("", InUseError)])
def test_what_keeps_a_file_from_being_purged_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, raised: type[Exception]
) -> None:
    monkeypatch.setattr(purging, "WAIT_FOR_LOCK_MS", 10)
    place = tmp_path / "own.sqlite"
    own = create_engine(f"sqlite:///{place}")
    event.listen(own, "connect", lambda driver, _record: driver.execute(f"PRAGMA {pragma}") if pragma else None)
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("CREATE TABLE one (two)")
        if not pragma:
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(raised):
            purge(own, ["one"])
    own.dispose()
