"""The web server and the worker beside it: both there, the worker again when it dies, and both gone at the end."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from buurtbegroot import serving
from buurtbegroot.extensions import db
from buurtbegroot.work.queries import job_of
from tests.live import live
from tests.servers import free_port

PATIENCE_SECONDS = 90
ENDS = [sys.executable, "-S", "-c", ""]
STAYS = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the watcher sees: a test changes the only one."""
    found = [0.0]
    monkeypatch.setattr(serving, "monotonic", lambda: found[0])
    return found


def starts(moments: list[float], command: list[str], *, seconds: int, lives: float = 0) -> list[float]:
    """Return at which seconds the command was started, when it ends at once; in so many seconds."""
    kept, began = serving.Kept(command), []
    while moments[0] < seconds:
        kept.look()
        if kept.process is not None:
            began.append(moments[0])
            kept.process.wait()
            moments[0] += lives
            kept.look()
        moments[0] += 1
    return began


def test_a_worker_that_ends_starts_again_ever_more_slowly(moments: list[float]) -> None:
    began = starts(moments, ENDS, seconds=200)
    assert began == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_worker_that_lived_long_starts_again_soon(moments: list[float]) -> None:
    began = starts(moments, ENDS, seconds=300, lives=61)
    assert [later - earlier for earlier, later in pairwise(began)] == [62] * (len(began) - 1)


def test_a_worker_that_lives_is_left_alone(moments: list[float]) -> None:
    kept = serving.Kept(STAYS)
    kept.look()
    process = kept.process
    assert process is not None
    moments[0] = 1000
    kept.look()
    assert kept.process is process
    process.kill()
    process.wait()


def test_it_ends_as_the_web_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.serving.sys.executable", "/bin/false")
    monkeypatch.setattr("buurtbegroot.serving.signal.signal", lambda *_: None)
    assert serving.serve(host="127.0.0.1", port=free_port()) == 1


@contextmanager
def served(folder: Path, port: int) -> Iterator[psutil.Popen]:
    """Run `buurtbegroot serve` on the database in a folder."""
    settings = {"BUURTBEGROOT_INSTANCE": str(folder), "BUURTBEGROOT_SECRET_KEY": "test"}
    command = [sys.executable, "-m", "buurtbegroot", "serve", "--port", str(port)]
    server = psutil.Popen(command, env={**os.environ, **settings})
    try:
        yield server
    finally:
        for each in [*server.children(recursive=True), server] if server.is_running() else []:
            each.kill()
        server.wait()


def worker_of(server: psutil.Popen) -> psutil.Process | None:
    living = (each for each in server.children() if each.status() != psutil.STATUS_ZOMBIE)
    return next((each for each in living if each.cmdline()[-1:] == ["work"]), None)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/gezond", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


@pytest.mark.race
@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="the same on every database")
def test_the_server_and_its_worker(tmp_path: Path) -> None:
    uri, port = f"sqlite:///{tmp_path}/buurtbegroot.sqlite", free_port()
    with live(tmp_path, SQLALCHEMY_DATABASE_URI=uri) as app, served(tmp_path, port) as server:

        def has_worked() -> bool:
            with app.app_context():
                job = job_of(db.session(), "votes.publish")
                return job is not None and job.ended_at is not None

        until(lambda: answers(port) and has_worked())
        first = worker_of(server)
        assert first is not None
        first.kill()
        until(lambda: (found := worker_of(server)) is not None and found.pid != first.pid)
        everyone = server.children(recursive=True)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
        assert psutil.wait_procs(everyone, timeout=10)[1] == []
