"""Downloads whose readers go away or stand still: nothing is held for them, and everybody else is served as before."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.core.phases import Phase
from buurtbegroot.database import engine_options, writing
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.tables.files import forms_of
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import open_vote
from tests.live import live, ready_uri
from tests.servers import Server, serving

BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
MANY = 900  # plans: a file that is longer than what is sent from memory
STANDING = 12
KEPT = 20  # long answers, says gateway
ABORTS = pytest.mark.parametrize("aborts", [3, pytest.param(200, marks=pytest.mark.nightly)])  # of each file
PAGES = ("/gezond", "/plannen", "/open-data")
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class City:
    """The settings of a server that has one connection to its database, and the addresses of all its files."""

    settings: dict[str, object]
    files: list[str]


@contextmanager
def big_city(kind: str, folder: Path) -> Iterator[City]:
    """Yield a city with many plans and a certified vote."""
    uri = ready_uri(folder, kind)
    one = {**engine_options(uri), "pool_size": 1, "max_overflow": 0, "pool_timeout": 5}
    own = {"SQLALCHEMY_DATABASE_URI": uri, "SQLALCHEMY_ENGINE_OPTIONS": one, "KEY_DIRECTORY": f"{folder}/keys"}
    with live(folder, **own) as app:
        with app.app_context(), writing():
            session, now, areas = db.session(), datetime.now(UTC), small_city(db.session())
            vote = open_vote(session, folder, areas=areas, now=now).cast_all([[0], [1], [0]]).finish()
            many(plan(session, round_in(session, Phase.SUBMISSION, areas=areas, now=now), now=now))
            session.commit()
            slug = vote.round.slug
        settings = {"INSTANCE": str(folder), "SECRET_KEY": "test", "RATELIMIT_ENABLED": False, **own}
        yield City({**settings, "SESSION_COOKIE_SECURE": False}, _files(app, slug))


def many(first: Proposal) -> None:
    """Add many plans like this one."""
    columns = [column for column in Proposal.__table__.columns if column.name not in {"id", "number", "summary"}]
    row = db.session.execute(select(*columns).where(Proposal.id == first.id)).one()
    same = dict(zip((column.name for column in columns), row, strict=True))
    rows = [{**same, "number": number, "summary": "x" * 280} for number in range(2, MANY)]
    db.session.execute(Proposal.__table__.insert(), rows)  # type: ignore[attr-defined]


def _files(app: Flask, slug: str) -> list[str]:
    """Return the address of every file that a visitor can have."""
    names = {"slug": slug, "size": 3, "name": "leaves.txt", "filename": "dist/manifest.json"}
    adapter = app.url_map.bind("localhost")
    rules = [each for each in app.url_map.iter_rules() if each.arguments <= set(names)]
    paths = [adapter.build(each.endpoint, {name: names[name] for name in each.arguments}) for each in rules]
    files = [path for path in paths if "." in path.split("/")[-1]]
    files += [f"/open-data/{name}-machine.csv" for name in DATA_SETS]
    files += [f"/open-data/plannen{form.ending}" for form in forms_of(has_places=True)]
    files += [f"/open-data/reacties{form.ending}" for form in forms_of(has_places=False)]
    return [path for path in files if app.test_client().get(path, buffered=True).status_code == 200]


@contextmanager
def reader(server: Server, path: str) -> Iterator[None]:
    """Ask for a file, read its first kilobyte, and stand still until the block ends; then go away."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect((server.host, server.port))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 200")
        yield


def leave(server: Server, path: str) -> None:
    """Ask for a file and go away before there is an answer."""
    with socket.create_connection((server.host, server.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())


def statuses(server: Server) -> list[int]:
    found = []
    for path in PAGES:
        with urlopen(server.url + path, timeout=PATIENCE_SECONDS) as answer:
            found.append(answer.status)
    return found


def held(server: Server, folder: Path) -> list[str]:
    """Return which files in a folder the processes of a server have open."""
    found = []
    for process in server.process.children(recursive=True):
        for number in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(os.readlink(number))
    return [each for each in found if each.startswith(str(folder))]


@pytest.mark.race
@BOTH
@ABORTS
def test_who_breaks_off_a_download_leaves_nothing_behind(
    aborts: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setenv("TMPDIR", str(waiting))
    with big_city(kind, tmp_path) as city, serving(city.settings) as server:
        assert len(city.files) >= 16, city.files
        for path in islice(cycle(city.files), aborts * len(city.files)):
            with reader(server, path):
                pass
        for path in city.files:
            leave(server, path)
        assert statuses(server) == [200] * len(PAGES)
        with ExitStack() as crowd:
            for _ in range(STANDING):
                crowd.enter_context(reader(server, "/open-data/plannen.csv"))
            assert statuses(server) == [200] * len(PAGES)
        until = time.monotonic() + PATIENCE_SECONDS
        while left := held(server, waiting):
            assert time.monotonic() < until, left
            time.sleep(0.05)
        kept = len([path for path in waiting.glob("buurtbegroot-*/**/*") if path.is_file()])
        assert 5 <= kept <= KEPT, "each long file once, but those that say when they were made, and no more than KEPT"
    assert list(waiting.iterdir()) == []
