"""Appending to the log: the one function through which every room reports what happened."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.audit.events import Actor, Event
from buurtbegroot.audit.models import AuditEntry, AuditHead, AuditPayload, AuditPoint
from buurtbegroot.core.audit_chain import GENESIS, SALT_BYTES, Entry, entry_hash, payload_commitment, utc_minute


def record(session: Session, event: Event, *, actor: Actor, now: datetime) -> AuditEntry:
    """Append an event to the log; appending waits for whoever appends at the same time, so the chain never forks."""
    head = _lock_head(session)
    salt, payload = secrets.token_bytes(SALT_BYTES), event.payload()
    entry = Entry(
        seq=head.seq + 1,
        minute=utc_minute(now),
        actor=actor.pseudonym,
        action=event.name,
        object=event.object,
        accord=tuple(str(number) for number in event.points),
        payload=payload_commitment(salt, payload),
        prev=bytes.fromhex(head.hash),
    )
    row = _row(entry, role=actor.role, now=now)
    session.add(row)
    session.flush()
    session.add(AuditPayload(seq=entry.seq, salt=salt.hex(), payload=payload))
    session.add_all(AuditPoint(number=number, seq=entry.seq) for number in dict.fromkeys(event.points))
    head.seq, head.hash = entry.seq, row.hash
    session.flush()
    return row


def _lock_head(session: Session) -> AuditHead:
    head = session.scalar(select(AuditHead).with_for_update().execution_options(populate_existing=True))
    if head is None:
        head = AuditHead(id=1, seq=0, hash=GENESIS.hex())
        session.add(head)
        session.flush()
    return head


def _row(entry: Entry, *, role: str, now: datetime) -> AuditEntry:
    return AuditEntry(
        seq=entry.seq,
        minute=now.replace(second=0, microsecond=0),
        actor=entry.actor,
        role=role,
        action=entry.action,
        object=entry.object,
        points=[int(number) for number in entry.accord],
        payload_commitment=entry.payload.hex(),
        prev=entry.prev.hex(),
        hash=entry_hash(entry).hex(),
    )
