"""Reading the log: by room, object, role, accord point and day; nothing here writes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from buurtbegroot.audit.events import EntriesPutBack
from buurtbegroot.audit.models import AuditCheckpoint, AuditEntry, AuditPoint
from buurtbegroot.core.merkle import consistency_proof
from buurtbegroot.rooms import Subject

SIGN_LOG = "audit.sign"
"""The task that signs the log, which other rooms can ask for."""


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """What of the log is wanted; empty is everything. `kind` is a room or a whole event name, moments are UTC.

    `point` is the name of a point, such as 2019_3, or a number: the points with that number of all editions.
    """

    kind: str = ""
    object: str = ""
    role: str = ""
    point: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def entries_matching(wanted: LogFilter) -> Select[AuditEntry]:
    """Select entries, newest first, each with its payload as `details`."""
    entries = select(AuditEntry).order_by(AuditEntry.seq.desc())
    if wanted.kind:
        whole = "." in wanted.kind
        action = AuditEntry.action
        entries = entries.where(
            action == wanted.kind if whole else action.startswith(f"{wanted.kind}.", autoescape=True)
        )
    if wanted.object:
        entries = entries.where(AuditEntry.object == wanted.object)
    if wanted.role:
        entries = entries.where(AuditEntry.role == wanted.role)
    if wanted.point:
        edition, _between, number = wanted.point.rpartition("_")
        mine = (AuditPoint.number == int(number), *([AuditPoint.edition == edition] if edition else []))
        entries = entries.where(AuditEntry.seq.in_(select(AuditPoint.seq).where(*mine)))
    if wanted.begins_at:
        entries = entries.where(AuditEntry.minute >= wanted.begins_at)
    if wanted.ends_at:
        entries = entries.where(AuditEntry.minute < wanted.ends_at)
    return entries


def entries_for_point(session: Session, name: str, *, most: int = 20) -> Sequence[AuditEntry]:
    """Return the newest entries that are tied to an accord point, in one query."""
    return session.scalars(entries_matching(LogFilter(point=name)).limit(most)).all()


def entries_for_objects(session: Session, abouts: Collection[str], *, most: int = 20) -> Sequence[AuditEntry]:
    """Return the newest entries about any of these objects, in one query."""
    found = entries_matching(LogFilter()).where(AuditEntry.object.in_(abouts))
    return session.scalars(found.limit(most)).all()


def entries_since(session: Session, about: str, moment: datetime, *, most: int = 5) -> Sequence[AuditEntry]:
    """Return the newest entries about an object since the minute of a moment; the log knows no seconds."""
    minute = moment.replace(second=0, microsecond=0)
    return session.scalars(entries_matching(LogFilter(object=about, begins_at=minute)).limit(most)).all()


def last_put_back(session: Session, *, after: int) -> Sequence[AuditEntry]:
    """Return the entries that were last put back in the log after a backup lacked them, if that was after an entry."""
    told = select(AuditEntry).where(AuditEntry.action == EntriesPutBack.name, AuditEntry.seq > after)
    found = session.scalars(told.order_by(AuditEntry.seq.desc()).limit(1)).first()
    if found is None:
        return ()
    first, _dash, last = found.object.removeprefix("log:").partition("-")
    lines = select(AuditEntry).where(AuditEntry.seq.between(int(first), int(last)))
    return session.scalars(lines.order_by(AuditEntry.seq)).all()


def own_entries(session: Session, subject: Subject) -> object:
    """Return what the log says that a person did, or that was done to them, by the name that only the account knows."""
    pseudonym = subject.person.actor.pseudonym
    mine = (AuditEntry.actor == pseudonym) | (AuditEntry.object == f"person:{pseudonym}")
    return [
        {
            "seq": entry.seq,
            "minute": entry.minute.isoformat(),
            "by_me": entry.actor == pseudonym,
            "action": entry.action,
            "object": entry.object,
            "details": entry.public_payload,
        }
        for entry in session.scalars(select(AuditEntry).where(mine).order_by(AuditEntry.seq))
    ]


def checkpoints() -> Select[AuditCheckpoint]:
    """Select what was signed of the log, the newest first."""
    return select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc())


def entries_up_to(session: Session, size: int) -> Iterator[AuditEntry]:
    """Yield the first entries of the log with their details, the oldest first."""
    rows = select(AuditEntry).where(AuditEntry.seq <= size).order_by(AuditEntry.seq)
    yield from session.scalars(rows.execution_options(yield_per=1_000))


def last_seq(session: Session, about: str, action: str) -> int:
    """Return the number of the last entry of a kind about something, 0 without one."""
    told = (AuditEntry.object == about, AuditEntry.action == action)
    return session.scalar(select(func.max(AuditEntry.seq)).where(*told)) or 0


def checkpoint_over(session: Session, seq: int) -> AuditCheckpoint | None:
    """Return the first checkpoint that an entry is under, if it was signed by now."""
    first = select(AuditCheckpoint).where(AuditCheckpoint.size >= seq).order_by(AuditCheckpoint.size)
    return session.scalar(first.limit(1))


def growth(session: Session, old: int, new: int) -> list[bytes] | None:
    """Return the proof that the log only grew from one signed size to another; None when one was not signed."""
    signed = select(AuditCheckpoint.size).where(AuditCheckpoint.size.in_((old, new)))
    if not old <= new < 2**63 or set(session.scalars(signed)) != {old, new}:
        return None
    hashes = select(AuditEntry.hash).where(AuditEntry.seq <= new).order_by(AuditEntry.seq)
    return consistency_proof([bytes.fromhex(each) for each in session.scalars(hashes)], old)
