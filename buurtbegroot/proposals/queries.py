"""Reading plans: the ballot of a round, lists and single plans; nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.core.plans import Plan
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round


def plans_on_ballot(session: Session, round_id: int) -> Sequence[Proposal]:
    """Return the admitted plans of a round by number."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status == ProposalStatus.ADMITTED)
    return session.scalars(rows.order_by(Proposal.number)).all()


def ballot_plans(session: Session, round_: Round) -> tuple[Plan, ...]:
    """Return the admitted plans by number as the count sees them: checked cost in cents, theme id and buurt code."""
    columns = select(Proposal.id, Proposal.cost_cents, Proposal.theme_id, Proposal.buurt_code)
    rows = columns.where(Proposal.round_id == round_.id, Proposal.status == ProposalStatus.ADMITTED)
    return tuple(
        Plan(id=plan_id, cost_cents=cents, theme=str(theme_id) if theme_id else None, area=buurt_code)
        for plan_id, cents, theme_id, buurt_code in session.execute(rows.order_by(Proposal.number))
    )


def proposal_by_id(session: Session, proposal_id: int) -> Proposal | None:
    """Return a plan of any status, or None."""
    return session.get(Proposal, proposal_id)
