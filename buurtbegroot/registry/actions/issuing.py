"""Making the codes of a vote and entering them in its registry, drawn here or by an issuer elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault, RefusedError, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.queries import booth_of
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.registry.domain.codes import Derive, DrawnCode, Progress, draw_codes
from buurtbegroot.registry.domain.lists import MOST_CODES, CodeList, ListError, ListFault, read_list
from buurtbegroot.registry.events import CodesIssued
from buurtbegroot.registry.models import CodeBatch, CodeKind, CodeStatus, RegisteredCode
from buurtbegroot.registry.policy import may_issue_codes
from buurtbegroot.registry.queries import batches_of, next_batch, registry_of
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round

_KIND = {False: CodeKind.LETTER, True: CodeKind.SPARE}
_STATUS = {CodeKind.LETTER: CodeStatus.ACTIVE, CodeKind.SPARE: CodeStatus.SPARE}


class IssueFault(Fault):
    """Why no codes are issued."""

    ALREADY_OPEN = "already_open"
    NO_BOOTH = "no_booth"
    NUMBER = "number"


def issue_codes(
    session: Session,
    round_: Round,
    *,
    count: int,
    spares: int = 0,
    by: User | System,
    now: datetime,
    derive: Derive = derive_key,
    progress: Progress | None = None,
) -> list[str]:
    """Make a batch of codes and return them, the only time that anyone sees them: `count` codes, then the spares.

    Takes 20 ms a code; for large batches call `draw_codes` outside a transaction and then `register_codes`.
    The booth must be prepared. Raises RefusedError, also once the vote is opened.
    """
    require(may_issue_codes(by, round_), hidden=True)
    booth = booth_of(session, round_.id)
    if booth is None:
        raise RefusedError(IssueFault.NO_BOOTH)
    drawn = draw_codes(count + spares, round_id=round_.id, salt=booth.salt, derive=derive, progress=progress)
    register_codes(session, round_, drawn, spares=spares, by=by, now=now)
    return [each.code for each in drawn]


def register_codes(
    session: Session, round_: Round, drawn: Sequence[DrawnCode], *, spares: int = 0, by: User | System, now: datetime
) -> CodeBatch:
    """Add drawn codes to the registry, in an order that tells nothing; the last `spares` cannot vote yet.

    Raises RefusedError once the vote is opened and for a number that is not possible.
    """
    require(may_issue_codes(by, round_), hidden=True)
    locked = _lock_unopened(session, round_)
    insist(0 <= spares < len(drawn) <= MOST_CODES, IssueFault.NUMBER)
    votes = len(drawn) - spares
    kinds = {each.commitment: _KIND[place >= votes] for place, each in enumerate(drawn)}
    return _register(session, locked, kinds, number=next_batch(session, locked.id), by=by, now=now)


def load_codes(session: Session, round_: Round, text: str, *, by: User | System, now: datetime) -> CodeBatch:
    """Add the codes in an issuer's list to the registry: all of them, or none.

    The booth must be prepared. Raises RefusedError once the vote is opened, and ListError naming the line at fault.
    """
    require(may_issue_codes(by, round_), hidden=True)
    locked, booth, listed = _lock_unopened(session, round_), booth_of(session, round_.id), read_list(text)
    if booth is None:
        raise RefusedError(IssueFault.NO_BOOTH)
    listed.require(round_id=locked.id, salt=booth.salt)
    if any(batch.number == listed.batch for batch in batches_of(session, locked.id)):
        raise ListError(ListFault.BATCH_TAKEN, line=listed.LINE_OF_BATCH)
    _require_new(listed, set(registry_of(session, locked.id)))
    kinds = {c: _KIND[is_spare] for c, is_spare in listed.codes}
    return _register(session, locked, kinds, number=listed.batch, by=by, now=now)


def _lock_unopened(session: Session, round_: Round) -> Round:
    locked = lock_round(session, round_.id)
    insist(locked.opened_at is None, IssueFault.ALREADY_OPEN)
    return locked


def _require_new(listed: CodeList, registered: set[bytes]) -> None:
    for place, (c, _is_spare) in enumerate(listed.codes):
        if c in registered:
            raise ListError(ListFault.REGISTERED, line=listed.LINE_OF_FIRST + place)


def _register(
    session: Session, round_: Round, kinds: dict[bytes, CodeKind], *, number: int, by: User | System, now: datetime
) -> CodeBatch:
    rows: list[dict[str, Any]] = [
        {"round_id": round_.id, "commitment": c, "kind": kind, "status": _STATUS[kind]}
        for c, kind in sorted(kinds.items())
    ]
    session.execute(insert(RegisteredCode), rows)
    spares = sum(kind is CodeKind.SPARE for kind in kinds.values())
    batch = CodeBatch(round_id=round_.id, number=number, codes=len(kinds) - spares, spares=spares, issued_at=now)
    session.add(batch)
    session.flush()
    event = CodesIssued(**about(round_), batch=number, codes=batch.codes, spares=spares)
    record(session, event, by=by, now=now)
    return batch
