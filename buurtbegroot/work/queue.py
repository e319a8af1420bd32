"""Jobs as a queue: asked for, taken by one worker, ended or given back; what a job does is run by the worker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.work.models import Job, JobState, read, spelled
from buurtbegroot.work.queries import is_due

LEASE = timedelta(minutes=1)  # a worker that lives says so far more often
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 40, 160, 600))
MOST_TRIES = len(PAUSES) + 1
KEEP_DONE = timedelta(days=7)
WORKER_DIED, UNREADABLE = "worker_died", "unreadable"
PURGE = "work.purge"
PURGE_EVERY = timedelta(hours=1)  # at most, however many erase something: tables are closed while they are rewritten
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True)
class Claim:
    """A job in the hands of one worker; `started_at` tells this hold on it from every other."""

    job_id: int
    arguments: dict[str, Any]
    started_at: datetime


def enqueue(session: Session, task: str, arguments: Mapping[str, int | str] | None = None, *, now: datetime) -> None:
    """Ask for a job in the transaction of its cause: it begins after COMMIT, or never was.

    A job that waits is not queued twice, one that failed begins anew, and one that runs will run once more. Arguments
    tell what it is about and never anything of a person or a choice.
    """
    running = Job.state == JobState.RUNNING
    fresh: dict[str, Any] = {"state": JobState.WAITING, "due_at": now, "tries": 0, "reason": ""}
    columns = {name: getattr(Job, name) for name in fresh}
    kept = {name: case((running, column), else_=literal(fresh[name], column.type)) for name, column in columns.items()}
    asked = _INSERT[session.get_bind().dialect.name](Job).values(
        task=task, arguments=spelled(arguments), again=False, **fresh
    )
    session.execute(asked.on_conflict_do_update(index_elements=["task", "arguments"], set_={**kept, "again": running}))


def ask_to_purge(session: Session, *, now: datetime) -> None:
    """Let what is erased in this transaction be taken off the disk at the next full hour, with what others erase."""
    enqueue(session, PURGE, now=now - (now - datetime.min.replace(tzinfo=UTC)) % PURGE_EVERY + PURGE_EVERY)


def keep_recurring(session: Session, tasks: Iterable[str], *, now: datetime) -> None:
    """See to it that each of these tasks that come back by themselves has its row."""
    values = {"arguments": spelled(None), "state": JobState.WAITING, "due_at": now, "tries": 0, "again": False}
    for task in tasks:
        added = _INSERT[session.get_bind().dialect.name](Job).values(task=task, reason="", **values)
        session.execute(added.on_conflict_do_nothing())


def claim(session: Session, task: str, *, every: timedelta | None, now: datetime) -> Claim | None:
    """Take the oldest job of a task that is due, so that no other worker does; commit before running it.

    On PostgreSQL rows that another worker is taking are skipped; on SQLite the transaction must have begun as a writing
    one. A job fails whose arguments nobody can read, and one whose worker died so often that it must be the cause,
    unless it comes back `every` so often.
    """
    while (job := session.scalar(_next(task, every, now))) is not None:
        arguments = read(job.arguments)
        if arguments is not None and (every or job.tries < MOST_TRIES):
            job.state, job.started_at, job.due_at = JobState.RUNNING, now, now + LEASE
            job.tries, job.again = job.tries + 1, False
            session.flush()
            return Claim(job.id, arguments, now)
        _fail(job, UNREADABLE if arguments is None else WORKER_DIED, now=now)
        session.flush()
    return None


def extend(session: Session, claims: Iterable[Claim], *, now: datetime) -> None:
    """Say that the worker of these jobs lives."""
    for held in claims:
        session.execute(update(Job).where(_is_held(held)).values(due_at=now + LEASE))


def note_done(session: Session, held: Claim, *, every: timedelta | None, now: datetime) -> None:
    """Record that a job ended well; it waits again if it was asked for meanwhile, or comes back by itself."""
    job = _locked(session, held)
    if job is None:  # another worker has it, since this one seemed dead
        return
    job.tries, job.reason, job.ended_at = 0, "", now
    if job.again or every:
        job.state, job.due_at = JobState.WAITING, now if job.again else now + (every or timedelta())
    else:
        job.state = JobState.DONE
    session.flush()


def note_failure(session: Session, held: Claim, reason: str, *, final: bool, endless: bool, now: datetime) -> None:
    """Record why a job failed; it waits 10 seconds, then 40, 160 and at most 600, and fails for good at the fifth try.

    With `final` no other try follows; an `endless` job is always tried again.
    """
    job = _locked(session, held)
    if job is None:
        return
    _fail(job, reason, now=now)
    if endless or (not final and job.tries < MOST_TRIES):
        job.state, job.due_at = JobState.WAITING, now + pause_after(job.tries)
    if job.again:
        job.state, job.due_at, job.tries = JobState.WAITING, now, 0
    session.flush()


def hand_back(session: Session, held: Claim, *, now: datetime) -> None:
    """Let go of a job that was stopped halfway, so that another worker goes on with it at once."""
    job = _locked(session, held)
    if job is not None:
        job.state, job.due_at, job.tries = JobState.WAITING, now, job.tries - 1
        session.flush()


def forget_done(session: Session, *, now: datetime) -> None:
    """Delete the jobs that ended well more than a week ago."""
    session.execute(delete(Job).where(Job.state == JobState.DONE, Job.ended_at <= now - KEEP_DONE))


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries that failed, at least one."""
    return PAUSES[min(tries, len(PAUSES)) - 1]


def _next(task: str, every: timedelta | None, now: datetime) -> Select[Job]:
    due = select(Job).where(Job.task == task, is_due(every=every, now=now)).order_by(Job.due_at, Job.id).limit(1)
    return due.with_for_update(skip_locked=True).execution_options(populate_existing=True)


def _is_held(held: Claim) -> Any:
    return and_(Job.id == held.job_id, Job.state == JobState.RUNNING, Job.started_at == held.started_at)


def _locked(session: Session, held: Claim) -> Job | None:
    found = select(Job).where(_is_held(held)).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def _fail(job: Job, reason: str, *, now: datetime) -> None:
    job.state, job.reason, job.ended_at = JobState.FAILED, reason[:120], now
