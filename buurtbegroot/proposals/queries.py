"""Reading plans: the ballot of a round, lists and single plans; nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from buurtbegroot.areas.models import Area
from buurtbegroot.core.plans import Plan
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import area_key, rules_or_none, theme_key


def plans_on_ballot(session: Session, round_id: int) -> Sequence[Proposal]:
    """Return the admitted plans of a round by number."""
    rows = select(Proposal).where(Proposal.round_id == round_id, Proposal.status == ProposalStatus.ADMITTED)
    return session.scalars(rows.order_by(Proposal.number)).all()


def ballot_plans(session: Session, round_: Round) -> tuple[Plan, ...]:
    """Return the admitted plans by number as the count sees them: checked cost in cents, theme and area as groups."""
    rules = rules_or_none(round_)
    rows = select(Proposal).where(Proposal.round_id == round_.id, Proposal.status == ProposalStatus.ADMITTED)
    loaded = rows.options(joinedload(Proposal.theme), joinedload(Proposal.buurt).options(defer(Area.outline)))
    return tuple(
        Plan(id=plan.id, cost_cents=plan.cost_cents, theme=theme_key(plan.theme), area=area_key(rules, plan.buurt))
        for plan in session.scalars(loaded.order_by(Proposal.number))
    )


def proposal_by_id(session: Session, proposal_id: int) -> Proposal | None:
    """Return a plan of any status, or None."""
    return session.get(Proposal, proposal_id)
