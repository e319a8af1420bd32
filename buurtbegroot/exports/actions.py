"""Asking for a long file, stopping it, and noting how far it is; what is in it is public, so the log says nothing."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By, System, insist, require
from buurtbegroot.exports.models import KEPT, LONGEST, Export
from buurtbegroot.exports.policy import ExportFault, is_own, makes_exports, may_export
from buurtbegroot.exports.queries import MAKE, MOST, is_outdated
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.work.queue import enqueue


def ask_for_export(session: Session, export: Export, *, by: User, now: datetime) -> Export:
    """Let a file be made of what `export` says.

    Raises RefusedError when somebody has as many as are kept, or the choice has too long an address.
    """
    require(may_export(by))
    insist(len(export.url) <= LONGEST, ExportFault.LONG)
    own = select(func.count()).where(Export.user_id == by.id)
    insist((session.scalar(own) or 0) < MOST, ExportFault.MANY, most=MOST)
    export.user_id, export.token, export.asked_at = by.id, secrets.token_urlsafe(32), now
    session.add(export)
    session.flush()
    enqueue(session, MAKE, {"export": export.id}, now=now)
    return export


def try_export_again(session: Session, export: Export, *, by: By, now: datetime) -> None:
    """Let a file be made anew that could not be made, or has what was hidden since."""
    require(is_own(by, export), hidden=True)
    if is_outdated(session, export):
        export.made_at, export.size, export.seq, export.done = None, None, None, 0
    if export.made_at is None:
        enqueue(session, MAKE, {"export": export.id}, now=now)


def drop_export(session: Session, export: Export, *, by: By) -> None:
    """Throw a file away, or stop making it."""
    require(is_own(by, export), hidden=True)
    session.delete(export)
    session.flush()


def note_rows(session: Session, number: int, *, done: int, by: System) -> bool:
    """Note how many rows of a file are read; tell whether anybody still wants it."""
    require(makes_exports(by))
    wanted = update(Export).where(Export.id == number).values(done=done).returning(Export.id)
    return session.execute(wanted).first() is not None


def note_made(session: Session, number: int, *, size: int, seq: int, by: System, now: datetime) -> bool:
    """Note that a file is whole, and the last entry of the log that it knows of; tell whether it is still wanted."""
    require(makes_exports(by))
    made = update(Export).where(Export.id == number).values(size=size, seq=seq, made_at=now, done=Export.rows)
    return session.execute(made.returning(Export.id)).first() is not None


def forget_exports(session: Session, *, by: System, now: datetime) -> None:
    """Throw away what was asked for more than a week ago."""
    require(makes_exports(by))
    session.execute(delete(Export).where(Export.asked_at <= now - KEPT))


def erase_exports(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Throw away the files of a person."""
    require(erases(by, subject))
    session.execute(delete(Export).where(Export.user_id == subject.user_id))
