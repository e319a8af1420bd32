"""What the load generator makes of processes that end while it looks."""

from collections.abc import Iterator
from subprocess import DEVNULL, Popen

import psutil
import pytest

from tests.bench import load
from tests.bench.load import backends, cpu_seconds, spent_since


@pytest.fixture
def process() -> Iterator[Popen[bytes]]:
    with Popen(["sleep", "60"], stdout=DEVNULL) as running:
        yield running
        running.kill()


def test_a_process_that_ended_counts_for_nothing_and_never_for_less(process: Popen[bytes]) -> None:
    here, other = psutil.Process(), psutil.Process(process.pid)
    before = cpu_seconds([here]) | {other: 5.0}
    process.kill()
    process.wait()
    assert 0 <= spent_since(before, [here, other]) < 5


def test_a_backend_that_ended_before_it_was_looked_at_is_none(
    process: Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    process.kill()
    process.wait()

    class Connection:
        def __enter__(self) -> "Connection":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def execute(self, *_: object) -> list[tuple[int]]:
            return [(process.pid,), (psutil.Process().pid,)]

    monkeypatch.setattr("psycopg.connect", lambda *_, **__: Connection())
    monkeypatch.setattr(load, "server_uri", lambda: "")
    assert backends("postgresql://localhost/x") == [psutil.Process()]
