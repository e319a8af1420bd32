"""Looking into sealed envelopes: what each holds and every reason why it does not count; nothing is stored here."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from buurtbegroot.box.models import LogLeaf, SealedBallot, SupersededLeaf
from buurtbegroot.core.ballots import Choices, canonical_choices, invalidities
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import commitment
from buurtbegroot.core.envelope import Defect, DefectError, open_envelope
from buurtbegroot.core.envelope import OpenedBallot as Contents
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import BallotRules
from buurtbegroot.registry.models import CodeStatus, RegisteredCode
from buurtbegroot.tally.models import Nullifier, OpenedBallot


class Flaw(StrEnum):
    """Why an envelope that opens still does not count, beside core's defects and reasons."""

    NOT_LOGGED = "not_logged"
    SUPERSEDED = "superseded"
    UNREGISTERED = "unregistered"
    VOID_CODE = "void_code"
    CODE_USED_TWICE = "code_used_twice"
    TRACKER_USED_TWICE = "tracker_used_twice"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """What looking into the envelopes of one round takes; `name` is the round in receipts and leaves."""

    round_id: int
    name: bytes
    manifest: bytes
    rules: BallotRules
    plans: Sequence[Plan]
    secret: bytes = field(repr=False)


@dataclass(slots=True)
class Look:
    """One envelope: its leaf, what came out, and every reason why that does not count."""

    leaf: bytes
    contents: Contents | None = None
    choices: Choices = ()
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the records say about the envelopes of one batch."""

    logged: set[bytes]
    superseded: set[bytes]
    codes: dict[bytes, CodeStatus]
    nullifiers: set[bytes]
    trackers: set[bytes]


def inspect(session: Session, rows: Iterable[SealedBallot], inspector: Inspector) -> list[Look]:
    """Look into each envelope and compare it with the log, the registry and the ballots opened before."""
    looks = [_look(row, inspector) for row in rows]
    known = _known(session, looks, inspector)
    for look in looks:
        look.reasons += _flaws(look, known, inspector)
    return looks


def _look(row: SealedBallot, inspector: Inspector) -> Look:
    try:
        contents = open_envelope(
            _bytes(row.sealed), inspector.secret, round_id=inspector.name, manifest=inspector.manifest, leaf=row.leaf
        )
    except DefectError as error:
        return Look(row.leaf, reasons=[error.defect.value])
    choices = _choices(contents.choices)
    if choices is None:
        return Look(row.leaf, contents, reasons=[Defect.MALFORMED.value])
    reasons = [found.reason.value for found in invalidities(choices, inspector.rules, inspector.plans)]
    return Look(row.leaf, contents, choices, list(dict.fromkeys(reasons)))


def _bytes(stored: object) -> bytes:
    """Take what the column holds for bytes; SQLite would keep any type that somebody wrote there by hand."""
    return stored if isinstance(stored, bytes) else b""


def _choices(written: bytes) -> Choices | None:
    """Read the plans on a ballot; None for anything but their one canonical spelling."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return None
    if not isinstance(found, list) or any(type(item) is not int for item in found):
        return None
    choices = canonical_choices(found)
    return choices if canonical_json(choices) == written else None


def _known(session: Session, looks: list[Look], inspector: Inspector) -> _Known:
    leaves = [look.leaf for look in looks]
    opened = [look.contents for look in looks if look.contents]
    hashes = [commitment(inspector.name, contents.nullifier) for contents in opened]
    registered = select(RegisteredCode.commitment, RegisteredCode.status).where(
        RegisteredCode.round_id == inspector.round_id, RegisteredCode.commitment.in_(hashes)
    )

    def stored(column: InstrumentedAttribute[bytes], wanted: list[bytes]) -> set[bytes]:
        here = column.class_.round_id == inspector.round_id
        return set(session.scalars(select(column).where(here, column.in_(wanted))))

    return _Known(
        logged=stored(LogLeaf.leaf, leaves),
        superseded=stored(SupersededLeaf.leaf, leaves),
        codes={row.commitment: row.status for row in session.execute(registered)},
        nullifiers=stored(Nullifier.nullifier, [contents.nullifier for contents in opened]),
        trackers=stored(OpenedBallot.tracker, [contents.tracker for contents in opened]),
    )


def _flaws(look: Look, known: _Known, inspector: Inspector) -> list[str]:
    """Compare one envelope with the records; one that counts is remembered, so that its double does not."""
    contents = look.contents
    checks = {Flaw.NOT_LOGGED: look.leaf not in known.logged, Flaw.SUPERSEDED: look.leaf in known.superseded}
    if contents is not None:
        status = known.codes.get(commitment(inspector.name, contents.nullifier))
        checks |= {
            Flaw.UNREGISTERED: status is None,
            Flaw.VOID_CODE: status in (CodeStatus.VOID, CodeStatus.SPARE),
            Flaw.CODE_USED_TWICE: contents.nullifier in known.nullifiers,
            Flaw.TRACKER_USED_TWICE: contents.tracker in known.trackers,
        }
    found = [flaw.value for flaw, holds in checks.items() if holds]
    if contents is not None and not found and not look.reasons:
        known.nullifiers.add(contents.nullifier)
        known.trackers.add(contents.tracker)
    return found
