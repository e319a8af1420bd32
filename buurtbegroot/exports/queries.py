"""The files of a person and how they stand; nothing here writes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from buurtbegroot.audit.events import PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.datasets.domain.description import Choice, Named
from buurtbegroot.datasets.forms import read_choice
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.datasets.queries.scope import names_of
from buurtbegroot.discussion.events import ContributionDeleted
from buurtbegroot.exports.models import Export
from buurtbegroot.exports.policy import ExportFault
from buurtbegroot.moderation.events import WordsHidden
from buurtbegroot.rooms import Subject
from buurtbegroot.work.models import Job, JobState, spelled

MAKE = "exports.make"
MOST = 10
"""How many files one person has at a time."""
LONG = 20_000
"""Rows from which on a file is made beside the request."""
TAKEN_AWAY = (WordsHidden.name, ContributionDeleted.name, PayloadErased.name)
"""What happens to words that nobody may read any more."""
STEADY = [each.name for each in DATA_SETS.values() if each.is_steady]


class Standing(NamedTuple):
    """A file with how it stands: `reason` is "" unless making it failed for good, or it has what was hidden since."""

    export: Export
    reason: str
    started_at: datetime | None

    @property
    def choice(self) -> Choice:
        """Which rows and columns it has."""
        return choice_of(self.export)

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched."""
        return self.export.made_at is not None and not self.reason

    @property
    def is_busy(self) -> bool:
        """Whether it is being made, or will be."""
        return self.export.made_at is None and not self.reason

    def minutes_left(self, now: datetime) -> int | None:
        """Return in how many minutes it is ready at the speed so far, None when nothing tells."""
        if self.started_at is None or not self.export.done:
            return None
        left = (now - self.started_at) * ((self.export.rows - self.export.done) / self.export.done)
        return max(1, ceil(left / timedelta(minutes=1)))


def exports_of(session: Session, user_id: int) -> Sequence[Standing]:
    """Return the files that somebody asked for, the last one first; two queries."""
    rows = select(Export, outdated()).where(Export.user_id == user_id).order_by(Export.id.desc()).limit(MOST)
    found = session.execute(rows).all()
    arguments = {spelled({"export": export.id}): export.id for export, _is_outdated in found}
    jobs = select(Job).where(Job.task == MAKE, Job.arguments.in_(arguments))
    by_id = {arguments[job.arguments]: job for job in session.scalars(jobs)} if arguments else {}
    return [
        Standing(export, ExportFault.OUTDATED.value, None) if is_old else _standing(export, by_id.get(export.id))
        for export, is_old in found
    ]


def choice_of(export: Export) -> Choice:
    """Return which rows and columns a file has: what its address says."""
    return read_choice(MultiDict(parse_qsl(urlsplit(export.url).query)), DATA_SETS[export.data_set])[0]


def names_of_choices(session: Session, standings: Sequence[Standing]) -> Mapping[str, str]:
    """Return the names by code of the areas and rounds that files were chosen by; two queries, none for no files."""
    if not standings:
        return {}
    return {**names_of(session, Named.AREA), **names_of(session, Named.ROUND)}


def _standing(export: Export, job: Job | None) -> Standing:
    failed = job is not None and job.state is JobState.FAILED
    reason = (job.reason or "unknown") if job is not None and failed else ""
    is_running = job is not None and job.state is JobState.RUNNING
    return Standing(export, reason, job.started_at if job is not None and is_running else None)


def own_export(session: Session, user_id: int, number: int) -> Export | None:
    """Return one of somebody's files by its number."""
    return session.scalar(select(Export).where(Export.id == number, Export.user_id == user_id))


def made_export(session: Session, token: str, *, now: datetime) -> Export | None:
    """Return a file that is whole by the token in its address; none that has what was hidden since."""
    found = session.scalar(select(Export).where(Export.token == token, Export.made_at.is_not(None), ~outdated()))
    return found if found is not None and found.expires_at > now else None


def last_seq(session: Session) -> int:
    """Return the number of the last entry of the log."""
    return session.scalar(select(func.max(AuditEntry.seq))) or 0


def outdated() -> ColumnElement[bool]:
    """Say in SQL that words were hidden or taken away after a file was made that may have them."""
    since = exists().where(AuditEntry.action.in_(TAKEN_AWAY), AuditEntry.seq > Export.seq).correlate(Export)
    return since & Export.data_set.not_in(STEADY)


def is_outdated(session: Session, export: Export) -> bool:
    """Tell whether a file may have words that were hidden or taken away after it was made."""
    return session.scalar(select(outdated()).where(Export.id == export.id)) or False


def given_exports(session: Session, subject: Subject) -> object:
    """Return which files a person has."""
    rows = select(Export.url, Export.asked_at).where(Export.user_id == subject.user_id).order_by(Export.id)
    return [{"url": url, "asked_at": asked_at.isoformat()} for url, asked_at in session.execute(rows)]
