"""What a database server must not have turned off, so that an acknowledged ballot outlives a loss of power."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def unsafe_settings(session: Session) -> list[str]:
    """Return the settings of a server that are off, without which an acknowledged ballot can be lost with the power."""
    if session.get_bind().dialect.name != "postgresql":
        return []  # what SQLite needs is set with each connection
    off = text("SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'")
    return sorted(session.scalars(off))
