"""A small load generator: so many keep-alive connections, for so long; rates, percentiles and CPU of process trees."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import psycopg
from sqlalchemy import make_url

from tests.databases import server_uri
from tests.servers import Server


@dataclass(frozen=True)
class Measured:
    """One run: requests per second, the 95th percentile in ms, CPU ms per request of app and database, page size."""

    rate: float
    p95: float
    app_ms: float
    database_ms: float
    size: int


@dataclass(frozen=True)
class Asked:
    """A request and the answer that it must get: its status and where it leads to."""

    path: str
    method: str = "GET"
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    leads_to: str = ""


def backends(uri: str) -> list[psutil.Process]:
    """Return the processes of PostgreSQL that serve this database; none for SQLite, which works inside the app."""
    if make_url(uri).drivername == "sqlite":
        return []
    with psycopg.connect(server_uri(), autocommit=True) as connection:
        named = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        found: list[psutil.Process] = []
        for (pid,) in connection.execute(named, [make_url(uri).database]):
            with suppress(psutil.NoSuchProcess):  # it ended since, such as what tidies up tables
                found.append(psutil.Process(pid))
        return found


def cpu_seconds(processes: Sequence[psutil.Process]) -> dict[psutil.Process, float]:
    """Return the CPU time so far of each of these processes and all their children, but for those that ended."""
    found: dict[psutil.Process, float] = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a connection that the app gave up takes its process with it
            for each in (process, *process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    found[each] = sum(each.cpu_times()[:2])
    return found


def spent_since(before: dict[psutil.Process, float], processes: Sequence[psutil.Process]) -> float:
    """Return what these processes and their children spent since `before`; one that ended counts for nothing.

    What it did until then nobody can ask any more, and what it had before must not count as less than nothing.
    """
    return sum(now - before.get(each, 0.0) for each, now in cpu_seconds(processes).items())


def measure(
    server: Server, asked: Iterator[Asked], *, seconds: float, database: Sequence[psutil.Process] = (), clients: int = 8
) -> Measured:
    """Send requests until the time is over or there are no more; raises AssertionError on another answer than asked."""
    took: list[float] = []
    sizes: set[int] = set()
    until = time.monotonic() + seconds
    before = cpu_seconds([server.process]), cpu_seconds(database)
    threads = [threading.Thread(target=_client, args=(server, asked, until, took, sizes)) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    used = spent_since(before[0], [server.process]), spent_since(before[1], database)
    return Measured(
        rate=len(took) / spent,
        p95=statistics.quantiles(took, n=20)[-1] * 1000,
        app_ms=used[0] / len(took) * 1000,
        database_ms=used[1] / len(took) * 1000,
        size=max(sizes),
    )


def _client(server: Server, asked: Iterator[Asked], until: float, took: list[float], sizes: set[int]) -> None:
    connection = http.client.HTTPConnection(server.host, server.port)
    while time.monotonic() < until and (it := next(asked, None)):
        began = time.monotonic()
        connection.request(it.method, it.path, it.body, {"Accept-Language": "nl", **it.headers})
        response = connection.getresponse()
        body = response.read()
        answer = response.status, response.headers.get("Location", "")
        assert answer == (it.status, it.leads_to), f"{it.path}: {answer}"
        took.append(time.monotonic() - began)
        sizes.add(len(body))


@dataclass(frozen=True)
class Compared:
    """What was measured turn by turn, beside a reference; every figure is the median of the turns."""

    turns: Sequence[tuple[Measured, Measured]]

    def own(self, figure: str) -> float:
        """A figure of what is measured."""
        return float(statistics.median(getattr(own, figure) for own, _ in self.turns))

    def bare(self, figure: str) -> float:
        """A figure of the reference."""
        return float(statistics.median(getattr(bare, figure) for _, bare in self.turns))

    @property
    def ratio(self) -> float:
        """How many requests a second are answered for each one of the reference."""
        return statistics.median(own.rate / bare.rate for own, bare in self.turns)
