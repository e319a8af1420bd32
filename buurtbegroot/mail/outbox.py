"""The outbox as a queue: which mail is due, who sends it, and what came of it; sending itself happens elsewhere."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from buurtbegroot.mail.models import OutboxMail

MOST_TRIES = 10
LEASE = timedelta(minutes=15)  # longer than any attempt lasts: afterwards the sender must have died
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
KEEP_SENT, KEEP_UNSENT = timedelta(days=7), timedelta(days=30)


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Tell whether there is mail to send now."""
    return session.scalar(_due(now).with_only_columns(OutboxMail.id).limit(1)) is not None


def claim_due_mail(session: Session, *, now: datetime) -> OutboxMail | None:
    """Take the oldest mail that is due, so that no other sender does; commit before sending it.

    On PostgreSQL rows that another sender is taking are skipped; on SQLite the transaction must have begun as a
    writing one, which lets one sender in at a time. A claim that nobody reports on ends with the lease.
    """
    mail = session.scalar(_due(now).limit(1).with_for_update(skip_locked=True))
    if mail is not None:
        mail.tries += 1
        mail.next_try_at = now + LEASE
        session.flush()
    return mail


def note_sent(mail: OutboxMail, *, now: datetime) -> None:
    """Record that the mail is out; what was in it is nobody's business any more."""
    mail.sent_at, mail.values, mail.last_error = now, {}, ""


def note_failure(mail: OutboxMail, reason: str, *, for_good: bool, now: datetime) -> None:
    """Record why it failed and when to try again: after 1 minute, then 4, 16, …, at most a day; or never again."""
    mail.last_error = reason[:1000]
    mail.next_try_at = now + min(LONGEST_PAUSE, SHORTEST_PAUSE * 4 ** (mail.tries - 1))
    if for_good:
        mail.tries = MOST_TRIES


def say_otherwise(session: Session, words: str, instead: str) -> None:
    """Take words out of all mail that is not sent yet, wherever they stand in its values."""
    for mail in session.scalars(select(OutboxMail).where(OutboxMail.sent_at.is_(None)).with_for_update()):
        told = _without(mail.values, words, instead)
        if told != mail.values:
            mail.values = told


def _without(value: Any, words: str, instead: str) -> Any:
    if isinstance(value, str):
        return value.replace(words, instead)
    return {key: _without(each, words, instead) for key, each in value.items()} if isinstance(value, dict) else value


def unsent(session: Session, *, given_up: bool) -> Counter[str]:
    """Count the mail that is not out, all or what is not tried any more, by the kind of error; "" before any."""
    rows = select(OutboxMail.last_error).where(OutboxMail.sent_at.is_(None))
    errors = session.scalars(rows.where(OutboxMail.tries >= MOST_TRIES) if given_up else rows)
    return Counter(error.partition(":")[0] for error in errors)


def take_up_again(session: Session, *, now: datetime) -> None:
    """Let all mail that is not tried any more be tried once more, now."""
    given_up = update(OutboxMail).where(OutboxMail.sent_at.is_(None), OutboxMail.tries >= MOST_TRIES)
    session.execute(given_up.values(tries=MOST_TRIES - 1, next_try_at=now))


def forget_old_mail(session: Session, *, now: datetime) -> None:
    """Delete what was sent more than a week ago, and what could not be sent in a month."""
    old = or_(OutboxMail.sent_at <= now - KEEP_SENT, OutboxMail.created_at <= now - KEEP_UNSENT)
    session.execute(delete(OutboxMail).where(old))


def _due(now: datetime) -> Select[OutboxMail]:
    """Select what is to be sent now, also when its next try is later than that can be: the clock was ahead then."""
    able = select(OutboxMail).where(OutboxMail.sent_at.is_(None), OutboxMail.tries < MOST_TRIES)
    is_lost = OutboxMail.next_try_at > now + LONGEST_PAUSE + LEASE
    return able.where(or_(OutboxMail.next_try_at <= now, is_lost)).order_by(OutboxMail.next_try_at, OutboxMail.id)
