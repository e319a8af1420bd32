"""Checking a log that was downloaded as JSON Lines, without its server: every line against the hashes that it names."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from buurtbegroot.core.audit_chain import (
    FIRST_SEQ,
    GENESIS,
    ChainProblem,
    Entry,
    Fault,
    Payload,
    Record,
    faults_of,
    utc_minute,
)
from buurtbegroot.core.merkle import GrowingTree
from buurtbegroot.core.transparency_log import Checkpoint


class FileError(ValueError):
    """A line that is no entry of a log."""


@dataclass(frozen=True)
class Checked:
    """How many entries a file has, of how many the payload is not public, and the first fault, if any."""

    entries: int
    unread: int
    problem: ChainProblem | None = None


def check_file(lines: Iterable[str], checkpoint: Checkpoint | None = None) -> Checked:
    """Verify a whole log, line by line, and against a signed size of it; raises FileError for a line of another shape.

    A payload is checked where the file has its salt; of all others the commitment is in the chain.
    """
    entries, unread, prev, tree = 0, 0, GENESIS, GrowingTree()
    for place, line in enumerate(lines, FIRST_SEQ):
        record = _record(line, place)
        if faults := faults_of(record, place, prev):
            return Checked(entries, unread, ChainProblem(place, faults[0]))
        prev, entries, unread = record.hash, place, unread + (record.payload is None)
        tree.append(record.hash)
        if checkpoint and place == checkpoint.size and tree.root != checkpoint.root:
            return Checked(entries, unread, ChainProblem(place, Fault.REWRITTEN))
    if checkpoint and entries < checkpoint.size:
        return Checked(entries, unread, ChainProblem(entries + 1, Fault.TRUNCATED))
    return Checked(entries, unread)


def _record(line: str, place: int) -> Record:
    try:
        told: dict[str, Any] = json.loads(line)
        entry = Entry(
            seq=told["regel"],
            minute=utc_minute(datetime.fromisoformat(told["minuut"])),
            actor=f"{told['rol']}:{told['schuilnaam']}",
            action=told["handeling"],
            object=told["over"],
            accord=tuple(str(name) for name in told["akkoordpunten"]),
            payload=bytes.fromhex(told["gegevensHash"]),
            prev=bytes.fromhex(told["vorigeHash"]),
            state=bytes.fromhex(told["standHash"]),
        )
        return Record(entry, bytes.fromhex(told["hash"]), _payload(told))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileError(f"line {place} is no entry of a log, with all its columns") from None


def _payload(told: dict[str, Any]) -> Payload | None:
    if told["toevalsgetal"] is None:
        return None
    return Payload(bytes.fromhex(told["toevalsgetal"]), json.loads(told["gegevens"]))
