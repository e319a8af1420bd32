"""The base of every model, the column types of the house and the engine set-up per dialect; no Flask and no tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from secrets import randbelow
from select import POLLIN, poll
from time import monotonic, sleep
from typing import Annotated, Any

from psycopg import ServerCursor
from psycopg.pq import TransactionStatus
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Enum, Integer, MetaData, event, inspect, select, text
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.types import TypeDecorator

from buurtbegroot.acts import ChangedSinceError, require

LONGEST_WAIT = 8  # seconds for a lock or a connection; then it is a 503, so that a visitor knows within ten seconds
IN_MEMORY = {"sqlite://", "sqlite:///:memory:"}  # one connection for all, so nobody waits for another
QUICK_MS = 10
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}  # seconds, seconds, times

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; refuses naive values, so a local time cannot slip in unseen."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raise ValueError on a naive moment; store the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give every moment back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Cents = Annotated[int, mapped_column(BigInteger)]
Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


class Model(DeclarativeBase):
    """What every table inherits: names for constraints, and columns from Python types."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it once)
        datetime: UTCDateTime,
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


class Versioned:
    """A stored thing that people edit: each change of its row counts the version up, and none is written over unseen.

    What belongs to the thing (cost lines, pots, dates) counts as the thing: whoever changes it takes `lock_as_seen`.
    """

    version: Mapped[int] = mapped_column(server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy gives the class
        return {"version_id_col": cls.version}


def lock_as_seen(session: Session, thing: Versioned, *, seen: int) -> None:
    """Lock a thing that is about to change, freshly read; the flush gives it its next version, whatever changes of it.

    `seen` is the version that whoever acts had on the page. Raises ChangedSinceError when the thing has another one by
    now, NotAllowedError when it is gone.
    """
    lock_unchanged(session, thing, seen=seen)
    mapper = inspect(type(thing))
    others = (column for column in mapper.local_table.columns if not column.primary_key and column.key != "version")
    flag_modified(thing, next(others).key)


def lock_unchanged(session: Session, thing: Versioned, *, seen: int) -> None:
    """Lock a thing that an act is about and leaves as it is; raises as `lock_as_seen` does.

    Rows that refer to it may come meanwhile: else two who add one each and then count them would wait for each other.
    """
    mapper = inspect(type(thing))
    key = zip(mapper.primary_key, inspect(thing).identity, strict=True)
    one = select(type(thing)).where(*(column == value for column, value in key))
    row = one.with_for_update(of=type(thing), key_share=True)
    require(session.scalar(row.execution_options(populate_existing=True)) is not None, hidden=True)
    if thing.version != seen:
        raise ChangedSinceError


_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing(intent: bool = True) -> Iterator[None]:
    """Say that transactions begun inside will write: SQLite then takes its lock at BEGIN, never halfway.

    PostgreSQL refuses to write in transactions that were begun outside.
    """
    token = _writing.set(intent)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def snapshot(session: Session) -> Iterator[None]:
    """See all that is read inside as it was at one moment; the session must not have read anything yet."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    with writing(on_postgresql):  # SQLite sees one moment from its first read on
        if on_postgresql and not session.connection().in_nested_transaction():  # inside another one it would be late
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield


def engine_options(uri: str) -> dict[str, Any]:
    """Engine arguments for a database address; SQLite hands transactions over to `prepare_engine`.

    Errors never show the values of a statement: they go to a log, and a ballot or a name has no business there.
    """
    if uri in IN_MEMORY:
        return {"hide_parameters": True, "connect_args": {"isolation_level": None}}
    always = {"hide_parameters": True, "pool_timeout": LONGEST_WAIT}
    if uri.startswith("sqlite"):
        return {**always, "connect_args": {"isolation_level": None, "timeout": LONGEST_WAIT}}
    # Whoever waits for a lock must then see what the other wrote, whatever the server's own default is.
    isolation = r"-c default_transaction_isolation=read\ committed"
    # A ballot that is acknowledged is on disk, also where the database or the role has this off.
    options = f"-c lock_timeout={LONGEST_WAIT}s -c timezone=UTC -c synchronous_commit=on {isolation}"
    return {**always, "connect_args": {"options": options, **KEEPALIVE}}


def prepare_engine(engine: Engine) -> None:
    """Make SQLite durable, checked and honest about transactions, and PostgreSQL strict about writing."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_on_sqlite)
        event.listen(engine, "checkin", _let_go)
    else:
        event.listen(engine, "connect", _hold_to_reading)
        event.listen(engine, "checkout", _refuse_dead)
        event.listen(engine, "begin", _begin_on_postgresql)
        event.listen(engine, "before_cursor_execute", _begin_for_a_stream)


def _set_pragmas(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _let_go(connection: Any, _record: object) -> None:
    """Give up the lock of a transaction whose COMMIT failed: closing its session leaves it open."""
    if connection is not None:
        connection.rollback()


def _begin_on_sqlite(connection: Any) -> None:
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={QUICK_MS}")
    try:
        _take_the_lock(connection)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={LONGEST_WAIT * 1000}")


def _take_the_lock(connection: Any) -> None:
    """Ask for the one writing place every few milliseconds.

    SQLite's own waiting pauses longer and longer, so that of many writers some never get their turn.
    """
    until = monotonic() + LONGEST_WAIT
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if "locked" not in str(error.orig) or monotonic() > until:
                raise
            sleep(randbelow(QUICK_MS) / 1000)
        else:
            return


def _hold_to_reading(driver: Any, _record: object) -> None:
    driver.autocommit = True
    driver.execute("SET default_transaction_read_only TO on")
    driver.read_only = False  # a transaction that is begun, is begun to write


def _refuse_dead(driver: Any, _record: object, _proxy: object) -> None:
    """Let the pool replace its connections when this one has something to tell unasked: that it was closed.

    Looking costs no round trip. A server that vanished without a word is noticed by the keepalives.
    """
    if driver.closed or _said_something(driver):
        raise InvalidatePoolError


def _said_something(driver: Any) -> bool:
    unread = poll()
    unread.register(driver, POLLIN)
    return bool(unread.poll(0))


def _begin_on_postgresql(connection: Any) -> None:
    """Begin a transaction for writing only.

    A statement that reads sees one moment by itself, just as inside a transaction that is READ COMMITTED.
    """
    driver, reads = connection.connection.dbapi_connection, not _writing.get()
    if driver.autocommit is not reads:
        driver.autocommit = reads


def _begin_for_a_stream(connection: Any, cursor: object, *_statement: object) -> None:
    """Begin a transaction for rows that are fetched bit by bit; COMMIT or ROLLBACK ends it like any other."""
    driver = connection.connection.dbapi_connection
    if isinstance(cursor, ServerCursor) and driver.info.transaction_status is TransactionStatus.IDLE:
        driver.execute("BEGIN READ ONLY")
