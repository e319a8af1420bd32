"""The gateway without a server: which requests are read to their end, which are refused, and what the app gets."""

import asyncio
import errno
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask, Response, request

from buurtbegroot import answers, gateway
from buurtbegroot.answers import FILES_KEPT, OPENED_WITHIN, SENT_FROM_MEMORY, Files
from buurtbegroot.gateway import IN_MEMORY, MOST_WAITING, Gateway, Pace, SenderGoneError
from buurtbegroot.web.access import PRIVATE, makes_files

LARGEST = 12_000_000
PHOTO = 10_000_000


@dataclass
class Scope:
    """A request as granian tells of it, without its body."""

    headers: dict[str, str]
    method: str = "POST"
    path: str = "/é"
    query_string: str = "a=b"
    server: str = "[::1]:5000"
    client: str = "[2001:db8::1]:40000"
    scheme: str = "http"
    http_version: str = "1.1"


@dataclass
class Protocol:
    """What a sender sends, each part after so many seconds, and what it gets."""

    clock: list[float]
    parts: list[tuple[float, int]]
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for seconds, size in self.parts:
            self.clock[0] += seconds
            yield b"x" * size

    def response_bytes(self, status: int, _headers: object, body: bytes) -> None:
        self.answers.append((status, body))

    def response_empty(self, status: int, _headers: object) -> None:
        self.answers.append((status, b""))

    def response_file(self, status: int, _headers: object, path: str) -> None:
        self.answers.append((status, Path(path).read_bytes()))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found = [0.0]
    for module in (answers, gateway):
        monkeypatch.setattr(module, "monotonic", lambda: found[0])
    return found


@pytest.fixture
def called() -> list[dict[str, Any]]:
    """What the app was given, each time that it was called."""
    return []


def large() -> str:
    return "y" * (SENT_FROM_MEMORY + 1)


@pytest.fixture
def door(called: list[dict[str, Any]]) -> Iterator[Gateway]:
    app = Flask("behind")
    app.config |= {"MAX_CONTENT_LENGTH": LARGEST, "THREADS": 2}

    def echo() -> str:
        called.append(dict(request.environ))
        return str(len(request.get_data()))

    app.add_url_rule("/é", "echo", echo, methods=["GET", "POST"])

    def own() -> str:
        request.environ[PRIVATE] = True
        return large()

    app.add_url_rule("/own", "own", own)
    app.add_url_rule("/large", "large", large)
    found = Gateway(app, pace=Pace(silence=0.2))
    yield found
    found.__rsgi_del__(None)


def send(door: Gateway, protocol: Any, *, scope: Scope | None = None) -> list[tuple[int, bytes]]:
    whole = sum(size for _, size in protocol.parts)
    asyncio.run(door.__rsgi__(scope or Scope({"content-length": str(whole)}), protocol))  # type: ignore[arg-type]
    return list(protocol.answers)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [(0, 1_000)],
        [(0, IN_MEMORY + 1)],
        [(19, 1), (0.1, 500), (0.1, 500)],  # a lift, and then on
        [(0, 1), (19, 500), (0.1, 500)],
        [(1, 50_000)] * (PHOTO // 50_000),  # a slow phone: 200 seconds
        [(5, 10_001)] * 200,  # hardly fast enough: a quarter of an hour
        [(9, 1_000), (0.1, 1_000)],
    ],
)
def test_what_keeps_coming_comes_through(
    door: Gateway, clock: list[float], parts: list[tuple[float, int]], called: list[object]
) -> None:
    [(status, body)] = send(door, Protocol(clock, parts))
    assert (status, int(body), len(called)) == (200, sum(size for _, size in parts), 1)


@pytest.mark.parametrize(
    "parts",
    [
        [(12, 1)] * 100,
        [(1, 1)] * 100,
        [(5, 9_000)] * 200,
        [(0, 2_000_000), *[(19, 1)] * 1_000, (1, 1_000_000)],
    ],
)
def test_who_dribbles_is_refused(
    door: Gateway, clock: list[float], parts: list[tuple[float, int]], called: list[dict[str, Any]]
) -> None:
    [(status, _)] = send(door, Protocol(clock, parts))
    assert (status, called) == (408, [])
    assert clock[0] < 1_100


