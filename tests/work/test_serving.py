"""The web server and the worker beside it: both there, the worker again when it dies, and both gone at the end."""

import os
import signal
import socket
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
from click.testing import CliRunner

from buurtbegroot import serving
from buurtbegroot.cli import main
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


def kill_left(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return which of these processes do not end by themselves, and end them."""
    left: list[psutil.Process] = psutil.wait_procs(processes, timeout=10)[1]
    for each in left:
        each.kill()
    return left


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
                job = job_of(db.session(), "audit.sign")
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


def web_servers(server: psutil.Popen) -> int:
    """Count the processes of the web server: the one that was started, and its fork."""
    return sum("granian" in each.cmdline() for each in server.children(recursive=True))


@pytest.mark.race
@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="the same on every database")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_server_that_is_stopped_while_it_starts(tmp_path: Path, stop: signal.Signals) -> None:
    with live(tmp_path), served(tmp_path, free_port()) as server:
        until(lambda: web_servers(server) == 2)
        everyone = server.children(recursive=True)
        server.send_signal(stop)
        assert server.wait(timeout=20) == (0 if stop is signal.SIGTERM else -stop)
        assert kill_left(everyone) == []


@pytest.mark.race
@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="the same on every database")
def test_nothing_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    port = free_port()
    with live(tmp_path), served(tmp_path, port) as server:
        until(lambda: answers(port) and worker_of(server))
        everyone = server.children(recursive=True)
        server.kill()
        server.wait()
        assert kill_left(everyone) == []
        assert not answers(port)


def test_two_servers_on_one_port_are_one_too_many() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = CliRunner().invoke(main, ["serve", "--port", port])
    assert (done.exit_code, done.output) == (
        1,
        f"Error: the site cannot listen on 127.0.0.1, port {port}: Address already in use\n",
    )


@pytest.mark.parametrize("arguments", [["--host", "192.0.2.1"], ["--port", "99999"], ["--port", "-1"]])
def test_where_nobody_can_listen_is_said_in_a_sentence(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, ["serve", *arguments])
    assert done.exit_code in {1, 2}
    assert done.output.splitlines()[-1].startswith("Error: ")
    assert isinstance(done.exception, SystemExit)


def test_what_is_left_of_a_group_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACE_SECONDS", 0.5)
    deaf = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); time.sleep(60)"
    process = vars(serving)["_start"]([sys.executable, "-S", "-c", deaf])
    until(lambda: psutil.Process(process.pid).children())
    family = [*psutil.Process(process.pid).children(), psutil.Process(process.pid)]
    vars(serving)["_end"]([process])
    assert kill_left(family) == []
