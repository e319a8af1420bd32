"""What the app answers to a request, whole before any of it is sent: made in a thread, or in a process beside it."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from time import monotonic, time
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from buurtbegroot.owner_files import OWNER_FOLDER
from buurtbegroot.web.access import PRIVATE

SENT_FROM_MEMORY = 250_000  # bytes of an answer; a longer one that everyone may have is sent from a file
FILES_KEPT = 20
OPENED_WITHIN = 60  # seconds
LESS_PRIORITY = 10  # how nice a process is that makes files
ERRORS = "wsgi.errors"  # the one thing of a request that stays in its process
PROCESSES = get_context("spawn")
LONGEST, AGAIN_AFTER = 600, 30  # seconds that a file may take; after which to ask again
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What the app answers, whole; `body` is in memory, or the path of the file that it stands in."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | str


class Files:
    """The last large answers, each in a file that all who get the same read; who has begun goes on when it is gone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: dict[Path, float] = {}
        self._one_at_a_time = Lock()

    def keep(self, parts: Iterable[bytes]) -> bytes | str:
        """Return what is short as it is, and of what is long where it stands, having written it part by part.

        It stays for as long as opening it takes.
        """
        begun, size, left = list[bytes](), 0, iter(parts)
        for part in left:
            begun.append(part)
            size += len(part)
            if size > SENT_FROM_MEMORY:
                return str(self._written(chain(begun, left)))
        return b"".join(begun)

    def forget_old(self) -> None:
        """Throw away what a process that died has left."""
        for left in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < time() - OPENED_WITHIN:
                    left.unlink()

    def _written(self, parts: Iterable[bytes]) -> Path:
        self._folder.mkdir(
            mode=OWNER_FOLDER, parents=True, exist_ok=True
        )  # it may be tidied away with what else lay in /tmp for long
        content = sha256()
        with NamedTemporaryFile(dir=self._folder, delete=False) as file:
            own = Path(file.name)
            try:
                for part in parts:
                    content.update(part)
                    file.write(part)
            except BaseException:
                own.unlink(missing_ok=True)
                raise
        return self._shared(own, self._folder / content.hexdigest())

    def _shared(self, own: Path, path: Path) -> Path:
        moment = monotonic()
        with self._one_at_a_time:
            own.replace(path)  # who reads one that was there goes on with that
            self._asked.pop(path, None)
            self._asked[path] = moment
            for old in [*self._asked][:-FILES_KEPT]:
                if moment - self._asked[old] > OPENED_WITHIN:
                    old.unlink(missing_ok=True)
                    del self._asked[old]
        return path


def answer_of(made_by: Callable[..., Iterable[bytes]], environ: dict[str, Any], files: Files) -> Answer:
    """Let a WSGI app make the whole answer, within this thread, and close what it opened."""
    status, headers = "", [("", "")]

    def start(line: str, given: Sequence[tuple[str, str]], _error: object = None) -> Any:
        nonlocal status, headers
        status, headers = line, list(given)

    chunks = made_by(environ, start)
    try:
        body = b"".join(chunks) if environ.get(PRIVATE) else files.keep(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return Answer(int(status[:3]), headers, body)


class Maker:
    """A process that makes files one after the other, at a lower priority: no page and no ballot waits for a file.

    It starts with the first file and ends with this process, or when a file takes longer than `LONGEST`. Its app is
    that of `make_app`, a function of a module. One thread uses it.
    """

    def __init__(self, make_app: Callable[[], Flask], folder: Path) -> None:
        self._make_app, self._folder = make_app, folder
        self._pipe: Connection | None = None
        self._process: SpawnProcess | None = None
        self._is_closed = False

    def answer(self, environ: Mapping[str, Any]) -> Answer:
        """Return the answer to a request; raises ServiceUnavailable when the process died of it or cannot start."""
        try:
            pipe = self._living()
            pipe.send({name: each for name, each in environ.items() if name != ERRORS})
            answer: Answer | None = pipe.recv()
        except (EOFError, OSError):
            self._pipe = None
            log.warning("no file was made: the process that makes them ended or could not start")
            raise ServiceUnavailable(retry_after=AGAIN_AFTER) from None
        if answer is None:
            raise InternalServerError
        return answer

    def _living(self) -> Connection:
        """Return the way to a process that lives; raises OSError."""
        if self._is_closed:
            raise BrokenPipeError
        if self._pipe is None or self._pipe.poll():  # there is nothing to read between two files but that it ended
            here, there = PROCESSES.Pipe()
            self._process = PROCESSES.Process(target=_make, args=(self._make_app, self._folder, there), daemon=True)
            self._process.start()
            there.close()  # so that this end hears when the process dies
            self._pipe = here
        return self._pipe

    def close(self) -> None:
        """End the process, whatever it makes; no file is made any more."""
        self._is_closed = True
        if self._process is not None:
            self._process.kill()
            self._process.join()


def _make(make_app: Callable[[], Flask], folder: Path, pipe: Connection) -> None:
    os.nice(LESS_PRIORITY)
    app, files = make_app(), Files(folder)
    files.forget_old()
    with suppress(EOFError, BrokenPipeError):  # the other end is gone, and so is who waits
        while True:
            environ = {**pipe.recv(), ERRORS: sys.stderr}
            signal.alarm(LONGEST)  # which ends the process
            try:
                answer = answer_of(app, environ, files)
            except Exception:
                log.exception("no file was made")
                answer = None
            signal.alarm(0)
            pipe.send(answer)
