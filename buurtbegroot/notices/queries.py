"""Reading what makers must still be told, and of which plans; nothing here writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, joinedload

from buurtbegroot.core.phases import Phase
from buurtbegroot.notices.models import Kind, Notice
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tally.models import PlanResult, Tally

STATUSES = {
    Kind.BALLOT: (ProposalStatus.ADMITTED,),
    Kind.OUTCOME: (ProposalStatus.ADMITTED,),
    Kind.UNJUDGED: (ProposalStatus.SUBMITTED,),
    Kind.NOT_HELD: (ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED),
}
"""How the plans stand whose makers are told."""


class Due(NamedTuple):
    """What happened to a round at a moment, of which not all makers have been told."""

    round_id: int
    kind: Kind
    moment: datetime


class ToTell(NamedTuple):
    """A plan whose makers are told, with what a count found: its verdict, cents and Why; None where it found none."""

    plan: Proposal
    verdict: str | None
    awarded_cents: int | None
    why: dict[str, Any] | None


def all_due(session: Session, *, now: datetime, round_id: int | None = None) -> list[Due]:
    """Return all of which makers must still be told, in one round or all; it looks at rounds only, never at plans."""
    return [due for kind, asked in _happened(now).items() for due in _untold(session, kind, asked, only=round_id)]


def plans_to_tell(session: Session, due: Due, *, after: int, most: int) -> Sequence[ToTell]:
    """Return the first plans, by id, whose makers are told of it and whose id comes after this one."""
    own = (PlanResult.proposal_id == Proposal.id) & (PlanResult.round_id == Proposal.round_id)
    small = select(Tally.is_small).where(Tally.round_id == Proposal.round_id).scalar_subquery()
    rows = select(Proposal, PlanResult.verdict, PlanResult.awarded_cents, PlanResult.why, small)
    joined = rows.join(PlanResult, own) if due.kind is Kind.OUTCOME else rows.outerjoin(PlanResult, own)
    wanted = joined.where(
        Proposal.round_id == due.round_id, Proposal.status.in_(STATUSES[due.kind]), Proposal.id > after
    )
    loaded = wanted.options(joinedload(Proposal.author), joinedload(Proposal.round))
    found = session.execute(loaded.order_by(Proposal.id).limit(most).execution_options(populate_existing=True))
    return [ToTell(plan, verdict, cents, None if is_small else why) for plan, verdict, cents, why, is_small in found]


def _untold(session: Session, kind: Kind, happened: Select[Any], *, only: int | None) -> list[Due]:
    moment = happened.selected_columns[1]
    same = and_(Notice.round_id == Round.id, Notice.kind == kind, Notice.moment == moment)
    asked = happened.outerjoin(Notice, same).where(Notice.done_at.is_(None)).order_by(Round.id)
    found = asked if only is None else asked.where(Round.id == only)
    return [Due(each, kind, at) for each, at in session.execute(found)]


def _happened(now: datetime) -> dict[Kind, Select[Any]]:
    """Select the rounds to which each kind happened, with when; only of what is still true."""
    voting = select(PhaseWindow.round_id).where(PhaseWindow.phase == Phase.VOTING, PhaseWindow.ends_at > now)
    is_to_come = Round.id.in_(voting)
    opened = Round.published_at.is_not(None) & Round.opened_at.is_not(None) & Round.closed_at.is_(None)
    never_opened = Round.published_at.is_not(None) & Round.opened_at.is_(None)
    return {
        Kind.BALLOT: select(Round.id, Round.opened_at).where(opened, is_to_come),
        Kind.OUTCOME: select(Round.id, Round.certified_at).where(HAS_PUBLIC_OUTCOME),
        Kind.UNJUDGED: _ended(Phase.FEASIBILITY, now).where(never_opened, is_to_come),
        Kind.NOT_HELD: _ended(Phase.VOTING, now).where(never_opened),
    }


def _ended(phase: Phase, now: datetime) -> Any:
    found = select(Round.id, PhaseWindow.ends_at).join(PhaseWindow, PhaseWindow.round_id == Round.id)
    return found.where(PhaseWindow.phase == phase, PhaseWindow.ends_at <= now)
