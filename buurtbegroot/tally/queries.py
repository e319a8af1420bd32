"""Reading what the count did; nothing is told before the result is certified."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.models import PlanResult


def result_of_plan(session: Session, proposal_id: int) -> PlanResult | None:
    """Return what the count did with a plan, or None as long as its round is not certified."""
    certified = select(PlanResult).join(Round, Round.id == PlanResult.round_id).where(Round.certified_at.is_not(None))
    return session.scalar(certified.where(PlanResult.proposal_id == proposal_id))
