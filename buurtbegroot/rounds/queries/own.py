"""What rounds keep of the organisers who began them, as those may read it themselves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import Round


def own_rounds(session: Session, subject: Subject) -> object:
    """Return the rounds that a person began."""
    begun = select(Round.slug, Round.created_at).where(Round.created_by_id == subject.user_id).order_by(Round.id)
    return [{"round": slug, "created_at": created_at.isoformat()} for slug, created_at in session.execute(begun)]
