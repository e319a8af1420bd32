"""A request that only reads cannot write, whatever its code does, and does not notice that connections were cut."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from buurtbegroot.cli import main
from buurtbegroot.database import writing
from buurtbegroot.durability import unsafe_settings
from buurtbegroot.extensions import db
from buurtbegroot.work.worker import Worker
from tests.live import live

CUT = """SELECT pg_terminate_backend(pid, 10_000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    with live(tmp_path) as app, app.app_context():
        with writing():
            db.session.execute(text("CREATE TABLE note (words TEXT)"))
            db.session.commit()
        if db.engine.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                db.session.execute(text("INSERT INTO note VALUES ('a')"))
        else:
            db.session.execute(text("INSERT INTO note VALUES ('a')"))
        db.session.rollback()
        assert db.session.execute(text("SELECT count(*) FROM note")).scalar() == 0


def test_connections_that_were_cut_are_replaced(tmp_path: Path) -> None:
    with live(tmp_path) as app, app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("SQLite has no connection to cut")
        pooled = [db.engine.connect() for _ in range(3)]
        for connection in pooled:
            connection.close()
        with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string()) as other:
            other.execute(CUT)
        assert app.test_client().get("/plannen").status_code == 200
        for connection in [db.engine.connect() for _ in range(3)]:
            assert connection.scalar(text("SELECT 1")) == 1
            connection.close()


def test_a_write_sees_what_was_committed_before_each_statement(tmp_path: Path) -> None:
    """Making a code void waits for votes under way, and must see the vote that it waited for."""
    with live(tmp_path) as app, app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("SQLite has one writer at a time")
        url = db.engine.url.set(drivername="postgresql").render_as_string()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                f"ALTER DATABASE {db.engine.url.database} SET default_transaction_isolation TO 'repeatable read'"
            )
        db.engine.dispose()
        with writing():
            assert db.session.execute(text("SHOW transaction_isolation")).scalar() == "read committed"


def test_what_is_acknowledged_is_on_disk_whatever_the_database_is_set_to(tmp_path: Path) -> None:
    with live(tmp_path) as app, app.app_context():
        if db.engine.dialect.name != "postgresql":
            assert db.session.execute(text("PRAGMA synchronous")).scalar() == 2, "FULL"
            return
        url = db.engine.url.set(drivername="postgresql").render_as_string()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(f"ALTER DATABASE {db.engine.url.database} SET synchronous_commit TO off")
        db.engine.dispose()
        with writing():
            assert db.session.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_settings_that_lose_ballots_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Worker, "run", lambda _worker: None)
    with live(tmp_path) as app, app.app_context():
        assert app.test_cli_runner().invoke(main, ["work"]).exit_code == 0
        said = [record.getMessage() for record in caplog.records]
        if db.engine.dialect.name != "postgresql":
            assert (unsafe_settings(db.session()), said) == ([], [])
            return
        assert unsafe_settings(db.session()) == ["fsync"], "the server of the tests has it off"
        assert said == ["fsync is off in PostgreSQL: a ballot can be lost with the power."]
        found = app.test_cli_runner().invoke(main, ["fsck"])
        assert (found.exit_code, "database: fsync: off" in found.output) == (1, True)
