"""Workers as real processes: killed in the middle they lose and double nothing, and two share the work."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.tally.models import Nullifier, OpenedBallot
from buurtbegroot.tally.queries import OPEN, tally_of
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queue import enqueue
from tests.factories.areas import small_city
from tests.factories.tally import NIGHT, open_vote
from tests.live import live, ready_uri
from tests.work.toys import LEASE

pytestmark = pytest.mark.race
JOBS, VOTERS, PATIENCE_SECONDS = 200, 20, 90


@dataclass
class Crew:
    """An app and the worker processes beside it."""

    app: Flask
    folder: Path
    settings: dict[str, Any]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.work.toys", json.dumps(self.settings)]
        self.workers.append(subprocess.Popen(command))
        return self.workers[-1]

    def ask(self, task: str, number: int) -> None:
        with self.app.app_context(), writing():
            enqueue(db.session(), task, {"number": number}, now=datetime.now(UTC))
            db.session.commit()

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def left(self) -> int:
        with self.app.app_context():
            undone = select(Job.task).where(Job.state != JobState.DONE)
            return sum(task == OPEN or task.startswith("toys.") for task in db.session.scalars(undone))

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < end, "it never came true"
            assert all(worker.poll() in {None, -signal.SIGKILL} for worker in self.workers), "a worker ended"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("work")
    settings = {"INSTANCE": str(folder), "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": ready_uri(folder)}
    settings["KEY_DIRECTORY"] = str(folder / "keys")
    with live(folder, **settings) as app:
        found = Crew(app, folder, settings)
        for _ in range(2):
            found.start()
        found.until(lambda: len(found.lines("started")) == 2)
        yield found
        for worker in found.workers:
            worker.terminate()
        ended = {worker.wait(timeout=30) for worker in found.workers}
        assert ended <= {0, -signal.SIGKILL}, "a worker that is told to stop does so in order"


def test_two_workers_run_each_of_two_hundred_jobs_once(crew: Crew) -> None:
    crew.ask("toys.note", -1)
    crew.until(lambda: crew.left() == 0)
    with crew.app.app_context(), writing():
        for number in range(JOBS):
            enqueue(db.session(), "toys.note", {"number": number}, now=datetime.now(UTC))
        time.sleep(1.5)
        assert len(crew.lines("notes")) == 1, "nothing begins before COMMIT"
        db.session.commit()
        enqueue(db.session(), "toys.note", {"number": JOBS}, now=datetime.now(UTC))
        db.session.rollback()
    crew.until(lambda: crew.left() == 0)
    time.sleep(1.5)
    numbers, workers = zip(*(map(int, line.split()) for line in crew.lines("notes")), strict=True)
    assert sorted(numbers) == list(range(-1, JOBS))
    assert len(set(workers)) == 2


def test_a_worker_killed_in_the_middle_is_followed_by_another(crew: Crew) -> None:
    round_id = closed_vote(crew)
    (crew.folder / "linger").touch()
    crew.ask("toys.linger", 1)
    crew.until(lambda: crew.lines("lingers"))
    time.sleep(LEASE.total_seconds() * 1.5)
    assert len(crew.lines("lingers")) == 1, "it is slow, not dead"
    os.kill(int(crew.lines("lingers")[0].split()[1]), signal.SIGKILL)
    crew.until(lambda: len(crew.lines("lingers")) == 2)
    with crew.app.app_context(), writing():
        enqueue(db.session(), OPEN, {"round_id": round_id}, now=datetime.now(UTC))
        db.session.commit()
    crew.until(lambda: opened(crew, round_id) > 0)
    next(worker for worker in crew.workers if worker.poll() is None).kill()
    assert not is_opened(crew, round_id), "it was done"
    (crew.folder / "linger").unlink()
    crew.start()
    crew.until(lambda: crew.left() == 0)
    said = [line.split(maxsplit=3) for line in crew.lines("lingers")]
    assert [words[0] for words in said] == ["began", "began", "began", "ended"]
    assert {words[3] for words in said} == {"work toys.linger"}
    check_opened_once(crew, round_id)


def closed_vote(crew: Crew) -> int:
    with crew.app.app_context(), writing():
        now = datetime.now(UTC) - NIGHT - timedelta(days=1)
        vote = open_vote(db.session(), crew.folder, areas=small_city(db.session()), now=now, voters=VOTERS)
        vote.cast_all([[number % 3] for number in range(VOTERS)]).close()
        return vote.round.id


def opened(crew: Crew, round_id: int) -> int:
    with crew.app.app_context():
        tally = tally_of(db.session(), round_id)
        return tally.opened if tally else 0


def is_opened(crew: Crew, round_id: int) -> bool:
    with crew.app.app_context():
        tally = tally_of(db.session(), round_id)
        return tally is not None and tally.opened_at is not None


def check_opened_once(crew: Crew, round_id: int) -> None:
    with crew.app.app_context():
        tally = tally_of(db.session(), round_id)
        assert tally is not None
        assert (tally.opened, tally.valid_ballots) == (VOTERS, VOTERS)
        said = select(AuditEntry).where(AuditEntry.action == "voting.counted_from")
        for rows, number in ((select(OpenedBallot), VOTERS), (select(Nullifier), VOTERS), (said, 1)):
            assert db.session.scalar(select(func.count()).select_from(rows.subquery())) == number
