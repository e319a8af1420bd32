"""Counting tries: whether there is room, one more, one taken back; right however many count at once."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from buurtbegroot.limits.domain import KEPT, Counted, DailySecrets, TooOftenError
from buurtbegroot.limits.models import Attempt, SentForm


def check(session: Session, counted: Counted, *, secrets: DailySecrets, now: datetime) -> None:
    """Raise TooOftenError, with how long to wait, when there is no room for one more try."""
    keys = secrets.keys(counted, now=now)
    most = max(bound.most for bound in counted.bounds)
    newest = select(Attempt.at).where(Attempt.key.in_(keys), Attempt.at > now - KEPT)
    at = session.scalars(newest.order_by(Attempt.at.desc()).limit(most)).all()
    waits = [at[most - 1] + timedelta(seconds=seconds) - now for most, seconds in counted.bounds if len(at) >= most]
    seconds = ceil(max(waits, default=timedelta()).total_seconds())
    if seconds > 0:
        raise TooOftenError(counted.fault, seconds=seconds, until=now + timedelta(seconds=seconds))


def count(session: Session, *several: Counted, secrets: DailySecrets, now: datetime) -> None:
    """Count one try for each, or raise TooOftenError and count for none; the transaction must have begun for writing.

    Whoever counts for the same at once waits here, so that the last place is given away once.
    """
    keys = {secrets.key_of_today(counted, now=now): counted for counted in several}
    for key in sorted(keys):  # in one order, so that two who count for the same two never wait for each other
        _wait_for_others(session, key)
    for key, counted in keys.items():
        check(session, counted, secrets=secrets, now=now)
        session.add(Attempt(key=key, at=now))
    session.flush()


def take_back(session: Session, counted: Counted, *, secrets: DailySecrets, now: datetime) -> None:
    """Let the newest try not count after all, if there is one."""
    mine = select(Attempt.id).where(Attempt.key.in_(secrets.keys(counted, now=now)))
    newest = mine.order_by(Attempt.at.desc(), Attempt.id.desc()).limit(1)
    session.execute(delete(Attempt).where(Attempt.id.in_(newest.scalar_subquery())))


def forget_old(session: Session, *, secrets: DailySecrets, now: datetime) -> None:
    """Let go of tries and forms that are over a day old, and of the secrets under which tries were kept."""
    session.execute(delete(SentForm).where(SentForm.expires_at <= now))
    session.execute(delete(Attempt).where(Attempt.at <= now - KEPT))
    secrets.forget(now=now)


def _wait_for_others(session: Session, key: bytes) -> None:
    if session.get_bind().dialect.name == "postgresql":  # on SQLite one transaction writes at a time
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], signed=True))))
