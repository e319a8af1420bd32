"""Plans in a round."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round


def plan(
    session: Session,
    round_: Round,
    *,
    now: datetime,
    cents: int = 10_000,
    status: ProposalStatus = ProposalStatus.ADMITTED,
) -> Proposal:
    """Return a plan with the next number of the round, in its first theme."""
    number = (session.scalar(select(func.max(Proposal.number)).where(Proposal.round_id == round_.id)) or 0) + 1
    found = Proposal(
        round_id=round_.id,
        number=number,
        title=f"Plan {number}",
        summary=f"Wat plan {number} doet.",
        search=f"plan {number}",
        theme=round_.themes[0],
        buurt_code="EA01",
        author_name="Een bewoner",
        status=status,
        estimate_cents=cents,
        cost_cents=cents if status is ProposalStatus.ADMITTED else 0,
        created_at=now,
        changed_at=now,
    )
    session.add(found)
    session.flush()
    return found
