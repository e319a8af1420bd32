"""What rounds keep of the organisers who began them and took their steps, as those may read it themselves."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import Round, RoundStep


def own_rounds(session: Session, subject: Subject) -> object:
    """Return the rounds that a person began."""
    begun = select(Round.slug, Round.created_at).where(Round.created_by_id == subject.user_id).order_by(Round.id)
    return [{"round": slug, "created_at": created_at.isoformat()} for slug, created_at in session.execute(begun)]


def own_steps(session: Session, subject: Subject) -> object:
    """Return the steps of rounds that a person asked for or confirmed."""
    asked, confirmed = RoundStep.requested_by_id == subject.user_id, RoundStep.confirmed_by_id == subject.user_id
    found = select(Round.slug, RoundStep).join(Round, Round.id == RoundStep.round_id).where(or_(asked, confirmed))
    return [
        {
            "round": slug,
            "step": step.step.value,
            "asked_at": step.requested_at.isoformat() if step.requested_by_id == subject.user_id else None,
            "confirmed_at": step.confirmed_at.isoformat()
            if step.confirmed_at and step.confirmed_by_id == subject.user_id
            else None,
        }
        for slug, step in session.execute(found.order_by(RoundStep.requested_at))
    ]
