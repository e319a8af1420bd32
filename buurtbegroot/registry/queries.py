"""Reading who may vote: the registry of codes, its batches and voids, and the account pool; nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, contains_eager

from buurtbegroot.audit.events import Event
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import last_put_back, last_seq
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.events import BoxSealed
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.registry.events import CodeListsDestroyed, CodeVoided, KeyCopyDestroyed, KeysCopied, VoteRestored
from buurtbegroot.registry.models import (
    CodeBatch,
    CodeKind,
    CodePool,
    CodeStatus,
    CodeVoid,
    PoolCode,
    PoolDraw,
    RegisteredCode,
)
from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key


@dataclass(frozen=True)
class CodeCounts:
    """How many codes of a round may vote, are void, or wait as spares."""

    active: int = 0
    void: int = 0
    spare: int = 0

    @property
    def total(self) -> int:
        """All codes in the registry."""
        return self.active + self.void + self.spare


class VoidCounts(NamedTuple):
    """How many codes two people made void, and how many spares took their place: never more."""

    voids: int
    replaced: int


def code_status(session: Session, round_id: int, c: bytes) -> CodeStatus | None:
    """Return the status of a commitment in the registry, None when it is not there."""
    return session.scalar(_CODE_STATUS, {"round": round_id, "commitment": c})


def code_counts(session: Session, round_id: int) -> CodeCounts:
    """Count the registry of a round."""
    rows = select(RegisteredCode.status, func.count()).where(RegisteredCode.round_id == round_id)
    return CodeCounts(**{status.value: n for status, n in session.execute(rows.group_by(RegisteredCode.status))})


def pool_of(session: Session, round_id: int) -> CodePool | None:
    """Return the account pool of a round, or None when it has none."""
    return session.get(CodePool, round_id)


class WaysToCode(NamedTuple):
    """How people come by a code of a round."""

    letter: bool
    account: bool


def ways_to_code(session: Session, round_id: int) -> WaysToCode:
    """Tell how people come by a code of a round, in one query."""
    by_letter, by_account = (exists().where(table.round_id == round_id) for table in (CodeBatch, CodePool))
    letter, account = session.execute(select(by_letter, by_account)).one()
    return WaysToCode(letter=letter, account=account)


def has_waiting_code(session: Session, round_id: int, *, part: int = 0) -> bool:
    """Tell whether a part of the pool has a code left to draw."""
    mine = (PoolCode.round_id == round_id, PoolCode.part == part)
    return session.scalar(select(PoolCode.round_id).where(*mine).limit(1)) is not None


def has_drawn(session: Session, round_id: int, account: bytes) -> bool:
    """Tell whether the account behind a mark drew a code; which one nobody knows."""
    return session.get(PoolDraw, (round_id, account)) is not None


def draws_per_day(session: Session, round_id: int) -> Sequence[tuple[date, int]]:
    """Return how many codes were drawn on each day that any was, the latest first; nobody's name is known."""
    days = select(PoolDraw.day, func.count()).where(PoolDraw.round_id == round_id).group_by(PoolDraw.day)
    return [(day, number) for day, number in session.execute(days.order_by(PoolDraw.day.desc()).limit(100))]


def voids_in(round_id: int) -> Select[CodeVoid]:
    """Return a select of what is asked and done about lost letters: what still waits first, then the latest."""
    rows = select(CodeVoid).join(CodeVoid.request).options(contains_eager(CodeVoid.request))
    told = rows.where(CodeVoid.round_id == round_id, DualRequest.state.in_((State.OPEN, State.CONFIRMED)))
    return told.order_by(DualRequest.ended_at.is_not(None), DualRequest.requested_at.desc(), CodeVoid.commitment)


def void_counts(session: Session, round_: Round) -> VoidCounts:
    """Count the codes that two people made void and the spares that took their place.

    Those of the pool that nobody drew become void at closing: of the pool only those count that the log tells of.
    """
    said = [bytes.fromhex(each["code"]) for each in told_of(session, round_, CodeVoided)]
    by_two = (RegisteredCode.kind != CodeKind.POOL) | RegisteredCode.commitment.in_(said)
    void = func.count().filter(RegisteredCode.status == CodeStatus.VOID, by_two)
    used = func.count().filter(RegisteredCode.kind == CodeKind.SPARE, RegisteredCode.status != CodeStatus.SPARE)
    return VoidCounts(*session.execute(select(void, used).where(RegisteredCode.round_id == round_.id)).one())


