"""Reading the outbox for whom it is about; what is due is found by the outbox itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.rooms import Subject


def own_mail(session: Session, subject: Subject) -> object:
    """Return which mail goes or went to a person; not what is in it, which may be a link that signs in."""
    found = session.scalars(select(OutboxMail).where(OutboxMail.recipient == subject.email).order_by(OutboxMail.id))
    return [
        {
            "about": each.template,
            "created_at": each.created_at.isoformat(),
            "sent_at": each.sent_at.isoformat() if each.sent_at else None,
        }
        for each in found
    ]
