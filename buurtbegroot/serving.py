"""The web server and the worker beside it, as processes of their own that are watched; what they do is the app's."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from threading import Event
from time import monotonic

APP = "buurtbegroot.gateway:create"
GATEWAY = ("--interface", "rsgi", "--factory", "--no-ws", "--http", "1")  # HTTP/2 has no limit on slow headers
LOOK_SECONDS, GRACE_SECONDS = 0.5, 30.0
LONGEST_PAUSE_SECONDS = 60.0
log = logging.getLogger(__name__)


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
            self._began, self._process = moment, subprocess.Popen(self._command)  # noqa: S603 - our own program

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """What runs now, or None between two lives."""
        return self._process


def serve(*, host: str, port: int, processes: int = 1) -> int:
    """Serve the app and keep a worker beside it until SIGTERM or SIGINT, or until the web server ends by itself.

    Returns what the web server ended with, 0 when it was told to. Its other options are granian's GRANIAN_* in the
    environment. Whoever calls this has no database open: nothing of it may reach the processes that are started.
    """
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    granian = [sys.executable, "-m", "granian", *GATEWAY, "--workers", str(processes), APP]
    environment = {"GRANIAN_LOG_LEVEL": "warning", **os.environ}
    web = subprocess.Popen([*granian, "--host", host, "--port", str(port)], env=environment)  # noqa: S603
    worker = Kept([sys.executable, "-m", "buurtbegroot", "work"])
    while web.poll() is None and not stopping.is_set():
        worker.look()
        stopping.wait(LOOK_SECONDS)
    ended = web.returncode or 0
    _end([each for each in (worker.process, web) if each is not None])
    return ended


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Tell processes to end, wait, and kill those that do not listen."""
    until = monotonic() + GRACE_SECONDS
    for each in processes:
        each.terminate()
    for each in processes:
        try:
            each.wait(timeout=max(0.1, until - monotonic()))
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()
