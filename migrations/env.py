"""Runs migrations over the connection that is handed over, or for alembic's own command on the app's database."""

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from buurtbegroot.app import create_app
from buurtbegroot.database import Model, UTCDateTime, writing
from buurtbegroot.extensions import db
from buurtbegroot.house import ROOMS

assert ROOMS  # importing the rooms fills Model.metadata


def render(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types as plain ones, so that a migration does not change when they do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def number(_context: object, _revision: object, scripts: list[MigrationScript]) -> None:
    """Give a new revision the next number, so that files sort in the order in which they run."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for script in scripts:
        script.rev_id = f"{int(head or 0) + 1:04}"


def run(connection: Connection) -> None:
    """Migrate over an open connection, in one transaction; batches, for SQLite alters no table in place."""
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        process_revision_directives=number,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_app().app_context(), writing(), db.engine.begin() as opened:
        run(opened)
