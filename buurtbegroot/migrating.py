"""Bringing a database to the tables of this version, and telling whether it is there; the steps are in migrations/."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from buurtbegroot.database import Model, writing
from buurtbegroot.guards import drop_guards, make_guards
from buurtbegroot.paths import MIGRATIONS
from buurtbegroot.purging import stop_statistics

RevisionError = CommandError
"""What is raised about a revision that nobody knows."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every step up to a revision, and make the guards of the tables anew, in one transaction."""
    with writing(), engine.begin() as connection:
        drop_guards(connection)
        command.upgrade(_config(connection), revision)
        if _revision_of(connection) == newest():
            make_guards(connection, Model.metadata)
            stop_statistics(connection, Model.metadata)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo every step down to a revision, in one transaction; the version gone back to makes its own guards again.

    Raises RevisionError.
    """
    with writing(), engine.begin() as connection:
        drop_guards(connection)
        command.downgrade(_config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest revision."""
    with engine.connect() as connection:
        return _revision_of(connection) == newest()


def newest() -> str | None:
    """Return the newest revision that this version knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: object) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
