"""The worker of an app of this process: what it makes of tasks that fail, wait, come back or never end."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.house import ROOMS
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.work import queries, queue, worker
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import enqueue
from buurtbegroot.work.register import EXTENSION, Task, registered
from buurtbegroot.work.worker import Worker
from tests.conftest import NOW, Clock
from tests.live import live, working

SECONDS = 10
TASKS: tuple[Task, ...] = tuple(task for room in ROOMS for path in room.tasks for task in resolve_name(path))


@pytest.fixture
def live_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    with live(tmp_path, CLOCK=Clock()) as app:
        yield app


@contextmanager
def doing(app: Flask, *tasks: Task) -> Iterator[Worker]:
    """Let a worker do these tasks until the block ends."""
    app.extensions[EXTENSION] = registered(tasks)
    with working(app) as found:
        yield found


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def ask(app: Flask, task: str, *, now: datetime = NOW, **arguments: int) -> None:
    with app.app_context(), writing():
        enqueue(db.session(), task, arguments, now=now)
        db.session.commit()


def job(app: Flask, task: str, **arguments: int) -> Job:
    with app.app_context():
        found = job_of(db.session(), task, arguments)
        assert found is not None
        return found


def state(app: Flask, task: str) -> JobState:
    return job(app, task).state


def toy(run: Callable[..., object], name: str = "toys.toy", **more: object) -> Task:
    return Task(name=name, title=name, run=run, **more)  # type: ignore[arg-type]


def test_every_task_of_the_house_has_a_name_of_its_own_room() -> None:
    names = list(registered(TASKS))
    rooms = [
        "audit",
        "dual_control",
        "limits",
        "work",
        "mail",
        "box",
        "tally",
        "waiting",
        "discussion",
        "moderation",
        "notices",
        "worklist",
        "exports",
    ]
    assert {name.split(".")[0] for name in names} == {*rooms}
    with pytest.raises(ValueError, match=f"two tasks {TASKS[0].name}"):
        registered([*TASKS, TASKS[0]])


def test_a_task_gets_who_acts_and_its_arguments_and_no_open_transaction(live_app: Flask) -> None:
    told: list[object] = []

    def run(by: System, *, number: int) -> None:
        told.extend((by, number, db.session().in_transaction()))

    ask(live_app, "toys.toy", number=7)
    with doing(live_app, toy(run)):
        until(lambda: job(live_app, "toys.toy", number=7).state is JobState.DONE)
    assert told == [System("work toys.toy"), 7, False]


def test_a_row_that_was_never_announced_is_found(live_app: Flask) -> None:
    with doing(live_app, toy(lambda _by: None)), live_app.app_context(), writing():
        row = {"task": "toys.toy", "arguments": "{}", "state": JobState.WAITING, "due_at": NOW}
        db.session.execute(insert(Job).values(tries=0, again=False, reason="", **row))
        db.session.commit()
        until(lambda: state(live_app, "toys.toy") is JobState.DONE)


def test_a_refusal_fails_the_job_at_once_and_trouble_later(live_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_by: System) -> None:
        db.session.add(Job(task="never", arguments="{}", state=JobState.DONE, due_at=NOW))
        raise RefusedError(TallyFault.BOX_CHANGED)

    for name in ("toys.refused", "toys.broken"):
        ask(live_app, name)
    with doing(live_app, toy(refuse, "toys.refused"), toy(lambda _by: 1 / 0, "toys.broken")):
        until(lambda: state(live_app, "toys.refused") is JobState.FAILED)
        until(lambda: job(live_app, "toys.broken").reason)
    assert job(live_app, "toys.refused").reason == "box_changed"
    broken = job(live_app, "toys.broken")
    assert (broken.reason, broken.state, broken.due_at) == (
        "ZeroDivisionError",
        JobState.WAITING,
        NOW + timedelta(seconds=10),
    )
    assert "ZeroDivisionError" in caplog.text, "the log of the server says where"
    with live_app.app_context():
        assert job_of(db.session(), "never") is None, "what a failed task left undone is not kept"


def test_no_task_waits_for_another(live_app: Flask) -> None:
    never = threading.Event()
    ask(live_app, "toys.long")
    with doing(live_app, toy(lambda _by: never.wait(SECONDS), "toys.long"), toy(lambda _by: None, "toys.short")):
        until(lambda: state(live_app, "toys.long") is JobState.RUNNING)
        ask(live_app, "toys.short")
        until(lambda: state(live_app, "toys.short") is JobState.DONE)
        assert state(live_app, "toys.long") is JobState.RUNNING
        never.set()
        until(lambda: state(live_app, "toys.long") is JobState.DONE)


def test_what_runs_long_keeps_its_lease(live_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEATS_PER_LEASE", 10**9)
    never = threading.Event()
    ask(live_app, "toys.long")
    with doing(live_app, toy(lambda _by: never.wait(SECONDS), "toys.long")):
        until(lambda: state(live_app, "toys.long") is JobState.RUNNING)
        live_app.config["CLOCK"].now += timedelta(hours=3)
        until(lambda: job(live_app, "toys.long").due_at > NOW + timedelta(hours=3))
        never.set()
        until(lambda: state(live_app, "toys.long") is JobState.DONE)


def test_a_worker_that_stops_lets_go_of_what_takes_too_long(live_app: Flask) -> None:
    never = threading.Event()
    ask(live_app, "toys.long")
    with doing(live_app, toy(lambda _by: never.wait(SECONDS), "toys.long")) as found:
        until(lambda: state(live_app, "toys.long") is JobState.RUNNING)
        found.stop()
        assert not found.finish()
        assert (state(live_app, "toys.long"), job(live_app, "toys.long").tries) == (JobState.WAITING, 0)
        never.set()


def test_what_recurs_begins_by_itself_and_only_with_work(live_app: Flask) -> None:
    ran: list[str] = []
    often = toy(lambda _by: ran.append("often"), "toys.often", every=timedelta(minutes=1))
    idle = toy(lambda _by: ran.append("idle"), "toys.idle", every=timedelta(minutes=1), has_work=lambda: False)
    with doing(live_app, often, idle):
        until(lambda: ran == ["often"])
        live_app.config["CLOCK"].now += timedelta(minutes=1)
        until(lambda: ran == ["often", "often"])
        assert job(live_app, "toys.idle").started_at is None


def test_the_worker_outlives_a_database_that_cannot_serve(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = iter([OperationalError("", {}, Exception("down"))])
    honest: Callable[..., object] = queue.claim

    def claim(*arguments: object, **more: object) -> object:
        for trouble in troubles:
            raise trouble
        return honest(*arguments, **more)

    monkeypatch.setattr(worker, "claim", claim)
    ask(live_app, "toys.toy")
    with doing(live_app, toy(lambda _by: None)):
        until(lambda: state(live_app, "toys.toy") is JobState.DONE)
    assert "could not be taken" in caplog.text


def test_a_look_that_fails_is_followed_by_another(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = iter([OperationalError("", {}, Exception("down"))])
    honest: Callable[..., set[str]] = queries.due_tasks

    def due_tasks(*arguments: object, **more: object) -> set[str]:
        for trouble in looks:
            raise trouble
        return honest(*arguments, **more)

    monkeypatch.setattr(worker, "due_tasks", due_tasks)
    ask(live_app, "toys.toy")
    with caplog.at_level(logging.ERROR), doing(live_app, toy(lambda _by: None)):
        until(lambda: state(live_app, "toys.toy") is JobState.DONE)
    assert "could not be looked at" in caplog.text


def test_a_task_that_cannot_tell_whether_it_has_work_stops_no_other(live_app: Flask) -> None:
    broken = toy(lambda _by: None, "toys.broken", has_work=lambda: bool(1 / 0))
    done: list[int] = []
    for number in range(3):
        ask(live_app, "toys.toy", number=number)
    ask(live_app, "toys.broken")
    with doing(live_app, broken, toy(lambda _by, number: done.append(number))) as found:
        until(lambda: len(done) == 3)
        until(lambda: vars(found)["_next_beat"])
    assert state(live_app, "toys.broken") is JobState.WAITING


def test_jobs_of_another_version_are_left_alone(live_app: Flask) -> None:
    for name in ("toys.unknown", "toys.toy"):
        ask(live_app, name)
    with doing(live_app, toy(lambda _by: None)):
        until(lambda: state(live_app, "toys.toy") is JobState.DONE)
    assert state(live_app, "toys.unknown") is JobState.WAITING
