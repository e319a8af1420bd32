"""Signing the log: only what the program wrote, never a shorter or other log than was signed; and signing along."""

from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from buurtbegroot.acts import Anyone, RefusedError, System, insist, require
from buurtbegroot.audit.actions import RECORDED_IN, record
from buurtbegroot.audit.domain.keys import Anchored, LogFault, SiteKeys, site_keys
from buurtbegroot.audit.events import OF_A_VOTE, EntriesPutBack
from buurtbegroot.audit.models import AuditCheckpoint, AuditCosignature, AuditEntry, AuditHead, AuditPayload, AuditPoint
from buurtbegroot.audit.policy import may_cosign, may_put_back, may_sign
from buurtbegroot.audit.queries.verification import AT_ONCE, entry_of, problem_of
from buurtbegroot.core.audit_chain import GENESIS, Entry, Payload, entry_hash
from buurtbegroot.core.signing import Note, NoteError, NoteVerifier, open_note, signature_line
from buurtbegroot.core.transparency_log import LogForkError, next_checkpoint, parse_checkpoint, sign_checkpoint

STREAM = {"yield_per": AT_ONCE, "populate_existing": True}


def sign_log(session: Session, *, by: System, now: datetime) -> str:
    """Return the signed note of the whole log as it is now; the same one when nothing was added since.

    Commit first what must be under it: RuntimeError otherwise. Raises RefusedError, which names the entry, for a log
    that is not what was signed before with entries of the program added, and SiteKeyError as the keys do.
    """
    require(may_sign(by))
    if session.info.get(RECORDED_IN) is not None and session.info[RECORDED_IN] is session.get_transaction():
        raise RuntimeError("what was recorded in this transaction could still be undone: commit before signing")
    session.scalar(select(AuditHead).with_for_update())  # who appends or signs at the same time waits
    keys = site_keys(session)
    with keys.one_signer():
        anchored = keys.anchored()
        hashes, fresh = _checked(session, keys, anchored)
        insist(len(hashes) >= anchored.size, LogFault.CUT, entry=len(hashes) + 1)
        stored = session.scalars(select(AuditCheckpoint)).all()
        _check_stored(stored, anchored)
        anchored = _sign(hashes, fresh, keys=keys, anchored=anchored)
    known = {each.size for each in stored}
    new = ((checkpoint.size, note) for checkpoint, note in anchored.notes if checkpoint.size not in known)
    session.add_all(AuditCheckpoint(size=size, note=note, made_at=now) for size, note in new)
    session.flush()
    return anchored.notes[-1][1]


def _checked(session: Session, keys: SiteKeys, anchored: Anchored) -> tuple[list[bytes], list[AuditEntry]]:
    """Return the hashes of the whole log and the rows of the entries that were not signed before.

    Raises RefusedError at the first entry that was changed, by what was kept of those signed before, or that the
    program did not write.
    """
    hashes, fresh, key = _as_signed(session, anchored), list[AuditEntry](), keys.load()
    known = len(hashes)
    wanted = select(AuditEntry).where(AuditEntry.seq > known).order_by(AuditEntry.seq)
    with closing(session.scalars(wanted.options(selectinload(AuditEntry.tied)), execution_options=STREAM)) as rows:
        for row in rows:
            place, previous = len(hashes) + 1, hashes[-1] if hashes else GENESIS
            insist(known == anchored.size, LogFault.CHANGED, entry=place)
            problem = problem_of(row, place=place, previous=previous, key=key)
            insist(problem is None, LogFault.NOT_OURS, entry=row.seq)
            fresh.append(row)
            hashes.append(bytes.fromhex(row.hash))
    return hashes, fresh


def _as_signed(session: Session, anchored: Anchored) -> list[bytes]:
    """Return the hashes of all entries that were signed and are there; raise RefusedError at one that was changed."""
    signed = AuditEntry.seq <= anchored.size
    columns = [column for column in AuditEntry.__table__.columns if column.key != "mark"]
    rows = session.execute(select(*columns).where(signed).order_by(AuditEntry.seq), execution_options=STREAM)
    hashes = list[bytes]()
    with closing(rows):
        for row, entry in zip(rows, anchored.entries, strict=False):
            insist(_is(row, entry), LogFault.CHANGED, entry=len(hashes) + 1)
            hashes.append(bytes.fromhex(row.hash))
    return hashes


