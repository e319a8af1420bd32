"""What plans keep of their maker and of who decided on them, as those may read it themselves."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.proposals.models import Decision, Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.proposals.queries import proposals_of, typed_line, typed_texts
from buurtbegroot.rooms import Subject


def own_plans(session: Session, subject: Subject) -> object:
    """Return the plans that a person made, concepts too, with all that was typed."""
    return [_plan(each) for each in proposals_of(session, subject.user_id)]


def _plan(plan: Proposal) -> dict[str, object]:
    return {
        "round": plan.round.slug,
        "number": plan.number or None,
        "status": plan.status.value,
        **typed_texts(plan),
        "theme": plan.theme.name if plan.theme else None,
        "buurt": plan.buurt.name if plan.buurt else None,
        "scene": plan.stored_scene,
        "costs": [typed_line(line) for line in plan.lines],
        "accord_points": [point.number for point in plan.points],
        "created_at": plan.created_at.isoformat(),
        "changed_at": plan.changed_at.isoformat(),
    }


def own_revisions(session: Session, subject: Subject) -> object:
    """Return the versions of plans that a person saved, with all that was typed."""
    rows = select(ProposalRevision).where(ProposalRevision.author_id == subject.user_id).order_by(ProposalRevision.id)
    return [
        {
            "plan": each.proposal_id,
            "version": each.number,
            "content": json.loads(each.stored_content),
            "name": each.stored_author_name,
            "saved_at": each.saved_at.isoformat(),
        }
        for each in session.scalars(rows)
    ]


def own_decisions(session: Session, subject: Subject) -> object:
    """Return the decisions on plans that a person made."""
    found = (
        select(Proposal.number, Proposal.title, Decision)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Decision.decided_by_id == subject.user_id)
        .order_by(Decision.id)
    )
    return [
        {
            "plan": number,
            "title": title,
            "admitted": decision.admitted,
            "cost_cents": decision.cost_cents,
            "reason": decision.reason,
            "answers": decision.answers,
            "version": decision.revision,
            "decided_at": decision.decided_at.isoformat(),
        }
        for number, title, decision in session.execute(found)
    ]
