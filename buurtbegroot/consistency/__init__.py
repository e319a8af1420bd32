"""Whether database and files of a whole site agree: `buurtbegroot fsck`; nothing here writes, and there is no Flask.

Trusted values come from the anchors beside the keys and never from the database. What is done at this very moment can
look like a fault: whoever asks looks again and believes what is found both times.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.domain.anchors import Anchors, Folder, KeyFileError, anchored
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.consistency.box import BOX_CHECKS
from buurtbegroot.consistency.count import COUNT_CHECKS
from buurtbegroot.consistency.lists import LIST_CHECKS
from buurtbegroot.consistency.vote import Check, Vote
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.queries import tally_of
from buurtbegroot.work.models import JobState
from buurtbegroot.work.queries import is_overdue, jobs_not_done

CHECKS: Mapping[str, Check] = {**LIST_CHECKS, **BOX_CHECKS, **COUNT_CHECKS}


class Found(NamedTuple):
    """What is wrong: where, the name of the fault, and the details."""

    where: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.name}: {self.what}"


def faults(
    session: Session, *, keys: KeyStore, tasks: Mapping[str, timedelta | None], now: datetime
) -> Iterator[Found]:
    """Yield all that is wrong with the votes of a site, its log and its background work.

    `tasks` says how often each comes back by itself. Read in one snapshot what is written meanwhile is no fault.
    """
    rounds = {each.id: each for each in session.scalars(select(Round).where(Round.archive == ""))}  # with a box here
    for round_id in sorted(rounds.keys() | keys.rounds()):
        folder = keys.folder(round_id)
        for name, what in _of_vote(session, rounds.get(round_id), folder=folder, now=now):
            yield Found(folder.path.name, name, what)
    yield from (Found("log", "log", what) for what in _of_log(session))
    yield from (Found("work", "job", what) for what in _of_jobs(session, tasks, now=now))


def _of_vote(session: Session, round_: Round | None, *, folder: Folder, now: datetime) -> Iterator[tuple[str, str]]:
    try:
        anchors = anchored(folder)
        is_opened = anchors.is_opened and bool(_understood(anchors))
    except KeyFileError as error:
        yield "anchors", str(error)
        return
    if round_ is None:
        if is_opened:
            yield "round", "the trusted values tell of a vote that is not in the database"
        return
    if not round_.fingerprint:  # an opening that was not committed can be done again until voting begins
        if is_opened and now >= anchors.begins:
            yield "round", "the trusted values tell that this vote was opened, the database does not"
        return
    if not is_opened:
        yield "anchors", "the database tells that this vote was opened, the trusted values do not"
        return
    vote = Vote(session, round_, folder, anchors=anchors, tally=tally_of(session, round_.id))
    for name, check in CHECKS.items():
        yield from ((name, what) for what in _found(check, vote))


def _found(check: Check, vote: Vote) -> Iterator[str]:
    """Yield what a check finds, and what it stumbles on."""
    try:
        yield from check(vote)
    except (RefusedError, OSError, ValueError, KeyError, TypeError) as error:
        yield str(error) or type(error).__name__


def _understood(anchors: Anchors) -> Anchors:
    """Return trusted values whose manifest can be read; raises KeyFileError for all else."""
    try:
        assert anchors.paper
        assert anchors.ends > anchors.begins
        assert anchors.signer
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileError(f"the manifest of the trusted values cannot be read: {error}") from None
    return anchors


def _of_log(session: Session) -> Iterator[str]:
    try:
        found = verify_log(session)
    except RefusedError as error:
        yield str(error)
        return
    if found.problem:
        yield f"entry {found.problem.place}: {found.problem.fault.value.replace('_', ' ')}"
    for name, seq in found.otherwise.items():
        yield f"{name} is not as entry {seq} left it" if seq else f"{name} has no entry"


def _of_jobs(session: Session, tasks: Mapping[str, timedelta | None], *, now: datetime) -> Iterator[str]:
    for job in session.scalars(jobs_not_done()):
        if job.state is JobState.FAILED:
            yield f"{job.task} {job.arguments} failed: {job.reason}"
        elif is_overdue(job, every=tasks.get(job.task), now=now):
            yield f"{job.task} {job.arguments} is not begun by any worker"
