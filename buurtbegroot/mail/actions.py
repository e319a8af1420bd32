"""Putting mail in the outbox, as a part of the act that causes it; delivery happens elsewhere and later."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from buurtbegroot.acts import By, require
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.rooms import Subject, erases


def enqueue_mail(
    session: Session, *, recipient: str, template: str, values: dict[str, Any], language: str, now: datetime
) -> OutboxMail:
    """Write one mail to the outbox: `template` names a pair in templates/mail/, `values` is plain JSON."""
    mail = OutboxMail(
        recipient=recipient, template=template, values=values, language=language, created_at=now, next_try_at=now
    )
    session.add(mail)
    session.flush()
    return mail


def erase_mail(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Delete all mail to a person, sent or not."""
    require(erases(by, subject))
    session.execute(delete(OutboxMail).where(OutboxMail.recipient == subject.email))
