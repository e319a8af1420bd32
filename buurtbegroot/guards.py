"""Database triggers that refuse what must never change, whoever writes and with whatever program; no Flask.

Each room lists its guards beside its tables. They are made with the tables, and made anew after every migration, so
that what the code says is what the database holds.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import DDL, Connection, MetaData, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

ALWAYS = "1 = 1"
GUARDS = "guards"
_FOUND = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'guard\\_%'",
}
_LOCKED = {"INSERT": "NEW.round_id", "DELETE": "OLD.round_id", "UPDATE": "OLD.round_id, NEW.round_id"}


@dataclass(frozen=True)
class Guard:
    """One act on a table that is refused when `when` holds, an SQL condition on NEW and OLD for both databases.

    It is looked at only where `changes` holds. With `waits`, PostgreSQL first waits for whoever is changing the round
    of the row, and then sees what became of it. TRUNCATE is always refused, and only PostgreSQL has it.
    """

    table: str
    act: str
    when: str
    refusal: str
    changes: str = ALWAYS
    waits: bool = False

    @property
    def name(self) -> str:
        """The name of the trigger."""
        return f"guard_{self.table}_{self.act.lower()}"

    def statements(self, dialect: str) -> list[str]:
        """Return what creates the trigger; `dialect` is sqlite or postgresql."""
        on = f"CREATE TRIGGER {self.name} BEFORE {self.act} ON {self.table}"
        if dialect == "sqlite":
            holds = f"({self.changes}) AND ({self.when})"
            refuse = f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
            return [] if self.act == "TRUNCATE" else [f"{on} WHEN {holds} {refuse}"]
        each = "STATEMENT" if self.act == "TRUNCATE" else "ROW"
        function = f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {self._body()} $$"
        return [function, f"{on} FOR EACH {each} EXECUTE FUNCTION {self.name}()"]

    def _body(self) -> str:
        row = "OLD" if self.act == "DELETE" else "NEW"
        lock = f"PERFORM 1 FROM round WHERE id IN ({_LOCKED[self.act]}) FOR SHARE; " if self.waits else ""
        refuse = f"IF {self.when} THEN RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'; END IF; "
        return f"BEGIN IF {self.changes} THEN {lock}{refuse}END IF; RETURN {row}; END"


@contextmanager
def held_to_keys(session: Session, error: Exception) -> Iterator[None]:
    """Write what is changed inside; raises `error`, with none of it written, where a key forbids that."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as forbidden:
        raise error from forbidden


def round_has(condition: str, row: str) -> str:
    """Say in SQL that the round of a row, NEW or OLD, fulfils a condition."""
    return f"EXISTS (SELECT 1 FROM round WHERE round.id = {row}.round_id AND {condition})"  # noqa: S608 - our own text


def any_changed(columns: Iterable[str], *, as_text: bool = False) -> str:
    """Say in SQL that a column changes; as text where a column holds JSON, which PostgreSQL cannot compare."""
    form = "CAST({row}.{name} AS TEXT)" if as_text else "{row}.{name}"
    pairs = ((form.format(row="NEW", name=name), form.format(row="OLD", name=name)) for name in columns)
    return f"({' OR '.join(f'{new} IS DISTINCT FROM {old}' for new, old in pairs)})"


def attach_guards(metadata: MetaData, guards: Iterable[Guard]) -> None:
    """Make a room's guards whenever the tables are made."""
    kept: list[Guard] = metadata.info.setdefault(GUARDS, [])
    for guard in guards:
        kept.append(guard)
        for dialect in ("sqlite", "postgresql"):
            for statement in guard.statements(dialect):
                trigger = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
                event.listen(metadata, "after_create", trigger)


def drop_guards(connection: Connection) -> None:
    """Take all guards away, those that the code does not know any more too."""
    dialect = connection.dialect.name
    for name, table in connection.execute(text(_FOUND[dialect])).all():
        if dialect == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
            connection.exec_driver_sql(f"DROP FUNCTION {name}()")


def make_guards(connection: Connection, metadata: MetaData) -> None:
    """Make the guards of all rooms."""
    for guard in metadata.info.get(GUARDS, ()):
        for statement in guard.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
