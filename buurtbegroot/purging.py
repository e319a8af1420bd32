"""Taking what was erased off the disk: tables written anew and the journal emptied, as far as the database lets us.

A deleted row stays in the files of a database: in free pages, in earlier versions of rows and in the journal of what
was written (`-wal`, `pg_wal`). docs/operations.md says what stays where for how long in spite of this.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from psycopg import sql
from psycopg.errors import LockNotAvailable
from sqlalchemy import DDL, JSON, Connection, Engine, Enum, LargeBinary, MetaData, String, event

from buurtbegroot.acts import Fault, RefusedError, insist

WAIT_FOR_LOCK_MS = 2_000  # others wait behind us as long
WAIT_FOR_READERS = 30  # seconds
NEEDED = "pg_checkpoint, and EXECUTE on pg_switch_wal() and pg_ls_waldir()"
UNCOUNTED = "out of statistics"
_OLDER = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND greatest(age(backend_xmin), age(backend_xid)) > age(%(own)s::xid))
        OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) > age(%(own)s::xid))
"""
_MAY_EMPTY = """
    SELECT pg_has_role('pg_checkpoint', 'USAGE') AND has_function_privilege('pg_switch_wal()', 'EXECUTE')
       AND has_function_privilege('pg_ls_waldir()', 'EXECUTE')
"""
_SEGMENTS = "SELECT count(*) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name "


class PurgeFault(Fault):
    """Why the journal of PostgreSQL still holds what was erased; the tables do not.

    JOURNAL_CLOSED: the role may not empty it. JOURNAL_KEPT: the server keeps old parts, for a replica or an archive.
    """

    JOURNAL_CLOSED = "tables_clean_but_journal_closed_to_this_role"
    JOURNAL_KEPT = "tables_clean_but_old_journal_kept"


class InUseError(Exception):
    """Somebody reads the database as it was before; a later try may find nobody."""


def purge(engine: Engine, tables: Iterable[str]) -> None:
    """Write tables anew and empty the journal; SQLite knows the whole file only, whichever table it is about.

    Raises RefusedError with a PurgeFault, and InUseError when a later try may succeed.
    """
    with _driver_of(engine) as driver:
        if engine.dialect.name == "sqlite":
            _purge_file(driver)
        else:
            _rewrite(driver, tables)
            _empty_journal(driver)


def rewrite(engine: Engine, tables: Iterable[str]) -> None:
    """Leave no earlier rows and no order of arrival in tables; SQLite keeps neither (`secure_delete`, no row ids)."""
    if engine.dialect.name != "sqlite":
        with _driver_of(engine) as driver:
            _rewrite(driver, tables)


def keep_out_of_statistics(metadata: MetaData, columns: Iterable[str]) -> None:
    """Let PostgreSQL keep no examples from these columns (`table.column`) for its planner, as far as they hold text."""
    kept: list[str] = metadata.info.setdefault(UNCOUNTED, [])
    for column in columns:
        table, _, name = column.partition(".")
        kind = metadata.tables[table].columns[name].type
        if isinstance(kind, String | JSON | LargeBinary) and not isinstance(kind, Enum):
            kept.append(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")
            uncounted = DDL(kept[-1]).execute_if(dialect="postgresql")  # type: ignore[no-untyped-call]
            event.listen(metadata, "after_create", uncounted)


def stop_statistics(connection: Connection, metadata: MetaData) -> None:
    """Do for tables that are there already what is done for those that are made."""
    if connection.dialect.name == "postgresql":
        for statement in metadata.info.get(UNCOUNTED, ()):
            connection.exec_driver_sql(statement)


@contextmanager
def _driver_of(engine: Engine) -> Iterator[Any]:
    """Lend a connection without a transaction around it: what is done here cannot be done inside one."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
        yield driver
    except LockNotAvailable as error:
        raise InUseError from error
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):  # a full disk is another matter
            raise
        raise InUseError from error
    finally:
        pooled.invalidate()  # how long it waits for locks was ours only
        pooled.close()


def _purge_file(driver: Any) -> None:
    driver.execute(f"PRAGMA busy_timeout={WAIT_FOR_LOCK_MS}")
    driver.execute("VACUUM")
    until = monotonic() + WAIT_FOR_READERS
    while driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if monotonic() > until:
            raise InUseError
        sleep(0.2)  # for who wants to write: the attempt above keeps others waiting


def _rewrite(driver: Any, tables: Iterable[str]) -> None:
    _wait_for_readers(driver)
    driver.execute(f"SET lock_timeout TO {WAIT_FOR_LOCK_MS}")
    for table in tables:
        names = {"table": sql.Identifier(table), "key": sql.Identifier(f"pk_{table}")}
        driver.execute(sql.SQL("CLUSTER {table} USING {key}").format(**names))


def _wait_for_readers(driver: Any) -> None:
    """Wait until nobody reads as of before this moment: rows that somebody may still read would be copied along."""
    own = driver.execute("SELECT pg_current_xact_id()::xid::text").fetchone()[0]
    until = monotonic() + WAIT_FOR_READERS
    while driver.execute(_OLDER, {"own": own}).fetchone()[0]:
        if monotonic() > until:
            raise InUseError
        sleep(0.2)


def _empty_journal(driver: Any) -> None:
    """Let every file of the journal that holds something of before be deleted, or filled anew.

    A checkpoint keeps old files under new names, to be written over one day: each of them is begun and filled up with
    nothing. So there are as many rounds as files wait, not a fixed number.
    """
    if not driver.execute(_MAY_EMPTY).fetchone()[0]:
        raise RefusedError(PurgeFault.JOURNAL_CLOSED, needs=NEEDED)
    first = _next_file(driver)
    driver.execute("CHECKPOINT")
    for _ in range(driver.execute(f"{_SEGMENTS} > %s", (first,)).fetchone()[0] + 1):
        _next_file(driver)
    driver.execute("CHECKPOINT")
    kept = driver.execute(f"{_SEGMENTS} < %s", (first,)).fetchone()[0]
    insist(kept == 0, PurgeFault.JOURNAL_KEPT, files=kept)


def _next_file(driver: Any) -> str:
    """Fill the current file of the journal up, begin the next one and return its name."""
    driver.execute("SELECT pg_switch_wal()")
    driver.execute("SELECT pg_logical_emit_message(false, 'purge', '')")
    return str(driver.execute("SELECT pg_walfile_name(pg_current_wal_insert_lsn())").fetchone()[0])