def _is(row: Any, entry: Entry) -> bool:
    try:
        return entry_of(row) == entry and bytes.fromhex(row.hash) == entry_hash(entry)
    except ValueError:
        return False


def _check_stored(stored: Collection[AuditCheckpoint], anchored: Anchored) -> None:
    known = {checkpoint.size: note for checkpoint, note in anchored.notes}
    for each in stored:
        insist(known.get(each.size) == each.note, LogFault.OTHER_CHECKPOINT, size=each.size)


def _sign(hashes: Sequence[bytes], fresh: Sequence[AuditEntry], *, keys: SiteKeys, anchored: Anchored) -> Anchored:
    """Return all that was signed, up to the whole log; what is new is on disk before its signature leaves."""
    signer, last = keys.load().signer, anchored.last
    try:
        checkpoint = next_checkpoint(last, hashes, origin=signer.name)
    except LogForkError:  # what was kept beside the key was changed, and the log with it
        raise RefusedError(LogFault.OTHER_CHECKPOINT, size=last.size if last else 0) from None
    if checkpoint == last:
        return anchored
    note = sign_checkpoint(checkpoint, signer)
    entries, details = list(map(entry_of, fresh)), {row.seq: _said(row) for row in fresh if _lasts(row)}
    keys.anchor(entries, checkpoint, note=note, details=details)
    return Anchored(
        [*anchored.entries, *entries], [*anchored.notes, (checkpoint, note)], {**anchored.details, **details}
    )


def _lasts(row: AuditEntry) -> bool:
    return row.action.startswith(OF_A_VOTE) and row.is_public


def _said(row: AuditEntry) -> Payload:
    assert row.details is not None
    return Payload(bytes.fromhex(row.details.salt), row.details.payload)


def put_back(session: Session, *, by: System, now: datetime) -> int:
    """Put signed entries that are gone, as after restoring a backup, back in the log; return how many.

    What they said beyond the entry itself comes back when they are about a vote; else it is gone for good, and the log
    says so. Raises RefusedError for a log that differs from what was signed.
    """
    require(may_put_back(by))
    head = session.scalar(select(AuditHead).with_for_update().execution_options(populate_existing=True))
    if head is None:
        head = AuditHead(id=1, seq=0, hash=GENESIS.hex())
        session.add(head)
    keys = site_keys(session)
    with keys.one_signer():
        anchored = keys.anchored()
    gone = anchored.entries[len(_checked(session, keys, anchored)[0]) :]
    for entry in gone:
        row = AuditEntry.of(entry, mark=keys.load().mark(entry_hash(entry)))
        session.add(row)
        session.flush()
        session.add_all(AuditPoint.of(name, row.seq) for name in dict.fromkeys(row.points))
        if said := anchored.details.get(entry.seq):
            session.add(AuditPayload(seq=entry.seq, salt=said.salt.hex(), payload=said.value))
        head.seq, head.hash = row.seq, row.hash
        session.flush()
    if gone:
        first, last = gone[0].seq, gone[-1].seq
        record(session, EntriesPutBack(object=f"log:{first}-{last}", first=first, last=last), by=by, now=now)
    return len(gone)


def cosign(session: Session, text: str, *, witnesses: Sequence[NoteVerifier], by: Anyone) -> AuditCheckpoint:
    """Keep the signatures of our witnesses under a checkpoint that we signed, and return it; each witness signs once.

    Raises RefusedError for what no witness of ours has signed and for a note that is not ours.
    """
    require(may_cosign(by))
    note, size = _witnessed(text, witnesses)
    found = session.get(AuditCheckpoint, size) if size < 2**63 else None
    if found is None or not found.note.startswith(f"{note.text}\n"):
        raise RefusedError(LogFault.FORKED, size=size)
    for witness in note.signed_by:
        with suppress(IntegrityError), session.begin_nested():  # it signed before, or does so in this very moment
            session.add(AuditCosignature(size=size, witness=witness.name, line=signature_line(text, witness)))
    session.refresh(found)
    return found


def _witnessed(text: str, witnesses: Sequence[NoteVerifier]) -> tuple[Note, int]:
    try:
        note = open_note(text, witnesses)
        return note, parse_checkpoint(note.text).size
    except NoteError:
        raise RefusedError(LogFault.NO_WITNESS) from None
