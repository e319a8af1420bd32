"""How entries of the audit log are hashed and checked; which events are recorded is decided in audit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.transparency_log import Checkpoint

FIRST_SEQ = 1
GENESIS = bytes(32)  # what the first entry has for its predecessor
SALT_BYTES = 16

_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One public line of the audit log.

    `seq` counts from 1, `minute` is UTC as utc_minute writes it, `actor` a pseudonym, `accord` the accord
    points in the order shown, `payload` the commitment to the details and `prev` the hash of the entry
    before, 32 bytes each. `state` is the fingerprint of the object as it was left, 32 bytes, or empty.
    """

    seq: int
    minute: str
    actor: str
    action: str
    object: str
    accord: tuple[str, ...]
    payload: bytes
    prev: bytes
    state: bytes = b""


@dataclass(frozen=True)
class Payload:
    """The details of an entry, kept apart so that they can be erased: 16 random bytes and a JSON value."""

    salt: bytes
    value: object


@dataclass(frozen=True)
class Record:
    """An entry as it was stored: with its hash, and with its payload unless that was erased."""

    entry: Entry
    hash: bytes
    payload: Payload | None = None


class Fault(StrEnum):
    """What is wrong with a chain."""

    WRONG_SEQ = "wrong_seq"
    BROKEN_LINK = "broken_link"
    WRONG_HASH = "wrong_hash"
    WRONG_PAYLOAD = "wrong_payload"
    WRONG_MARK = "wrong_mark"
    WRONG_POINTS = "wrong_points"
    ERASED_UNSAID = "erased_unsaid"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    WRONG_CHECKPOINT = "wrong_checkpoint"


@dataclass(frozen=True)
class ChainProblem:
    """A fault and the place, counted from 1, where it shows; for a checkpoint that is its size."""

    place: int
    fault: Fault


def utc_minute(moment: datetime) -> str:
    """Write an aware datetime as its minute in UTC, `2026-11-21T23:53Z`.

    Raises ValueError for a naive one.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def payload_commitment(salt: bytes, value: object) -> bytes:
    """Return the commitment, 32 bytes, to a payload; without the 16-byte salt nobody can guess it.

    Raises ValueError for a salt of another size and TypeError for a value without canonical form.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return digest("v2/audit-payload", salt, canonical_json(value))


def entry_bytes(entry: Entry) -> bytes:
    """Return the canonical JSON of an entry: what is hashed and what is published.

    Raises ValueError for a minute in another form.
    """
    return canonical_json(entry_content(entry))


def entry_content(entry: Entry) -> dict[str, object]:
    """Return an entry as a JSON object, from which `entry_of_content` makes it again.

    Raises ValueError for a minute in another form.
    """
    if not _MINUTE.fullmatch(entry.minute):
        raise ValueError("the minute of an entry is written as 2026-11-21T23:53Z")
    return {
        "seq": entry.seq,
        "minute": entry.minute,
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "accord": entry.accord,
        "payload": entry.payload.hex(),
        "prev": entry.prev.hex(),
        "state": entry.state.hex(),
    }


def entry_of_content(content: Mapping[str, Any]) -> Entry:
    """Return the entry that a JSON object says. Raises ValueError, KeyError or TypeError for another shape."""
    plain: dict[str, Any] = {name: content[name] for name in ("seq", "minute", "actor", "action", "object")}
    hashes: dict[str, Any] = {name: bytes.fromhex(content[name]) for name in ("payload", "prev", "state")}
    return Entry(**plain, **hashes, accord=tuple(content["accord"]))


def entry_hash(entry: Entry) -> bytes:
    """Return the hash of an entry, 32 bytes: the `prev` of the next one and its leaf in the Merkle tree."""
    return digest("v2/audit-entry", entry_bytes(entry))


def verify_chain(records: Sequence[Record], checkpoints: Sequence[Checkpoint] = ()) -> list[ChainProblem]:
    """Return every fault in the whole log, from its first entry on; an empty list when there is none.

    Cutting off the end, or rewriting the log from some entry to the end, shows only against a saved
    checkpoint. An erased payload is no fault; how many are erased is for the caller to say.
    """
    previous = chain([GENESIS], (record.hash for record in records))
    found = [
        ChainProblem(place, fault)
        for place, (record, prev) in enumerate(zip(records, previous, strict=False), FIRST_SEQ)
        for fault in faults_of(record, place, prev)
    ]
    leaves = [record.hash for record in records]
    return found + [problem for point in checkpoints for problem in _against(point, leaves)]


def faults_of(record: Record, place: int, prev: bytes) -> list[Fault]:
    """Return what is wrong with one record at its place, counted from 1, behind an entry with the hash `prev`.

    For whoever checks a log, record by record, that is too long to hold.
    """
    entry, payload = record.entry, record.payload
    checks = {
        Fault.WRONG_SEQ: entry.seq == place,
        Fault.BROKEN_LINK: entry.prev == prev,
        Fault.WRONG_HASH: _is_hash_of(entry, record.hash),
        Fault.WRONG_PAYLOAD: payload is None or _is_payload_of(entry, payload),
    }
    return [fault for fault, holds in checks.items() if not holds]


def _is_hash_of(entry: Entry, stored: bytes) -> bool:
    try:
        return entry_hash(entry) == stored
    except ValueError:  # a stored entry without canonical form was changed after it was hashed
        return False


def _is_payload_of(entry: Entry, payload: Payload) -> bool:
    try:
        return payload_commitment(payload.salt, payload.value) == entry.payload
    except (TypeError, ValueError):
        return False


def _against(checkpoint: Checkpoint, leaves: list[bytes]) -> list[ChainProblem]:
    if checkpoint.size > len(leaves):
        return [ChainProblem(checkpoint.size, Fault.TRUNCATED)]
    if merkle_root(leaves[: checkpoint.size]) != checkpoint.root:
        return [ChainProblem(checkpoint.size, Fault.REWRITTEN)]
    return []
