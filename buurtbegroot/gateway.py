"""Between granian and the app: a request is whole before it takes a thread, and its answer before it is sent.

So whoever sends or reads slowly holds no thread, no connection to the database and no transaction.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile, TemporaryDirectory
from threading import Lock
from time import monotonic
from typing import IO, Any, NamedTuple

from flask import Flask
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope
from werkzeug.exceptions import HTTPException, LengthRequired, RequestEntityTooLarge, RequestTimeout

from buurtbegroot.app import create_app
from buurtbegroot.owner_files import OWNER_FOLDER
from buurtbegroot.web.access import PRIVATE

IN_MEMORY = 65_536  # bytes of a request that wait in memory; a longer one waits in a file
SENT_FROM_MEMORY = 250_000  # bytes of an answer; a longer one that everyone may have is sent from a file
FILES_KEPT = 20
OPENED_WITHIN = 60  # seconds
WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}


class Answer(NamedTuple):
    """What the app answers, whole; `body` is in memory, or the path of the file that it stands in."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | str


@dataclass(frozen=True)
class Pace:
    """How slowly a request may come in. There is no limit on how long it takes in all."""

    silence: float = 20  # seconds in which nothing comes
    unhurried: float = 10  # seconds in which no speed is asked
    speed: float = 2_000  # bytes a second after that, without its longest silence


class SenderGoneError(Exception):
    """The other side broke off halfway: nobody waits for an answer."""


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

    def _written(self, parts: Iterable[bytes]) -> Path:
        self._folder.mkdir(
            mode=OWNER_FOLDER, exist_ok=True
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


class Gateway:
    """The app as granian calls it by its own interface RSGI."""

    def __init__(self, app: Flask, *, pace: Pace | None = None) -> None:
        self._app = app
        self._pace = pace or Pace()
        self._most: int = app.config["MAX_CONTENT_LENGTH"]
        self._threads = ThreadPoolExecutor(app.config["THREADS"])
        self._folder = TemporaryDirectory(prefix="buurtbegroot-")
        self._files = Files(Path(self._folder.name))

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Receive a request, let a thread make its answer, and send that."""
        if scope.method in WITHOUT_BODY:
            return await self._serve(scope, protocol, BytesIO())
        with SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                await self._receive(scope, protocol, body)
            except HTTPException as refusal:
                await self._serve(scope, protocol, BytesIO(), refusal=refusal)
            except SenderGoneError:
                protocol.response_empty(RequestTimeout.code, [])
            else:
                body.seek(0)
                await self._serve(scope, protocol, body)

    def __rsgi_del__(self, _loop: object) -> None:
        """Throw its files away when the process ends."""
        self._folder.cleanup()

    async def _receive(self, scope: Scope, protocol: HTTPProtocol, body: IO[bytes]) -> None:
        """Write the body of a request; raise what it is refused for, or SenderGoneError."""
        if "transfer-encoding" in scope.headers:
            raise LengthRequired  # granian does not tell when one without a length breaks off halfway
        length = int(scope.headers.get("content-length", "0"))
        if length > self._most:
            raise RequestEntityTooLarge
        began, pause, chunks = monotonic(), 0.0, aiter(protocol)
        while body.tell() < length:
            asked = monotonic()
            body.write(await self._next(chunks))
            pause = max(pause, monotonic() - asked)
            hurried = monotonic() - began - pause - self._pace.unhurried
            if body.tell() < min(length, hurried * self._pace.speed):
                raise RequestTimeout

    async def _next(self, chunks: Any) -> bytes:
        try:
            async with asyncio.timeout(self._pace.silence):
                chunk: bytes = await anext(chunks)
        except TimeoutError:
            raise RequestTimeout from None
        except StopAsyncIteration:
            raise SenderGoneError from None
        return chunk

    async def _serve(
        self, scope: Scope, protocol: HTTPProtocol, body: Any, *, refusal: HTTPException | None = None
    ) -> None:
        thread = asyncio.get_running_loop().run_in_executor
        made_by = self._app if refusal is None else partial(self._refuse, refusal)
        environ = environ_of(scope, body)
        status, headers, answered = await thread(self._threads, answer_of, made_by, environ, self._files)
        if isinstance(answered, str):
            protocol.response_file(status, headers, answered)
        else:
            protocol.response_bytes(status, headers, answered)

    def _refuse(self, refusal: HTTPException, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer with the page of a refusal; no view hears of the request."""
        with self._app.request_context(environ):
            page = self._app.finalize_request(self._app.handle_user_exception(refusal))
            return page(environ, start)


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


def environ_of(scope: Scope, body: Any) -> dict[str, Any]:
    """Return a request as WSGI has it, without headers that have an underscore: those could pass for another."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" not in name:
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def create() -> Gateway:
    """Return what `buurtbegroot serve` serves."""
    return Gateway(create_app())