class Silent(Protocol):
    """A sender of whom nothing more is heard."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()


def test_who_falls_silent_is_refused(door: Gateway, clock: list[float]) -> None:
    assert [status for status, _ in send(door, Silent(clock, [(0, 2)]))] == [408]


def test_half_a_request_never_reaches_the_app(door: Gateway, clock: list[float], called: list[object]) -> None:
    send(door, Protocol(clock, [(0, 10)]), scope=Scope({"content-length": "11"}))
    assert called == []


@pytest.mark.parametrize(
    ("headers", "status"), [({"content-length": str(LARGEST + 1)}, 413), ({"transfer-encoding": "chunked"}, 411)]
)
def test_what_is_too_large_or_has_no_length_is_refused_unread(
    door: Gateway, clock: list[float], headers: dict[str, str], status: int, called: list[object]
) -> None:
    unread = Silent(clock, [])
    assert [found for found, _ in send(door, unread, scope=Scope(headers))] == [status]
    assert called == []


def test_the_app_gets_the_request_as_it_came(door: Gateway, clock: list[float], called: list[dict[str, Any]]) -> None:
    headers = {"cookie": "a=1", "x-forwarded-for": "192.0.2.1", "x_forwarded_for": "192.0.2.2", "content-type": "a/b"}
    send(door, Protocol(clock, []), scope=Scope(headers, method="GET"))
    [environ] = called
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert (environ["HTTP_COOKIE"], environ["CONTENT_TYPE"], environ["QUERY_STRING"]) == ("a=1", "a/b", "a=b")
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("2001:db8::1", "::1", "5000")


def test_a_large_answer_is_sent_whole(door: Gateway, clock: list[float]) -> None:
    found = send(door, Protocol(clock, []), scope=Scope({}, method="GET", path="/large"))
    assert found == [(200, b"y" * (SENT_FROM_MEMORY + 1))]


def test_what_is_of_one_person_is_in_no_file(
    door: Gateway, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Files, "keep", lambda *_: pytest.fail("written"))
    found = send(door, Protocol(clock, []), scope=Scope({}, method="GET", path="/own"))
    assert found == [(200, large().encode())]


def long(mark: object) -> list[bytes]:
    return [b"x" * SENT_FROM_MEMORY, str(mark).encode()]


def test_files_are_shared_and_few(tmp_path: Path, clock: list[float]) -> None:
    files = Files(tmp_path)
    first = str(files.keep(long(0)))
    for number in range(FILES_KEPT - 1):
        files.keep(long(f"other {number}"))
    assert files.keep(long(0)) == first
    with Path(first).open("rb") as begun:
        for number in range(FILES_KEPT):
            files.keep(long(number + 1))
        assert Path(first).exists(), "whoever just asked for it still has to open it"
        clock[0] += OPENED_WITHIN + 1
        files.keep(long(1))
        assert (begun.read(), Path(first).exists()) == (b"".join(long(0)), False)
    assert len(list(tmp_path.iterdir())) == FILES_KEPT


def test_a_folder_that_was_tidied_away_comes_back(tmp_path: Path) -> None:
    files = Files(tmp_path / "own")
    for _ in range(2):
        path = Path(str(files.keep(long(0))))
        assert path.read_bytes() == b"".join(long(0))
        shutil.rmtree(path.parent)


def test_what_is_short_is_in_no_file_and_what_broke_off_leaves_none(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield from long(0)
        raise SenderGoneError

    files = Files(tmp_path)
    assert files.keep([b"a", b"b"]) == b"ab"
    with pytest.raises(SenderGoneError):
        files.keep(broken())
    assert list(tmp_path.iterdir()) == []


def pid() -> str:
    return str(os.getpid())


def which() -> str:
    return pid()


def huge() -> str:
    return large()


def slow() -> str:
    time.sleep(1.5)
    return ""


def deadly() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def full() -> Iterator[str]:
    yield large()
    raise OSError(errno.ENOSPC, "no space")


def hasty_app() -> Flask:
    """Return the same app where files may take a moment only."""
    answers.LONGEST = 1
    return maker_app()


def maker_app() -> Flask:
    """Return an app with files, of which two are long in the making and one ends its process."""
    app = Flask("maker")
    app.config |= {"MAX_CONTENT_LENGTH": LARGEST, "THREADS": 2}
    files: dict[str, Callable[[], str | Response]] = {
        "/which.csv": which,
        "/large.csv": huge,
        "/slow.csv": slow,
        "/deadly.csv": deadly,
        "/full.csv": lambda: Response(full()),
    }
    for path, made in files.items():
        app.add_url_rule(path, path[1:-4], makes_files(made))
    app.add_url_rule("/page", "page", pid)
    app.add_url_rule("/page.txt", "text", pid)
    return app


@contextmanager
def closing_gateway(make_app: Callable[[], Flask]) -> Iterator[Gateway]:
    found = Gateway(maker_app(), make_app=make_app)
    yield found
    found.__rsgi_del__(None)


@pytest.fixture(scope="module")
def beside() -> Iterator[Gateway]:
    """A gateway that lets files be made in a process of its own."""
    with closing_gateway(maker_app) as found:
        yield found


def got(door: Gateway, path: str, method: str = "GET") -> tuple[int, str]:
    [(status, body)] = send(door, Protocol([0.0], []), scope=Scope({}, method=method, path=path))
    return status, body.decode()


def test_files_are_made_in_one_process_beside(beside: Gateway) -> None:
    here, there = got(beside, "/page")[1], got(beside, "/which.csv")[1]
    assert here == got(beside, "/page.txt")[1] == pid()
    assert there == got(beside, "/which.csv")[1] != pid()
    assert os.getpriority(os.PRIO_PROCESS, int(there)) > os.getpriority(os.PRIO_PROCESS, 0)
    assert got(beside, "/which.csv", "HEAD") == (200, "")
    assert got(beside, "/large.csv") == (200, large())
    assert [got(beside, path)[0] for path in ("/none.csv", "/", "/é.csv")] == [404] * 3
    assert got(beside, "/which.csv", "POST")[0] == 405


def test_no_page_waits_for_files(beside: Gateway) -> None:
    order = list[str]()

    async def ask(path: str) -> None:
        await beside.__rsgi__(Scope({}, method="GET", path=path), Protocol([0.0], []))  # type: ignore[arg-type]
        order.append(path)

    async def all_at_once() -> None:
        files = [asyncio.create_task(ask("/slow.csv")) for _ in range(2)]
        await asyncio.sleep(0.01)
        await asyncio.gather(ask("/page"), *files)

    asyncio.run(all_at_once())
    assert order[0] == "/page"
    assert len(order) == 3


def test_a_file_that_ends_its_process_ends_no_other(beside: Gateway) -> None:
    before = got(beside, "/which.csv")[1]
    assert got(beside, "/deadly.csv")[0] == 503
    status, after = got(beside, "/which.csv")
    assert (status, after != before) == (200, True)
    os.kill(int(after), signal.SIGKILL)  # while it waits
    psutil.wait_procs([psutil.Process(int(after))], timeout=10)
    assert got(beside, "/which.csv")[0] == 200


def test_a_fault_while_a_file_is_written_ends_no_process(beside: Gateway) -> None:
    before = got(beside, "/which.csv")[1]
    assert got(beside, "/full.csv")[0] == 500
    assert got(beside, "/which.csv") == (200, before)


def test_a_file_that_takes_too_long_is_given_up() -> None:
    with closing_gateway(hasty_app) as door:
        assert got(door, "/slow.csv")[0] == 503
        assert got(door, "/which.csv")[0] == 200


def test_no_more_than_so_many_files_wait(beside: Gateway) -> None:
    async def ask() -> int:
        protocol = Protocol([0.0], [])
        await beside.__rsgi__(Scope({}, method="GET", path="/which.csv"), protocol)  # type: ignore[arg-type]
        return protocol.answers[0][0]

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(ask() for _ in range(MOST_WAITING + 5)))

    assert sorted(asyncio.run(all_at_once())) == [200] * MOST_WAITING + [503] * 5


def test_who_stops_makes_no_more_files() -> None:
    with closing_gateway(maker_app) as door:
        maker = psutil.Process(int(got(door, "/which.csv")[1]))

        async def stop_while_files_wait() -> None:
            files = [asyncio.create_task(gone(door)) for _ in range(5)]
            await asyncio.sleep(0.2)
            began = time.monotonic()
            door.__rsgi_del__(None)
            await asyncio.gather(*files)
            assert time.monotonic() - began < 1

        asyncio.run(stop_while_files_wait())
        assert not maker.is_running()


async def gone(door: Gateway) -> None:
    with suppress(asyncio.CancelledError):
        await door.__rsgi__(Scope({}, method="GET", path="/slow.csv"), Protocol([0.0], []))  # type: ignore[arg-type]
