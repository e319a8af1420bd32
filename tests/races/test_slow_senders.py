"""Whoever sends slowly holds up nobody, with and without a proxy in front; what only takes long comes through."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from getpass import getuser
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.databases import fresh_uri
from tests.servers import Server, free_port, serving

pytestmark = pytest.mark.race

CROWD = 16  # of each kind: four times the threads of the server
PATIENCE_SECONDS = 30
LONGEST_SILENCE = 3
HEADERS = ("--http1-header-read-timeout", str(LONGEST_SILENCE * 1000))
TOO_LARGE = b"POST /taal HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
BEGINNINGS = {  # what each sends before it hardly sends any more, and with what it is sent away
    "body": (b"POST /taal HTTP/1.1\r\nHost: x\r\n" + FORM + b"Content-Length: 1000\r\n\r\nt", b"HTTP/1.1 408"),
    "headers": (b"POST /taal HTTP/1.1\r\nHost: x\r\nX-Slow: ", b""),
    "chunks": (b"POST /taal HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nt\r\n", b"HTTP/1.1 411"),
}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, object]:
    """Of a server that refuses after a moment, with a request limit as for photos."""
    pace = {"silence": LONGEST_SILENCE, "unhurried": 0.5, "speed": 2_000}
    basics = {
        "INSTANCE": str(tmp_path),
        "SECRET_KEY": "test",
        "RATELIMIT_ENABLED": False,
        "MAX_CONTENT_LENGTH": 12_000_000,
    }
    return {**basics, "SQLALCHEMY_DATABASE_URI": fresh_uri(tmp_path, "sqlite"), "PACE": pace}


@contextmanager
def proxied(server: Server, folder: Path) -> Iterator[Server]:
    """Put the proxy in front as the documentation says, but for its name and certificate."""
    program = shutil.which("nginx") or pytest.skip("nginx is not on this machine")
    port = free_port()
    text = OPERATIONS.read_text(encoding="utf-8")
    found = re.search(r"```nginx\n(.*?)```", text, re.DOTALL)
    assert found, "no example in the documentation"
    site = re.sub(r"\n *(ssl_|server_name).*", "", found[1])
    site = site.replace("443 ssl", f"127.0.0.1:{port}").replace("127.0.0.1:5000", f"127.0.0.1:{server.port}")
    places = "".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"user {getuser()}; daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ {places}\n{site} }}\n"
    )
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield Server("127.0.0.1", port, server.process)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until, "nginx does not listen"
            time.sleep(0.05)
        else:
            return


@contextmanager
def sender(server: Server, beginning: bytes) -> Iterator[socket.socket]:
    with socket.create_connection((server.host, server.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(beginning)
        yield connection


def answered(server: Server) -> list[int]:
    found = []
    for path in ("/gezond", "/hulp", "/robots.txt"):
        with urlopen(server.url + path, timeout=PATIENCE_SECONDS) as answer:
            found.append(answer.status)
    return found


def last_words(connection: socket.socket) -> bytes:
    """Return the first line of what the server says before it hangs up."""
    said = b""
    try:
        while more := connection.recv(4096):
            said += more
    except ConnectionResetError:
        pass
    return said.partition(b"\r\n")[0]


def photo(server: Server, *, seconds: float, size: int = 10_000_000) -> bytes:
    """Send a file of this size, evenly over the seconds; return the first line of the answer."""
    field = b'--b\r\nContent-Disposition: form-data; name="taal"\r\n\r\nen\r\n'
    file = (
        b'--b\r\nContent-Disposition: form-data; name="foto"; filename="a.jpg"\r\n\r\n'
        + b"\xff" * size
        + b"\r\n--b--\r\n"
    )
    body = memoryview(field + file)
    head = "POST /taal HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
    step = len(body) // 20 + 1
    with sender(server, f"{head}{len(body)}\r\nConnection: close\r\n\r\n".encode()) as connection:
        for place in range(0, len(body), step):
            connection.sendall(body[place : place + step])
            time.sleep(seconds / 20)
        return last_words(connection)


def test_slow_senders_hold_up_nobody_and_are_sent_away(settings: dict[str, object]) -> None:
    with serving(settings, options=HEADERS) as server, ExitStack() as stack:
        crowd = [
            (stack.enter_context(sender(server, beginning)), words)
            for beginning, words in BEGINNINGS.values()
            for _ in range(CROWD)
        ]
        assert answered(server) == [200] * 3
        for connection, words in crowd:
            assert last_words(connection).startswith(words)


def test_a_photo_from_a_slow_phone_comes_through(settings: dict[str, object]) -> None:
    with serving(settings) as server:
        assert photo(server, seconds=2).startswith(b"HTTP/1.1 303")


def test_what_is_too_large_is_refused_before_it_is_sent(settings: dict[str, object]) -> None:
    with serving(settings) as server, sender(server, TOO_LARGE) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_behind_the_documented_proxy_it_is_the_same(settings: dict[str, object], tmp_path: Path) -> None:
    with serving(settings) as server, proxied(server, tmp_path) as front, ExitStack() as stack:
        for beginning, _ in BEGINNINGS.values():
            for _ in range(CROWD):
                stack.enter_context(sender(front, beginning))
        assert answered(front) == [200] * 3
        assert photo(front, seconds=2).startswith(b"HTTP/1.1 303")
        with sender(front, TOO_LARGE) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 413")
