"""Reading the jobs: what is due, how one stands, and which ones people have to look at; nothing here writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from buurtbegroot.work.models import Job, JobState, spelled

PATIENCE = timedelta(minutes=2)


def job_of(session: Session, task: str, arguments: Mapping[str, int | str] | None = None) -> Job | None:
    """Return the job that was asked for with these arguments, freshly read, or None."""
    found = select(Job).where(Job.task == task, Job.arguments == spelled(arguments))
    return session.scalar(found.execution_options(populate_existing=True))


def due_tasks(session: Session, *, now: datetime) -> set[str]:
    """Return the names of the tasks that a worker may take a job of."""
    able = Job.state.in_((JobState.WAITING, JobState.RUNNING))
    return set(session.scalars(select(Job.task).where(able, Job.due_at <= now).distinct()))


def jobs_not_done() -> Select[Job]:
    """Return a select of the jobs that failed, then those that run, then those that wait, the first one due first."""
    order = case({JobState.FAILED: 0, JobState.RUNNING: 1}, value=Job.state, else_=2)
    return select(Job).where(Job.state != JobState.DONE).order_by(order, Job.due_at, Job.id)


def is_overdue(job: Job, now: datetime) -> bool:
    """Tell whether a worker should have taken this job minutes ago: none is running, or all are very busy."""
    return job.state in {JobState.WAITING, JobState.RUNNING} and job.due_at <= now - PATIENCE
