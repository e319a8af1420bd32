"""A long file costs a worker little memory, however many rows it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.demo.large import Size, enlarge
from buurtbegroot.extensions import db
from buurtbegroot.tables.files import forms_of
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.live import live, ready_uri
from tests.servers import Server, serving

MOST_MB = 30
MB = 1 << 20
ALL = tuple(form.ending for form in forms_of(has_places=False) if not form.ending.endswith(".json"))
FILES = pytest.mark.parametrize(
    ("rows", "endings"), [(30_000, (".jsonl",)), pytest.param(250_000, ALL, marks=pytest.mark.nightly)]
)


@contextmanager
def talkative_city(kind: str, folder: Path, *, rows: int) -> Iterator[Server]:
    """Serve a city in which people said so much, by one worker."""
    own = {"SQLALCHEMY_DATABASE_URI": ready_uri(folder, kind), "KEY_DIRECTORY": f"{folder}/keys"}
    with live(folder, **own) as app, app.app_context(), writing():
        session, now = db.session(), datetime.now(UTC)
        round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
        enlarge(session, round_, Size(plans=50, contributions=rows, at_one=20, supports=0), now=now)
        session.commit()
    settings = {"INSTANCE": str(folder), "SECRET_KEY": "test", "RATELIMIT_ENABLED": False, **own}
    with serving({**settings, "SESSION_COOKIE_SECURE": False}) as server:
        yield server


def length(server: Server, path: str) -> int:
    with urlopen(server.url + path, timeout=600) as answer:
        return sum(map(len, iter(lambda: answer.read(MB), b"")))


def taken(worker: psutil.Process, what: str) -> int:
    """Return the bytes of memory that a process has now (VmRSS), or the most that it had (VmHWM)."""
    lines = Path(f"/proc/{worker.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


@pytest.mark.race
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@FILES
def test_a_file_of_many_rows_takes_little_memory(
    rows: int, endings: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    with talkative_city(kind, tmp_path, rows=rows) as server:
        for ending in endings:  # short files first, so that the worker is warm
            length(server, f"/open-data/plannen{ending}")
            length(server, f"/open-data/reacties{ending}?jaar=2001")
        worker = max(server.process.children(recursive=True), key=psutil.Process.nice)  # who makes files
        assert worker.nice() > server.process.nice()
        for ending in endings:
            Path(f"/proc/{worker.pid}/clear_refs").write_text("5", encoding="ascii")  # the most is what it is now
            before = taken(worker, "VmRSS")
            size = length(server, f"/open-data/reacties{ending}")
            added = taken(worker, "VmHWM") - before
            print(f"{kind}, {rows} rows, {ending}: {size / MB:.1f} MB, +{added / MB:.1f} MB of memory")
            assert added < min(MOST_MB * MB, size), ending
