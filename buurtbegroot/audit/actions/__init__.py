"""Appending to the log, through which every room reports what happened."""

import secrets
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, false, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.acts import Person, System, insist, require
from buurtbegroot.audit.domain.keys import LogFault, site_keys
from buurtbegroot.audit.events import Event
from buurtbegroot.audit.models import AuditEntry, AuditHead, AuditPayload, AuditPoint, AuditWithheld
from buurtbegroot.audit.policy import may_be_named
from buurtbegroot.audit.queries.verification import hashed_actor
from buurtbegroot.core.audit_chain import GENESIS, SALT_BYTES, Entry, entry_hash, payload_commitment, utc_minute
from buurtbegroot.database import Model
from buurtbegroot.vouching import state_of


class Listener(Protocol):
    """Somebody who hears of each entry, in the transaction that appends it."""

    def __call__(self, session: Session, entry: AuditEntry, *, by: Person | System, now: datetime) -> None:
        """Do what follows from the entry."""


RECORDED_IN = "recorded_in"
"""Where a session keeps in which transaction it last appended: nothing is signed that could still be undone."""
_listeners: list[Listener] = []


def on_record(listener: Listener) -> None:
    """Let a later room hear of every entry; it is called once all that the entry tells is written."""
    _listeners.append(listener)


def record(session: Session, event: Event, *, by: Person | System, now: datetime) -> AuditEntry:
    """Append an event to the log as a part of the act that it tells of, which asked whether `by` may.

    Appending waits for whoever appends at the same time, so the chain never forks. The entry vouches for what the event
    is about, as it is now. Raises RefusedError for a log that is shorter than what was signed of it, which `put_back`
    mends, and SiteKeyError as the keys do.
    """
    require(may_be_named(by))
    session.flush()
    head, state = _lock_head(session), state_of(session, Model.metadata, event.object)
    keys = site_keys(session)
    insist(head.seq >= keys.signed_size, LogFault.CUT, entry=head.seq + 1)  # else two logs would begin alike
    salt, payload = secrets.token_bytes(SALT_BYTES), event.payload()
    entry = Entry(
        seq=head.seq + 1,
        minute=utc_minute(now),
        actor=hashed_actor(by.actor.role, by.actor.pseudonym),
        action=event.name,
        object=event.object,
        accord=event.points,
        payload=payload_commitment(salt, payload),
        prev=bytes.fromhex(head.hash),
        state=bytes.fromhex(state),
    )
    row = AuditEntry.of(entry, mark=keys.load().mark(entry_hash(entry)))
    session.info[RECORDED_IN] = session.get_transaction()
    session.add(row)
    session.flush()
    session.add(AuditPayload(seq=entry.seq, salt=salt.hex(), payload=payload))
    session.add_all(AuditPoint.of(name, entry.seq) for name in dict.fromkeys(event.points))
    head.seq, head.hash = entry.seq, row.hash
    session.flush()
    for listener in _listeners:
        listener(session, row, by=by, now=now)
    return row


def withhold(session: Session, object_: str, *, but: str, by: Person | System) -> None:
    """Show nobody what the entries about something say by now, but for kinds of events that begin with `but`.

    A part of the act that hides what they say; `tell_again` is its undoing. What is recorded later is not withheld.
    """
    require(may_be_named(by))
    tell_again(session, object_, by=by)
    told = AuditEntry.object == object_, ~AuditEntry.action.startswith(but, autoescape=True)
    rows = select(AuditEntry.seq, false()).where(*told, AuditEntry.seq.not_in(select(AuditWithheld.seq)))
    session.execute(insert(AuditWithheld).from_select(["seq", "for_good"], rows))


def tell_again(session: Session, object_: str, *, by: Person | System) -> None:
    """Show again what all entries about something say, but for those that are withheld for good."""
    require(may_be_named(by))
    about = select(AuditEntry.seq).where(AuditEntry.object == object_)
    session.execute(delete(AuditWithheld).where(AuditWithheld.seq.in_(about), AuditWithheld.for_good.is_(False)))


def withhold_for_good(session: Session, object_: str, *, by: Person | System) -> None:
    """Never show again what entries about something say that are withheld now.

    A part of the act that replaces words while they are hidden: showing the new ones brings back none of the old.
    """
    require(may_be_named(by))
    about = select(AuditEntry.seq).where(AuditEntry.object == object_)
    session.execute(update(AuditWithheld).where(AuditWithheld.seq.in_(about)).values(for_good=True))


def _lock_head(session: Session) -> AuditHead:
    head = select(AuditHead).with_for_update().execution_options(populate_existing=True)
    if found := session.scalar(head):
        return found
    try:
        with session.begin_nested():
            session.add(AuditHead(id=1, seq=0, hash=GENESIS.hex()))
    except IntegrityError:  # somebody else is writing the very first entry
        pass
    return session.scalars(head).one()
