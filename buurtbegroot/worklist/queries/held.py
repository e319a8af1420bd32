"""What the tables hold of rounds that something may wait in: one query for each kind of fact, none for each round."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.discussion.queries.lists import WAITS
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.registry.events import CodeListsDestroyed
from buurtbegroot.registry.models import CodeKind, CodeStatus, RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.models import Tally
from buurtbegroot.tally.queries import BUNDLE, OPEN
from buurtbegroot.work.models import Job, JobState, read

ON_PAPER = (CodeKind.LETTER, CodeKind.SPARE)
BUSY = (JobState.WAITING, JobState.RUNNING)
_CODES = RegisteredCode.round_id == Round.id
_GONE = (AuditEntry.object == Round.key, AuditEntry.action == CodeListsDestroyed.name)
_FACTS = select(
    Round.id,
    exists().where(_CODES, RegisteredCode.status == CodeStatus.ACTIVE).label("with_codes"),
    exists().where(_CODES, RegisteredCode.kind.in_(ON_PAPER)).label("on_paper"),
    exists().where(*_GONE).label("lists_gone"),
    Tally.round_id.is_not(None).label("is_counting"),
    Tally.opened_at,
    Tally.counted_at,
    Tally.bundle,
    Tally.faults,
    Tally.destroyed_at,
).outerjoin(Tally, Tally.round_id == Round.id)
"""Of each round whether somebody may vote, whether codes were in letters, whether two people told that the lists from
letter to code are gone, and how far its count is, without the trace."""


@dataclass(frozen=True)
class Held:
    """What there is of these rounds; each fact is read when it is first asked for."""

    session: Session
    rounds: Sequence[Round]
    requests: Sequence[DualRequest]

    @cached_property
    def unjudged(self) -> dict[int, int]:
        """How many submitted plans wait for a verdict, by round."""
        return unjudged(self.session, [round_.id for round_ in self.rounds])

    @cached_property
    def unread(self) -> dict[int, int]:
        """How many contributions wait for a moderator, by round."""
        return unread(self.session, [round_.id for round_ in self.rounds])

    @cached_property
    def facts(self) -> dict[int, Row[Any]]:
        """What there is of codes and counts, by round: see the labels in `_FACTS`."""
        mine = _FACTS.where(Round.id.in_([round_.id for round_ in self.rounds]))
        rows: Iterable[Row[Any]] = self.session.execute(mine)
        return {row.id: row for row in rows}

    @cached_property
    def busy(self) -> frozenset[tuple[str, int]]:
        """What the worker does of counts or soon will: the task and the round."""
        rows = select(Job.task, Job.arguments).where(Job.task.in_((OPEN, BUNDLE)), Job.state.in_(BUSY))
        found = ((row.task, read(row.arguments) or {}) for row in self.session.execute(rows))
        return frozenset((task, arguments.get("round_id", 0)) for task, arguments in found)

    @cached_property
    def asked(self) -> frozenset[tuple[str, str]]:
        """What waits for a second person: the name of the act and what it is about."""
        return frozenset((request.act, request.object) for request in self.requests)


def unjudged(session: Session, rounds: Collection[int], *, not_by: Collection[int] = ()) -> dict[int, int]:
    """Return how many submitted plans wait for a verdict, by round; those of these makers left out."""
    mine = (Proposal.round_id.in_(rounds), Proposal.status == ProposalStatus.SUBMITTED)
    rows = select(Proposal.round_id, func.count()).where(*mine, _by_others(Proposal.author_id, not_by))
    return {row[0]: row[1] for row in session.execute(rows.group_by(Proposal.round_id))}


def unread(session: Session, rounds: Collection[int], *, not_by: Collection[int] = ()) -> dict[int, int]:
    """Return how many contributions wait to be read before everyone does, by round; those of these people left out."""
    rows = select(Thread.round_id, func.count()).join(Contribution, Contribution.thread_id == Thread.id)
    mine = rows.where(Thread.round_id.in_(rounds), WAITS, _by_others(Contribution.author_id, not_by))
    return {row[0]: row[1] for row in session.execute(mine.group_by(Thread.round_id))}


def _by_others(maker: Any, people: Collection[int]) -> ColumnElement[bool]:
    return or_(maker.is_(None), maker.not_in(people))
