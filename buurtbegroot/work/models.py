"""The table of jobs: what must be done, with what, how it stands; the row is the truth and there is no other queue."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.database import Id, Model


class JobState(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Model):
    """One thing to do: a task with its arguments, which together are there at most once.

    `arguments` is canonical JSON and never holds anything of a person or a choice. `due_at` is from when a worker may
    take it: of a running job the moment at which its worker must be dead, unless it moved that moment on. `again` says
    that somebody asked for it while it ran. `reason` is why the last try failed: a fault, or the name of an exception.
    """

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("task", "arguments"), Index("ix_job_state_due_at", "state", "due_at"))

    id: Mapped[Id]
    task: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[str] = mapped_column(String(500))
    state: Mapped[JobState]
    due_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    again: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(120), default="")


def read(arguments: str) -> dict[str, Any] | None:
    """Return arguments out of the table, or None where somebody put something else there."""
    try:
        found = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def spelled(arguments: Mapping[str, int | str] | None) -> str:
    """Return arguments as the table has them: equal ones are equal texts."""
    return canonical_json(dict(arguments or {})).decode()
