"""Reading what waits, by the mailed link, by the key that a browser has, or for one's own data."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.rooms import Subject
from buurtbegroot.waiting.models import WaitingForm, WaitingLink


class Opened(NamedTuple):
    """What a mailed link leads to, and whether the link still works; what waits does so longer than its links."""

    form: WaitingForm
    works: bool


def opened_by(session: Session, token: str, *, now: datetime) -> Opened | None:
    """Return what the link of a token leads to, as long as that waits."""
    link = session.get(WaitingLink, hash_token(token))
    form = waiting_form(session, link.form_key, now=now) if link else None
    return Opened(form, link.expires_at > now) if link and form else None


def waiting_form(session: Session, key: str, *, now: datetime) -> WaitingForm | None:
    """Return what waits under this key."""
    found = session.get(WaitingForm, key)
    return found if found and found.expires_at > now else None


def own_waiting(session: Session, subject: Subject) -> object:
    """Return what waits for the mailbox of a person."""
    theirs = select(WaitingForm).where(WaitingForm.email == subject.email).order_by(WaitingForm.expires_at)
    links = select(func.count()).select_from(WaitingLink)
    return [
        {
            "page": form.path,
            "fields": form.fields,
            "shown": form.told,
            "language": form.language,
            "mailed_at": form.mailed_at.isoformat(),
            "until": form.expires_at.isoformat(),
            "links": session.scalar(links.where(WaitingLink.form_key == form.key)),
        }
        for form in session.scalars(theirs)
    ]
