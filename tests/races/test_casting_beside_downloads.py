"""Long files are made and read slowly while people vote: their ballots are taken as fast as without."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import pytest

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from tests.bench.casts import prepare
from tests.bench.load import Asked
from tests.databases import fresh_uri
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live
from tests.races.test_downloads import PATIENCE_SECONDS, many, reader
from tests.servers import Server, serving

WORKERS, STANDING, TRIES = 2, 4, 3
SLOWER = 2.0
"""How many times as long a cast may take, on a machine that is busy with other things too: 1.1 to 1.3 were measured.

Files that are made in the process of the cast make it take 2 to 3 times as long; what holds a lock or a connection
for a download makes casts wait for all of it, which is many times as long.
"""
LENGTHS = pytest.mark.parametrize(("turns", "casts"), [(2, 8), pytest.param(20, 50, marks=pytest.mark.nightly)])


@contextmanager
def slow_readers(server: Server) -> Iterator[None]:
    """Let some ask for a file, take its first kilobyte, and stand still."""
    with ExitStack() as crowd:
        for _ in range(STANDING):
            crowd.enter_context(reader(server, "/open-data/plannen.csv"))
        yield


@contextmanager
def files_made(server: Server) -> Iterator[None]:
    """Let one file after another be made, each of another choice, so that none lies ready."""
    is_over, number = threading.Event(), count()

    def ask() -> None:
        while not is_over.is_set():
            with urlopen(f"{server.url}/open-data/plannen.xlsx?jaar=20{next(number) % 90 + 10}&jaar=2026") as answer:
                assert answer.read()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        is_over.set()
        asking.join()


@pytest.mark.race
@LENGTHS
@pytest.mark.parametrize("kind", [pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"])
def test_no_download_slows_casting(kind: str, turns: int, casts: int, tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "INSTANCE": str(tmp_path),
        "SECRET_KEY": "test",
        "SESSION_COOKIE_SECURE": False,
        "SQLALCHEMY_DATABASE_URI": fresh_uri(tmp_path, kind),
        "RATELIMIT_ENABLED": False,
    }
    ballots = prepare(settings, voters=2 * turns * casts * TRIES * 2)
    with live(tmp_path, **settings) as app, app.app_context(), writing():
        areas = {code: db.session.get_one(Area, code) for code in ("E", "EA01", "EA02")}
        now = datetime.now(UTC)
        many(plan(db.session(), round_in(db.session(), Phase.SUBMISSION, areas=areas, now=now), now=now))
        db.session.commit()
    with serving(settings, workers=WORKERS) as server:
        for beside in (slow_readers, files_made):
            found: list[float] = []
            while len(found) < TRIES and (not found or min(found) > SLOWER):
                found.append(slower(server, ballots, partial(beside, server), turns=turns, casts=casts))
            print(f"{kind}, {beside.__name__}: {', '.join(f'{ratio:.2f}' for ratio in found)}")
            assert min(found) <= SLOWER, f"{beside.__name__}: casts take {min(found):.1f} times as long"


def slower(
    server: Server,
    ballots: Iterator[Asked],
    beside: Callable[[], AbstractContextManager[None]],
    *,
    turns: int,
    casts: int,
) -> float:
    """Return how many times as long a cast takes beside something, by medians of casts in turns with and without."""
    alone, together = list[float](), list[float]()
    for _ in range(turns):
        alone += [cast(server, next(ballots)) for _ in range(casts)]
        with beside():
            together += [cast(server, next(ballots)) for _ in range(casts)]
    return median(together) / median(alone)


def cast(server: Server, ballot: Asked) -> float:
    """Cast a ballot on a connection of its own, and return the seconds that it took."""
    connection = HTTPConnection(server.host, server.port, timeout=PATIENCE_SECONDS)
    began = time.perf_counter()
    connection.request(ballot.method, ballot.path, ballot.body, ballot.headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    connection.close()
    assert answer.status == ballot.status
    return took
