"""The worker: looks every second which tasks have a job that is due and runs them; several workers at once are fine."""

import logging
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple

from flask import Flask

from buurtbegroot.acts import RefusedError
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.clock import now
from buurtbegroot.work.queries import due_tasks
from buurtbegroot.work.queue import LEASE, Claim, claim, extend, hand_back, keep_recurring, note_done, note_failure
from buurtbegroot.work.register import EXTENSION, Task

LOOK_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
BEATS_PER_LEASE = 6
GRACE_SECONDS = 5.0
log = logging.getLogger(__name__)


class _Trouble(NamedTuple):
    reason: str
    is_final: bool


class Worker:
    """Runs what is due until it is stopped; each task in a thread of its own, so that none waits for another task.

    A thread that looks renews the lease of what runs: a job whose worker was killed is free again within a minute, one
    that only takes long is left alone. No transaction is open while a task runs, but those of the task.
    """

    def __init__(self, app: Flask) -> None:
        self._app: Flask = app
        self._tasks: dict[str, Task] = app.extensions[EXTENSION]
        self._every = {task.name: task.every for task in self._tasks.values()}
        self._stopping = Event()
        self._lanes: dict[str, Thread] = {}
        self._held: dict[str, Claim] = {}
        self._is_settled, self._next_beat = False, 0.0

    def stop(self) -> None:
        """Let nothing begin any more; what runs may go on until `finish`."""
        self._stopping.set()

    def run(self) -> None:
        """Look every second until stopped; trouble with the database is logged and waited out."""
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                self._look()
                pause = LOOK_SECONDS
            except Exception:  # the worker must outlive whatever the database does
                log.exception("the jobs could not be looked at")
                pause = min(LONGEST_PAUSE_SECONDS, max(LOOK_SECONDS, pause) * 2)

    def finish(self) -> bool:
        """Wait some seconds for what runs and give back what is not done by then; tell whether nothing runs."""
        until = monotonic() + GRACE_SECONDS
        for lane in self._lanes.values():
            lane.join(max(0.0, until - monotonic()))
        with self._app.app_context(), writing():
            for held in list(self._held.values()):
                hand_back(db.session(), held, now=now())
            db.session.commit()
        return not any(lane.is_alive() for lane in self._lanes.values())

    def _look(self) -> None:
        with self._app.app_context():
            self._keep_recurring()
            for name in due_tasks(db.session(), self._every, now=now()):
                try:
                    self._begin(self._tasks[name])
                except Exception:  # one task that cannot tell what it has to do keeps no other from beginning
                    db.session.rollback()
                    log.exception("whether there is work for %s could not be told", name)
            self._beat()

    def _begin(self, task: Task) -> None:
        lane = self._lanes.get(task.name)
        if (lane is None or not lane.is_alive()) and task.has_work():
            self._lanes[task.name] = Thread(target=self._work_on, args=(task,), name=task.name, daemon=True)
            self._lanes[task.name].start()

    def _keep_recurring(self) -> None:
        if self._is_settled:
            return
        with writing():
            keep_recurring(db.session(), [task.name for task in self._tasks.values() if task.every], now=now())
            db.session.commit()
        self._is_settled = True

    def _beat(self) -> None:
        if monotonic() < self._next_beat:
            return
        db.session.rollback()
        with writing():
            extend(db.session(), list(self._held.values()), now=now())
            db.session.commit()
        self._next_beat = monotonic() + LEASE.total_seconds() / BEATS_PER_LEASE

    def _work_on(self, task: Task) -> None:
        try:
            while not self._stopping.is_set() and self._run_next(task):
                pass
        except Exception:  # the lease or the next look sees to the rest
            log.exception("the jobs of %s could not be taken or ended", task.name)
        finally:
            self._held.pop(task.name, None)

    def _run_next(self, task: Task) -> bool:
        with self._app.app_context():
            with writing():
                held = claim(db.session(), task.name, every=task.every, now=now())
                db.session.commit()
            if held is None:
                return False
            self._held[task.name] = held
            trouble = _try(task, held)
            db.session.rollback()
            with writing():
                _note(task, held, trouble)
                db.session.commit()
            return True


def _try(task: Task, held: Claim) -> _Trouble | None:
    try:
        task.run(task.by, **held.arguments)
    except RefusedError as refusal:
        log.warning("%s %s is refused: %s", task.name, held.arguments, refusal)
        return _Trouble(refusal.fault.value, is_final=True)
    except Exception as error:  # whatever it is, the job must say so
        log.exception("%s %s failed", task.name, held.arguments)
        return _Trouble(type(error).__name__, is_final=False)
    return None


def _note(task: Task, held: Claim, trouble: _Trouble | None) -> None:
    if trouble is None:
        note_done(db.session(), held, every=task.every, now=now())
    else:
        endless = task.every is not None
        note_failure(db.session(), held, trouble.reason, final=trouble.is_final, endless=endless, now=now())
