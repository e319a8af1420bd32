"""Between granian and the app: a request is whole before it takes a thread, and its answer before it is sent.

So whoever sends or reads slowly holds no thread, no connection to the database and no transaction.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from time import monotonic
from typing import IO, Any

from flask import Flask
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope
from werkzeug.exceptions import HTTPException, LengthRequired, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from buurtbegroot.answers import AGAIN_AFTER, Answer, Files, Maker, answer_of
from buurtbegroot.app import create_app

MOST_WAITING = 100  # files that wait to be made by one process
IN_MEMORY = 65_536  # bytes of a request that wait in memory; a longer one waits in a file
WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Pace:
    """How slowly a request may come in. There is no limit on how long it takes in all."""

    silence: float = 20  # seconds in which nothing comes
    unhurried: float = 10  # seconds in which no speed is asked
    speed: float = 2_000  # bytes a second after that, without its longest silence


class SenderGoneError(Exception):
    """The other side broke off halfway: nobody waits for an answer."""


class Gateway:
    """The app as granian calls it by its own interface RSGI.

    With `make_app`, which makes the same app elsewhere, views that make files do so in a process of their own.
    """

    def __init__(self, app: Flask, *, pace: Pace | None = None, make_app: Callable[[], Flask] | None = None) -> None:
        self._app = app
        self._pace = pace or Pace()
        self._most: int = app.config["MAX_CONTENT_LENGTH"]
        self._threads = ThreadPoolExecutor(app.config["THREADS"])
        self._folder = TemporaryDirectory(prefix="buurtbegroot-", ignore_cleanup_errors=True)
        self._files = Files(Path(self._folder.name))
        self._one_thread, self._waiting = ThreadPoolExecutor(1), 0
        self._maker = Maker(make_app, Path(self._folder.name) / "made") if make_app else None

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
        """Make no more files and throw away what there is when the process ends."""
        self._one_thread.shutdown(wait=False, cancel_futures=True)
        if self._maker:
            self._maker.close()
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
        status, headers, answered = await self._answer(scope, environ_of(scope, body), refusal)
        if isinstance(answered, str):
            protocol.response_file(status, headers, answered)
        else:
            protocol.response_bytes(status, headers, answered)

    async def _answer(self, scope: Scope, environ: dict[str, Any], refusal: HTTPException | None) -> Answer:
        thread = asyncio.get_running_loop().run_in_executor
        if self._maker and refusal is None and self._makes_files(scope):
            try:
                return await self._made(self._maker, environ)
            except HTTPException as found:
                refusal = found
        made_by = self._app if refusal is None else partial(self._refuse, refusal)
        return await thread(self._threads, answer_of, made_by, environ, self._files)

    async def _made(self, maker: Maker, environ: dict[str, Any]) -> Answer:
        """Return a file once those before it are made; raises HTTPException, also when too many wait."""
        if self._waiting >= MOST_WAITING:
            raise ServiceUnavailable(retry_after=AGAIN_AFTER)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._one_thread, maker.answer, environ)
        finally:
            self._waiting -= 1

    def _makes_files(self, scope: Scope) -> bool:
        """Tell whether this address is that of a view that makes files."""
        if scope.method not in WITHOUT_BODY or "." not in scope.path.rpartition("/")[2]:
            return False
        try:
            endpoint, _values = self._app.url_map.bind("").match(scope.path, "GET")
        except HTTPException:
            return False
        return "makes_files" in vars(self._app.view_functions[endpoint])

    def _refuse(self, refusal: HTTPException, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer with the page of a refusal; no view hears of the request."""
        with self._app.request_context(environ):
            page = self._app.finalize_request(self._app.handle_user_exception(refusal))
            return page(environ, start)


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
    return Gateway(create_app(), make_app=create_app)
