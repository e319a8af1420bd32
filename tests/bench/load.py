"""A small load generator: so many keep-alive connections, for so long; rates, percentiles and CPU of process trees."""

import http.client
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil
import psycopg
from sqlalchemy import make_url

from tests.databases import server_uri


@dataclass(frozen=True)
class Measured:
    """One run: requests per second, the 95th percentile in ms, CPU ms per request of app and database, page size."""

    rate: float
    p95: float
    app_ms: float
    database_ms: float
    size: int


def backends(uri: str) -> list[psutil.Process]:
    """Return the processes of PostgreSQL that serve this database; none for SQLite, which works inside the app."""
    if make_url(uri).drivername == "sqlite":
        return []
    with psycopg.connect(server_uri(), autocommit=True) as connection:
        named = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        return [psutil.Process(pid) for (pid,) in connection.execute(named, [make_url(uri).database])]


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU time so far of these processes and all their children."""
    tree = {child.pid: child for process in processes for child in (process, *process.children(recursive=True))}
    total = 0.0
    for child in tree.values():
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return total


def measure(
    address: tuple[str, int], path: str, *, app: Sequence[psutil.Process], database: Sequence[psutil.Process],
    seconds: float, clients: int = 8,
) -> Measured:  # fmt: skip
    """Load one page; raises AssertionError on any answer but 200."""
    took: list[float] = []
    sizes: set[int] = set()
    until = time.monotonic() + seconds
    before = cpu_seconds(app), cpu_seconds(database)
    threads = [threading.Thread(target=_client, args=(address, path, until, took, sizes)) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    used = cpu_seconds(app) - before[0], cpu_seconds(database) - before[1]
    return Measured(
        rate=len(took) / spent,
        p95=statistics.quantiles(took, n=20)[-1] * 1000,
        app_ms=used[0] / len(took) * 1000,
        database_ms=used[1] / len(took) * 1000,
        size=max(sizes),
    )


def _client(address: tuple[str, int], path: str, until: float, took: list[float], sizes: set[int]) -> None:
    connection = http.client.HTTPConnection(*address)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("GET", path, headers={"Accept-Language": "nl"})
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{path}: {response.status}"
        took.append(time.monotonic() - began)
        sizes.add(len(body))