def void_codes(session: Session, round_id: int) -> Sequence[bytes]:
    """Return the commitments of all void codes in rising order."""
    mine = (RegisteredCode.round_id == round_id, RegisteredCode.status == CodeStatus.VOID)
    return session.scalars(select(RegisteredCode.commitment).where(*mine).order_by(RegisteredCode.commitment)).all()


def registry_of(session: Session, round_id: int) -> dict[bytes, CodeKind]:
    """Return the kind of each commitment of a round."""
    rows = select(RegisteredCode.commitment, RegisteredCode.kind).where(RegisteredCode.round_id == round_id)
    return {row.commitment: row.kind for row in session.execute(rows)}


def batches_of(session: Session, round_id: int) -> Sequence[CodeBatch]:
    """Return the batches of codes, the latest first."""
    rows = select(CodeBatch).where(CodeBatch.round_id == round_id)
    return session.scalars(rows.order_by(CodeBatch.number.desc())).all()


def next_batch(session: Session, round_id: int) -> int:
    """Return the number of the batch of codes that comes next, from 1."""
    return (session.scalar(select(func.max(CodeBatch.number)).where(CodeBatch.round_id == round_id)) or 0) + 1


def to_do_again(session: Session, round_: Round) -> Sequence[AuditEntry]:
    """Return what people did after the backup that was put back, but for what comes back by itself."""
    by_itself = {CodeVoided.name, BoxSealed.name}
    found = last_put_back(session, after=last_seq(session, round_key(round_), VoteRestored.name))
    return [entry for entry in found if entry.action not in by_itself]


def told_of(session: Session, round_: Round, event: type[Event]) -> Sequence[Mapping[str, Any]]:
    """Return what the log says, of a round, in each of its entries of a kind; those that were erased are left out."""
    found = (entry.public_payload for entry in told(session, round_, event))
    return [payload for payload in found if payload is not None]


def told(session: Session, round_: Round, event: type[Event]) -> Sequence[AuditEntry]:
    """Return the entries of a kind that the log has about a round, the first first."""
    rows = select(AuditEntry).where(AuditEntry.object == round_key(round_), AuditEntry.action == event.name)
    return session.scalars(rows.order_by(AuditEntry.seq)).all()


class CodeLists(NamedTuple):
    """The lists of which code was in which letter, and when two people told that they are gone, None before."""

    gone_at: datetime | None


def code_lists(session: Session, round_: Round) -> CodeLists | None:
    """Return what is known of these lists since the box was shut; None before, and where no code was in a letter."""
    on_paper = (RegisteredCode.round_id == round_.id, RegisteredCode.kind.in_((CodeKind.LETTER, CodeKind.SPARE)))
    if round_.closed_at is None or not session.scalar(select(exists().where(*on_paper))):
        return None
    entries = told(session, round_, CodeListsDestroyed)
    return CodeLists(entries[0].minute if entries else None)


class KeyCopy(NamedTuple):
    """A copy of the keys of a vote: its number from 1, who has it, since when, and when it was destroyed, if it was.

    `holder` is empty once that was erased from the log.
    """

    number: int
    holder: str
    since: datetime
    gone_at: datetime | None


def key_copies(session: Session, round_: Round) -> list[KeyCopy]:
    """Return which copies of the keys were noted, in that order."""
    gone = {
        said["copy"]: each.minute for each in told(session, round_, KeyCopyDestroyed) if (said := each.public_payload)
    }
    made = enumerate(told(session, round_, KeysCopied), start=1)
    return [KeyCopy(at, (one.public_payload or {}).get("holder", ""), one.minute, gone.get(at)) for at, one in made]


def own_draws(session: Session, subject: Subject) -> object:
    """Return in which rounds a person drew a code, and on which day.

    Only the key of a round tells whose draw is whose. Where it is not on this machine the day is None and nobody knows.
    """
    keys = KeyStore.from_config(subject.settings)
    anybody = select(Round.id, Round.slug).where(exists().where(PoolDraw.round_id == Round.id)).order_by(Round.id)
    found = []
    for round_id, slug in session.execute(anybody):
        if not keys.exists(round_id):
            found.append({"round": slug, "drew": "unknown", "day": None})
        elif draw := session.get(PoolDraw, (round_id, keys.load(round_id).account_mark(subject.email))):
            found.append({"round": slug, "drew": "yes", "day": draw.day.isoformat()})
    return found


# Put together once: building a statement takes longer than running it, and every ballot needs it.
_CODE_STATUS = select(RegisteredCode.status).where(
    RegisteredCode.round_id == bindparam("round"), RegisteredCode.commitment == bindparam("commitment")
)
