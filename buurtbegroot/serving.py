"""The web server and the worker beside it, as processes of their own that are watched; what they do is the app's."""

import ctypes
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Event
from time import monotonic

import click

APP = "buurtbegroot.gateway:create"
GATEWAY = ("--interface", "rsgi", "--factory", "--no-ws", "--http", "1")  # HTTP/2 has no limit on slow headers
LOOK_SECONDS, GRACE_SECONDS = 0.5, 30.0
LONGEST_PAUSE_SECONDS = 60.0
QUIETLY = {"GRANIAN_LOG_LEVEL": "warning", "GRANIAN_WORKERS_KILL_TIMEOUT": "25"}  # seconds, less than our own grace
STOPS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1
log = logging.getLogger(__name__)


class AddressError(click.ClickException):
    """The site cannot be served where it should: somebody else listens there, or it is not ours to listen on."""


class Kept:
    """A command that is started again whenever it ends, after 1 second, then 2, 4, at most 60; a long life forgives."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._began, self._pause, self._due = 0.0, 1.0, 0.0

    def look(self) -> None:
        """Start it if it does not run and the pause is over."""
        moment = monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            log.warning("the worker ended with %s; it starts again", self._process.returncode)
            self._pause = 1.0 if moment - self._began > LONGEST_PAUSE_SECONDS else self._pause
            self._due, self._pause = moment + self._pause, min(LONGEST_PAUSE_SECONDS, self._pause * 2)
            self._process = None
        if moment >= self._due:
            self._began, self._process = moment, _start(self._command)

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """What runs now, or None between two lives."""
        return self._process


def serve(*, host: str, port: int, processes: int = 1) -> int:
    """Serve the app and keep a worker beside it until SIGTERM or SIGINT, or until the web server ends by itself.

    Returns what the web server ended with, 0 when it was told to. Its other options are granian's GRANIAN_* in the
    environment. Whoever calls this has no database open: nothing of it may reach the processes that are started.
    Raises AddressError.
    """
    _require_free(host, port)
    stopping = Event()
    for number in STOPS:
        signal.signal(number, lambda *_: stopping.set())
    size = ["--workers", str(processes), "--host", host, "--port", str(port)]
    web = _start(_watched("granian", *GATEWAY, *size, APP), environment={**QUIETLY, **os.environ})
    worker = Kept(_watched("buurtbegroot", "work"))
    while web.poll() is None and not stopping.is_set():
        worker.look()
        stopping.wait(LOOK_SECONDS)
    ended = web.returncode or 0
    _end([each for each in (worker.process, web) if each is not None])
    return ended


def _require_free(host: str, port: int) -> None:
    """Raise AddressError when the web server could not listen here; it would say so in a traceback."""
    if "GRANIAN_UDS" in os.environ:  # then it listens on a socket in the file system
        return
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressError(f"the site cannot listen on {host}, port {port}: {error.strerror}") from error


def _start(command: list[str], *, environment: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Start a command as the leader of a group of its own, so that all that it starts can be ended with it."""
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own program


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Tell processes to end, wait, and kill what is left of them and of all that they started."""
    until = monotonic() + GRACE_SECONDS
    for each in processes:
        each.terminate()
    for each in processes:
        with suppress(subprocess.TimeoutExpired):
            each.wait(timeout=max(0.1, until - monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(each.pid, signal.SIGKILL)
        each.wait()


def _watched(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module as `python -m` does, but ends when this process does."""
    return [sys.executable, "-m", "buurtbegroot.serving", str(os.getpid()), module, *arguments]


def _run_watched() -> None:
    """Run what `_watched` says. What that forks is ended with it, and while it starts too.

    Of granian a fork keeps the handlers of its parent until it has read the app: until then it heard no SIGTERM.
    """
    parent, sys.argv = int(sys.argv[1]), sys.argv[2:]
    os.register_at_fork(after_in_child=_begin_as_child)
    _end_with_parent()
    if os.getppid() == parent:  # else it died before we asked to be told
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _begin_as_child() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    _end_with_parent()


def _end_with_parent() -> None:
    """Have this process told to end when its parent dies, however that is; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    _run_watched()
