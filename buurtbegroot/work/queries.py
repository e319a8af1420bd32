"""Reading the jobs: what is due, how one stands, and which ones people have to look at; nothing here writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.work.models import Job, JobState, spelled

PATIENCE = timedelta(minutes=2)
FURTHEST = timedelta(minutes=75)  # longer than any lease, any pause and any putting off, with clocks that differ


def job_of(session: Session, task: str, arguments: Mapping[str, int | str] | None = None) -> Job | None:
    """Return the job that was asked for with these arguments, freshly read, or None."""
    found = select(Job).where(Job.task == task, Job.arguments == spelled(arguments))
    return session.scalar(found.execution_options(populate_existing=True))


def is_due(*, every: timedelta | None, now: datetime) -> ColumnElement[bool]:
    """Say in SQL of a job of a task, which comes back `every` so often, that a worker may take it.

    It may too when it is due later than it can ever be: the clock was ahead when that was noted.
    """
    late = now + FURTHEST
    running, waiting = Job.state == JobState.RUNNING, Job.state == JobState.WAITING
    is_lost = or_(running & (Job.due_at > late), waiting & (Job.due_at > late + (every or timedelta())))
    return or_(running, waiting) & or_(Job.due_at <= now, is_lost)


def due_tasks(session: Session, tasks: Mapping[str, timedelta | None], *, now: datetime) -> set[str]:
    """Return the names of those tasks that a worker may take a job of; each is given with how often it comes back."""
    due = (and_(Job.task == name, is_due(every=every, now=now)) for name, every in tasks.items())
    return set(session.scalars(select(Job.task).where(or_(false(), *due)).distinct()))


def jobs_not_done() -> Select[Job]:
    """Return a select of the jobs that failed, then those that run, then those that wait, the first one due first."""
    order = case({JobState.FAILED: 0, JobState.RUNNING: 1}, value=Job.state, else_=2)
    return select(Job).where(Job.state != JobState.DONE).order_by(order, Job.due_at, Job.id)


def is_overdue(job: Job, *, every: timedelta | None, now: datetime) -> bool:
    """Tell whether a worker should have taken this job already: none is running, or all are very busy."""
    pause = every if every and job.state is JobState.WAITING else timedelta()
    is_expected = now - PATIENCE < job.due_at <= now + FURTHEST + pause
    return job.state in {JobState.WAITING, JobState.RUNNING} and not is_expected
