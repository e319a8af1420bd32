"""What people do with jobs as such; asking for one is part of another room's act, by way of the queue."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import Person, System, require
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.policy import may_look_after_work
from buurtbegroot.work.register import Task


def try_again(session: Session, job: Job, *, by: Person | System, now: datetime) -> None:
    """Let a job that failed or waits begin at once, as if it was never tried; one that runs or is done stays as it is.

    Raises NotAllowedError.
    """
    require(may_look_after_work(by), hidden=True)
    session.refresh(job, with_for_update=True)
    if job.state in {JobState.FAILED, JobState.WAITING}:
        job.state, job.due_at, job.tries, job.reason = JobState.WAITING, now, 0, ""
        session.flush()


def take_up(task: Task, *, by: Person | System) -> None:
    """Let a task do after all what it does no more by itself; raises NotAllowedError."""
    require(may_look_after_work(by), hidden=True)
    task.take_up()
