"""What the tables hold of rounds that something may wait in: one query for each kind of fact, none for each round."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.discussion.queries.lists import WAITS
from buurtbegroot.dual_control.queries import open_requests
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.registry.events import CodeListsDestroyed
from buurtbegroot.registry.models import CodeKind, CodeStatus, RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally.models import Tally
from buurtbegroot.tally.queries import BUNDLE, OPEN
from buurtbegroot.work.models import Job, JobState, read

ON_PAPER = (CodeKind.LETTER, CodeKind.SPARE)
BUSY = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True)
class Held:
    """What there is of these rounds; each fact is read when it is first asked for."""

    session: Session
    rounds: Sequence[Round]

    @cached_property
    def unjudged(self) -> dict[int, int]:
        """How many submitted plans wait for a verdict, by round."""
        return unjudged(self.session, [round_.id for round_ in self.rounds])

    @cached_property
    def unread(self) -> dict[int, int]:
        """How many contributions wait for a moderator, by round."""
        return unread(self.session, [round_.id for round_ in self.rounds])

    @cached_property
    def with_codes(self) -> frozenset[int]:
        """The rounds in which somebody may vote."""
        return self._having(lambda round_: exists().where(*_codes(round_), RegisteredCode.status == CodeStatus.ACTIVE))

    @cached_property
    def on_paper(self) -> frozenset[int]:
        """The rounds of which codes were in letters."""
        return self._having(lambda round_: exists().where(*_codes(round_), RegisteredCode.kind.in_(ON_PAPER)))

    @cached_property
    def lists_gone(self) -> frozenset[str]:
        """The keys of the rounds of which two people told that the lists from letter to code are gone."""
        keys = [round_key(round_) for round_ in self.rounds if round_.closed_at]
        told = (AuditEntry.object.in_(keys), AuditEntry.action == CodeListsDestroyed.name)
        return frozenset(self.session.scalars(select(AuditEntry.object).where(*told)))

    @cached_property
    def tallies(self) -> dict[int, Row[Any]]:
        """How far the counts are, by round, without their traces."""
        shut = [round_.id for round_ in self.rounds if round_.closed_at]
        columns = (Tally.round_id, Tally.opened_at, Tally.counted_at, Tally.bundle, Tally.faults, Tally.destroyed_at)
        rows: Iterable[Row[Any]] = self.session.execute(select(*columns).where(Tally.round_id.in_(shut)))
        return {row.round_id: row for row in rows}

    @cached_property
    def busy(self) -> frozenset[tuple[str, int]]:
        """What the worker does of counts or soon will: the task and the round."""
        rows = select(Job.task, Job.arguments).where(Job.task.in_((OPEN, BUNDLE)), Job.state.in_(BUSY))
        found = ((row.task, read(row.arguments) or {}) for row in self.session.execute(rows))
        return frozenset((task, arguments.get("round_id", 0)) for task, arguments in found)

    @cached_property
    def asked(self) -> frozenset[tuple[str, str]]:
        """What waits for a second person: the name of the act and what it is about."""
        return frozenset((request.act, request.object) for request in open_requests(self.session))

    def _having(self, condition: Callable[[Any], ColumnElement[bool]]) -> frozenset[int]:
        mine = select(Round.id).where(Round.id.in_([round_.id for round_ in self.rounds]), condition(Round.id))
        return frozenset(self.session.scalars(mine))


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


def _codes(round_: Any) -> tuple[ColumnElement[bool], ...]:
    return (RegisteredCode.round_id == round_,)


def _by_others(maker: Any, people: Collection[int]) -> ColumnElement[bool]:
    return or_(maker.is_(None), maker.not_in(people))
