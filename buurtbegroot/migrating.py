"""Bringing a database to the tables of this version, and telling whether it is there; the steps are in migrations/."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from buurtbegroot.database import writing
from buurtbegroot.paths import MIGRATIONS


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every step up to a revision, in one transaction."""
    with writing(), engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Undo every step down to a revision, in one transaction."""
    with writing(), engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest revision."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def newest() -> str | None:
    """Return the newest revision that this version knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _config(connection: object) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
