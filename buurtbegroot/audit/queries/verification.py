"""Checking the stored log against its own hashes, marks and signed sizes; how entries are hashed is told in core."""

import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from buurtbegroot.audit.domain.keys import SiteKey, SiteKeys, site_keys
from buurtbegroot.audit.events import EntriesPutBack, PayloadErased
from buurtbegroot.audit.models import AuditCheckpoint, AuditEntry, AuditHead
from buurtbegroot.core.audit_chain import GENESIS, ChainProblem, Entry, Fault, Payload, Record, faults_of, utc_minute
from buurtbegroot.core.merkle import GrowingTree
from buurtbegroot.core.signing import NoteError
from buurtbegroot.core.transparency_log import open_checkpoint
from buurtbegroot.database import Model
from buurtbegroot.vouching import states_of, things_in

AT_ONCE = 1_000


@dataclass(frozen=True)
class Verification:
    """How many entries were read, how many of their payloads are erased, and the first fault, if any.

    `signed` is the largest size that was signed.
    `otherwise` names what is not as the last entry about it left it, with the number of that entry, 0 if none.
    """

    entries: int
    erased: int
    problem: ChainProblem | None
    signed: int = 0
    otherwise: Mapping[str, int] = field(default_factory=dict)


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
        accord=tuple(str(name) for name in row.points),
        payload=bytes.fromhex(row.payload_commitment),
        prev=bytes.fromhex(row.prev),
        state=bytes.fromhex(row.state),
    )


def verify_log(session: Session) -> Verification:
    """Read the whole log and stop at the first fault, then look at all that it vouches for.

    Marks and signatures are checked where the key of the site is on this machine. Holds no more than a thousand entries
    in memory, beside what was anchored. What is written meanwhile looks like a fault, unless all is read in one
    snapshot.
    """
    keys = site_keys(session)
    key = keys.load() if keys.exists else None
    signed, forged = _signed(session, keys, key)
    heads = session.execute(select(AuditHead.seq, AuditHead.hash)).all()
    wanted = select(AuditEntry).order_by(AuditEntry.seq)
    options = {"yield_per": AT_ONCE, "populate_existing": True}
    with closing(session.scalars(wanted.options(selectinload(AuditEntry.tied)), execution_options=options)) as rows:
        found, end = _follow(rows, signed, key=key)
    found = replace(found, signed=max(signed, default=0), problem=found.problem or forged)
    if found.problem:
        return found
    if [(found.entries, end)] != [*heads] and (found.entries or heads):
        known = min((head.seq for head in heads), default=0)
        return replace(found, problem=ChainProblem(min(found.entries, known) + 1, Fault.TRUNCATED))
    return replace(found, otherwise=_otherwise(session))


def _signed(
    session: Session, keys: SiteKeys, key: SiteKey | None
) -> tuple[Mapping[int, set[bytes]], ChainProblem | None]:
    """Return the roots that were signed by size, of the database and beside the key; and a note that is not ours.

    Without the key nobody here can tell what was signed.
    """
    signed = defaultdict[int, set[bytes]](set)
    if key is None:
        return signed, None
    for checkpoint, _note in keys.anchored().notes:
        signed[checkpoint.size].add(checkpoint.root)
    for row in session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.size)):
        try:
            checkpoint = open_checkpoint(row.note, key.signer.verifier)
        except NoteError:
            return signed, ChainProblem(row.size, Fault.WRONG_CHECKPOINT)
        if checkpoint.size != row.size:
            return signed, ChainProblem(row.size, Fault.WRONG_CHECKPOINT)
        signed[row.size].add(checkpoint.root)
    return signed, None


def _follow(
    rows: Iterable[AuditEntry], signed: Mapping[int, set[bytes]], *, key: SiteKey | None
) -> tuple[Verification, str]:
    """Follow the chain to its end or first fault; return what was found and the hash of the last good entry."""
    count, previous, tree = 0, GENESIS, GrowingTree()
    erased, said = set[int](), list[range]()
    for row in rows:
        count += 1
        problem = problem_of(row, place=count, previous=previous, key=key)
        if problem:
            return Verification(count, len(erased), problem), previous.hex()
        if row.details is None:
            erased.add(count)
        if row.action in {PayloadErased.name, EntriesPutBack.name}:
            said += _lines_in(row.object)
        previous = bytes.fromhex(row.hash)
        tree.append(previous)
        if not signed.get(count, set()) <= {tree.root}:
            return Verification(count, len(erased), ChainProblem(count, Fault.REWRITTEN)), previous.hex()
    problem = next(_missing(count, erased, said=said, signed=signed), None)
    return Verification(count, len(erased), problem), previous.hex()


def _missing(
    count: int, erased: set[int], *, said: Sequence[range], signed: Mapping[int, set[bytes]]
) -> Iterator[ChainProblem]:
    """Yield what should be there and is not: entries that were signed, and the reason for what was erased."""
    if max(signed, default=0) > count:
        yield ChainProblem(count + 1, Fault.TRUNCATED)
    for seq in sorted(erased):
        if not any(seq in lines for lines in said):
            yield ChainProblem(seq, Fault.ERASED_UNSAID)


def _lines_in(object_: str) -> list[range]:
    """Return the lines of the log that an event is about, such as `log:3` or `log:3-7`."""
    found = re.fullmatch(r"log:([0-9]+)(?:-([0-9]+))?", object_)
    return [range(int(found[1]), int(found[2] or found[1]) + 1)] if found else []


def _otherwise(session: Session) -> dict[str, int]:
    """Return what is not as the log says; empty when all is."""
    found: dict[str, int] = {}
    for thing in things_in(Model.metadata):
        latest = select(func.max(AuditEntry.seq)).where(AuditEntry.object.startswith(f"{thing.kind}:"))
        rows = select(AuditEntry.object, AuditEntry.seq, AuditEntry.state)
        last = {
            row.object: row
            for row in session.execute(rows.where(AuditEntry.seq.in_(latest.group_by(AuditEntry.object))))
        }
        states = states_of(session, Model.metadata, thing)
        for name in [*last, *(states.keys() - last.keys())]:
            left = last[name].state if name in last else ""
            if left != states.get(name, ""):
                found[name] = last[name].seq if name in last else 0
    return found


def problem_of(row: AuditEntry, *, place: int, previous: bytes, key: SiteKey | None) -> ChainProblem | None:
    """Return what is wrong with an entry at its place, counted from 1; with the key, whether the program wrote it."""
    details = row.details
    try:
        payload = Payload(bytes.fromhex(details.salt), details.payload) if details else None
        record = Record(entry_of(row), bytes.fromhex(row.hash), payload)
    except (TypeError, ValueError):  # what is stored is not even of the right form
        return ChainProblem(place, Fault.WRONG_HASH)
    faults = faults_of(record, place, previous)
    if key and not hmac.compare_digest(key.mark(record.hash).encode(), row.mark.encode()):
        faults.append(Fault.WRONG_MARK)
    if sorted(point.name for point in row.tied) != sorted(set(row.points)):
        faults.append(Fault.WRONG_POINTS)
    return ChainProblem(place, faults[0]) if faults else None
