"""Checking the stored log against its own hashes, entry by entry; how entries are hashed is told in core."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.audit.models import AuditEntry, AuditHead
from buurtbegroot.core.audit_chain import GENESIS, ChainProblem, Entry, Fault, Payload, Record, faults_of, utc_minute

AT_ONCE = 1_000


@dataclass(frozen=True)
class Verification:
    """How many entries were read, how many of their payloads are erased, and the first fault, if any."""

    entries: int
    erased: int
    problem: ChainProblem | None


def hashed_actor(role: str, pseudonym: str) -> str:
    """Return what the hash covers of who did it."""
    return f"{role}:{pseudonym}"


def entry_of(row: AuditEntry) -> Entry:
    """Return an entry as it was hashed; raise ValueError when a stored hash is not even hexadecimal."""
    return Entry(
        seq=row.seq,
        minute=utc_minute(row.minute),
        actor=hashed_actor(row.role, row.actor),
        action=row.action,
        object=row.object,
        accord=tuple(str(number) for number in row.points),
        payload=bytes.fromhex(row.payload_commitment),
        prev=bytes.fromhex(row.prev),
    )


def verify_log(session: Session) -> Verification:
    """Read the whole log and stop at the first fault; holds no more than a thousand entries in memory."""
    head = session.execute(select(AuditHead.seq, AuditHead.hash)).first()
    last_seq, last_hash = (head.seq, head.hash) if head else (0, GENESIS.hex())
    # only up to the head, so that what is appended meanwhile does not look like a fault
    wanted = select(AuditEntry).where(AuditEntry.seq <= last_seq).order_by(AuditEntry.seq)
    with closing(session.scalars(wanted.execution_options(yield_per=AT_ONCE, populate_existing=True))) as rows:
        found, end = _follow(rows)
    if found.problem or (found.entries, end) == (last_seq, last_hash):
        return found
    return replace(found, problem=ChainProblem(found.entries + 1, Fault.TRUNCATED))


def _follow(rows: Iterable[AuditEntry]) -> tuple[Verification, str]:
    """Follow the chain to its end or first fault; return what was found and the hash of the last good entry."""
    count, erased, previous = 0, 0, GENESIS
    for row in rows:
        count += 1
        problem = _problem(row, place=count, previous=previous)
        if problem:
            return Verification(count, erased, problem), previous.hex()
        erased += row.details is None
        previous = bytes.fromhex(row.hash)
    return Verification(count, erased, None), previous.hex()


def _problem(row: AuditEntry, *, place: int, previous: bytes) -> ChainProblem | None:
    details = row.details
    try:
        payload = Payload(bytes.fromhex(details.salt), details.payload) if details else None
        record = Record(entry_of(row), bytes.fromhex(row.hash), payload)
    except (TypeError, ValueError):  # what is stored is not even of the right form
        return ChainProblem(place, Fault.WRONG_HASH)
    faults = faults_of(record, place, previous)
    return ChainProblem(place, faults[0]) if faults else None
