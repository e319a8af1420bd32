"""Making the codes of a vote and entering them in its registry, drawn here or by an issuer elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import Actor
from buurtbegroot.audit.actions import record
from buurtbegroot.core.credentials import derive_key
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round
from buurtbegroot.voting.codes import Derive, DrawnCode, Progress, draw_codes
from buurtbegroot.voting.events import CodesIssued
from buurtbegroot.voting.keys import KeyStore
from buurtbegroot.voting.models import Booth, CodeBatch, CodeStatus, RegisteredCode
from buurtbegroot.voting.offline import MOST_CODES, CodeList, ListError, ListFault, read_list
from buurtbegroot.voting.queries import batches_of, booth_of, registry_of

_KIND = {False: CodeStatus.ACTIVE, True: CodeStatus.SPARE}


class IssueFault(StrEnum):
    """Why no codes are issued."""

    ALREADY_OPEN = "already_open"
    NO_BOOTH = "no_booth"
    NUMBER = "number"


class IssueError(Exception):
    """Codes that cannot be issued; `fault` says why."""

    def __init__(self, fault: IssueFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def prepare_booth(session: Session, round_: Round, *, keys: KeyStore) -> Booth:
    """Return the booth of the round, making its keys when there are none; after a rollback the keys are the same."""
    lock_round(session, round_.id)
    booth = booth_of(session, round_.id)
    if booth is None:
        own = keys.load(round_.id) if keys.exists(round_.id) else keys.create(round_.id)
        booth = Booth(
            round_id=round_.id,
            salt=own.salt,
            sealing_public=own.sealing.public,
            signing_public=own.signing_public,
        )
        session.add(booth)
        session.flush()
    return booth


def next_batch(session: Session, round_id: int) -> int:
    """Return the number of the batch of codes that comes next, from 1."""
    return (session.scalar(select(func.max(CodeBatch.number)).where(CodeBatch.round_id == round_id)) or 0) + 1


def issue_codes(
    session: Session,
    round_: Round,
    *,
    count: int,
    spares: int = 0,
    actor: Actor,
    now: datetime,
    derive: Derive = derive_key,
    progress: Progress | None = None,
) -> list[str]:
    """Make a batch of codes and return them, the only time that anyone sees them: `count` codes, then the spares.

    Takes 20 ms a code; for large batches call `draw_codes` outside a transaction and then `register_codes`.
    The booth must be prepared. Raises IssueError, also once the vote is opened.
    """
    booth = booth_of(session, round_.id)
    if booth is None:
        raise IssueError(IssueFault.NO_BOOTH)
    drawn = draw_codes(count + spares, round_id=round_.id, salt=booth.salt, derive=derive, progress=progress)
    register_codes(session, round_, drawn, spares=spares, actor=actor, now=now)
    return [each.code for each in drawn]


def register_codes(
    session: Session, round_: Round, drawn: Sequence[DrawnCode], *, spares: int = 0, actor: Actor, now: datetime
) -> CodeBatch:
    """Add drawn codes to the registry, in an order that tells nothing; the last `spares` cannot vote yet.

    Raises IssueError once the vote is opened and for a number that is not possible.
    """
    locked = _lock_unopened(session, round_)
    if not 0 <= spares < len(drawn) <= MOST_CODES:
        raise IssueError(IssueFault.NUMBER)
    votes = len(drawn) - spares
    kinds = {each.commitment: _KIND[place >= votes] for place, each in enumerate(drawn)}
    return _register(session, locked, kinds, number=next_batch(session, locked.id), actor=actor, now=now)


def load_codes(session: Session, round_: Round, text: str, *, actor: Actor, now: datetime) -> CodeBatch:
    """Add the codes in an issuer's list to the registry: all of them, or none.

    The booth must be prepared. Raises IssueError once the vote is opened, and ListError naming the line at fault.
    """
    locked, booth, listed = _lock_unopened(session, round_), booth_of(session, round_.id), read_list(text)
    if booth is None:
        raise IssueError(IssueFault.NO_BOOTH)
    listed.require(round_id=locked.id, salt=booth.salt)
    if any(batch.number == listed.batch for batch in batches_of(session, locked.id)):
        raise ListError(ListFault.BATCH_TAKEN, line=listed.LINE_OF_BATCH)
    _require_new(listed, set(registry_of(session, locked.id)))
    kinds = {c: _KIND[is_spare] for c, is_spare in listed.codes}
    return _register(session, locked, kinds, number=listed.batch, actor=actor, now=now)


def _lock_unopened(session: Session, round_: Round) -> Round:
    locked = lock_round(session, round_.id)
    if locked.opened_at is not None:
        raise IssueError(IssueFault.ALREADY_OPEN)
    return locked


def _require_new(listed: CodeList, registered: set[bytes]) -> None:
    for place, (c, _is_spare) in enumerate(listed.codes):
        if c in registered:
            raise ListError(ListFault.REGISTERED, line=listed.LINE_OF_FIRST + place)


def _register(
    session: Session, round_: Round, kinds: dict[bytes, CodeStatus], *, number: int, actor: Actor, now: datetime
) -> CodeBatch:
    rows: list[dict[str, Any]] = [
        {"round_id": round_.id, "commitment": c, "status": status} for c, status in sorted(kinds.items())
    ]
    session.execute(insert(RegisteredCode), rows)
    spares = sum(status is CodeStatus.SPARE for status in kinds.values())
    batch = CodeBatch(round_id=round_.id, number=number, codes=len(kinds) - spares, spares=spares, issued_at=now)
    session.add(batch)
    session.flush()
    event = CodesIssued(**about(round_), batch=number, codes=batch.codes, spares=spares)
    record(session, event, actor=actor, now=now)
    return batch
