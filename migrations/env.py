"""Runs migrations for the database of the app, or for the connection that is handed over."""

from alembic import context
from sqlalchemy import Connection, create_engine

from buurtbegroot.database import Model, UTCDateTime, prepare_engine
from buurtbegroot.house import ROOMS

assert ROOMS  # importing the rooms fills Model.metadata


def render(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types as plain ones, so that a migration does not change when they do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def run(connection: Connection) -> None:
    """Migrate over an open connection, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    prepare_engine(engine)
    with engine.begin() as opened:
        run(opened)
