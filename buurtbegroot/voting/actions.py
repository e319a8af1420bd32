"""Casting a ballot, showing its receipt again and publishing the log; opening the vote lives in opening."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.acts import Anyone, Fault, RefusedError, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.core.ballots import Invalidity, canonical_choices, invalidities
from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.core.envelope import CastContext, CastMaterial, cast_material
from buurtbegroot.core.receipts import Receipt, open_receipt
from buurtbegroot.core.transparency_log import LogForkError
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about
from buurtbegroot.voting.events import LeavesPublished
from buurtbegroot.voting.keys import KeysFault, KeyStore
from buurtbegroot.voting.manifest import BallotPaper
from buurtbegroot.voting.models import Booth, Checkpoint, CodeStatus, LogLeaf, SealedBallot, SupersededLeaf
from buurtbegroot.voting.policy import may_publish_log, may_vote
from buurtbegroot.voting.queries import (
    OpenBox,
    code_status,
    log_leaves,
    log_size,
    open_box,
    paper_of,
    receipt_secrets,
    round_name,
)

LEAST_BATCH = 25
NONCE_BYTES = 16


class CastFault(Fault):
    """Why a ballot is not taken; nothing changed.

    BOX_CLOSED: the round takes no votes now. CODE_REFUSED: the code is not in the registry (`status` None), or it may
    not vote. INVALID: the choices are no valid ballot. OTHER_BALLOT: the same form was sent before with other choices.
    """

    BOX_CLOSED = "box_closed"
    CODE_REFUSED = "code_refused"
    INVALID = "invalid"
    OTHER_BALLOT = "other_ballot"


class InvalidBallotError(RefusedError):
    """The choices are no valid ballot; `found` has every reason."""

    def __init__(self, found: tuple[Invalidity, ...]) -> None:
        super().__init__(CastFault.INVALID, reasons=", ".join(each.reason for each in found))
        self.found = found


@dataclass(frozen=True)
class Cast:
    """A ballot in the box, its receipt, and whether it took the place of an earlier one of the same voter."""

    receipt: Receipt
    replaced: bool


def cast_ballot(
    session: Session,
    *,
    round_id: int,
    k: bytes,
    choices: Iterable[int],
    nonce: bytes,
    keys: KeyStore,
    by: Anyone,
    now: datetime,
) -> Cast:
    """Put a ballot in the box, or put it in the place of this voter's earlier one. Acknowledge it only after COMMIT.

    `k` comes from the code, `nonce` from the form: the same form sent again gets the stored receipt. `choices` are plan
    ids. The round stays locked for sharing until the transaction ends, so that closing waits. Raises RefusedError.
    """
    require(may_vote(by))
    box = open_box(session, round_id, now)
    if box is None:
        raise RefusedError(CastFault.BOX_CLOSED)
    status = code_status(session, round_id, commitment(round_name(round_id), nullifier(k)))
    insist(status is CodeStatus.ACTIVE, CastFault.CODE_REFUSED, status=status)
    paper = paper_of(session, round_id, box.manifest_hash)
    body = _valid_body(choices, paper)
    context = _context(box, paper, keys)
    material = cast_material(k, body, 1, context=context)
    mark = _nonce_mark(nonce, body)
    if _insert_first(session, round_id, {"locator": material.locator, **_contents(material, mark)}):
        return Cast(material.receipt, replaced=False)
    return _cast_again(session, k, body, context=context, mark=mark)


def receipt_for(session: Session, *, round_id: int, k: bytes, keys: KeyStore, by: Anyone) -> Receipt | None:
    """Return the receipt of this voter's ballot again, or None without a ballot or once the round is closed."""
    require(may_vote(by))
    secrets_of = receipt_secrets(keys.load(round_id).link_key, k)
    open_rounds = select(Round.id).where(Round.id == round_id, Round.closed_at.is_(None))
    stored = session.scalar(
        select(SealedBallot.receipt_ct).where(
            SealedBallot.round_id.in_(open_rounds), SealedBallot.locator == secrets_of.locator
        )
    )
    return open_receipt(secrets_of.receipt_key, stored) if stored else None


def flush_log(session: Session, round_: Round, *, by: System, now: datetime, force: bool = False) -> int:
    """Append all unpublished leaves to the log in random order and return how many; less than 25 wait unless forced.

    Sign the log with `sign_log` in a later transaction: a signature cannot be undone, so no rollback may follow it.
    """
    require(may_publish_log(by), hidden=True)
    session.execute(select(Round.id).where(Round.id == round_.id).with_for_update(read=True))
    session.execute(select(Booth.round_id).where(Booth.round_id == round_.id).with_for_update())
    waiting = sum(_unpublished(session, table, round_.id) for table in (SealedBallot, SupersededLeaf))
    if waiting < (1 if force else LEAST_BATCH):
        return 0
    # The box goes first: a leaf that is replaced meanwhile is then found among the superseded ones.
    leaves = [leaf for table in (SealedBallot, SupersededLeaf) for leaf in _publish(session, table, round_.id)]
    secrets.SystemRandom().shuffle(leaves)
    size = log_size(session, round_.id)
    rows = [{"round_id": round_.id, "position": size + place, "leaf": leaf} for place, leaf in enumerate(leaves)]
    session.execute(insert(LogLeaf), rows)
    event = LeavesPublished(
        **about(round_),
        leaves=len(leaves),
        size=size + len(leaves),
    )
    record(session, event, by=by, now=now)
    return len(leaves)


def sign_log(session: Session, round_: Round, *, keys: KeyStore, by: System, now: datetime) -> Checkpoint:
    """Return the signed checkpoint of the log as it stands; call it only when all its leaves are committed.

    Raises RefusedError when the log is not the one signed before with zero or more leaves added, and KeyFileError.
    """
    require(may_publish_log(by), hidden=True)
    session.execute(select(Booth.round_id).where(Booth.round_id == round_.id).with_for_update())
    try:
        claim, note = keys.sign_log(round_.id, log_leaves(session, round_.id))
    except LogForkError as fork:
        raise RefusedError(KeysFault.LOG_FORKED, trouble=str(fork)) from fork
    found = session.get(Checkpoint, (round_.id, claim.size))
    if found is None:
        found = Checkpoint(round_id=round_.id, size=claim.size, root=claim.root, note=note, made_at=now)
        session.add(found)
        session.flush()
    return found


def _valid_body(choices: Iterable[int], paper: BallotPaper) -> bytes:
    chosen = canonical_choices(choices)
    found = invalidities(chosen, paper.rules.ballot, paper.plans)
    if found:
        raise InvalidBallotError(found)
    return canonical_json(chosen)


def _context(box: OpenBox, paper: BallotPaper, keys: KeyStore) -> CastContext:
    own = keys.load(box.round_id)
    return CastContext(
        round_id=round_name(box.round_id),
        manifest=box.manifest_hash,
        capacity=paper.capacity,
        sealing_key=own.sealing.public,
        link_key=own.link_key,
        signing_seed=own.signing_seed,
    )


def _nonce_mark(nonce: bytes, body: bytes) -> bytes:
    """Recognise a form and its contents; without the nonce, which is not stored, it tells nothing of the choices."""
    return digest("v2/form", nonce)[:16] + digest("v2/form-body", nonce, body)[:16]


def _insert_first(session: Session, round_id: int, row: dict[str, Any]) -> bool:
    statement = _INSERT_FIRST[session.get_bind().dialect.name]
    result = session.execute(statement, {"round_id": round_id, "published": False, **row})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _cast_again(session: Session, k: bytes, body: bytes, *, context: CastContext, mark: bytes) -> Cast:
    round_id = int(context.round_id)
    secrets_of = receipt_secrets(context.link_key, k)
    mine = (SealedBallot.round_id == round_id, SealedBallot.locator == secrets_of.locator)
    columns = (SealedBallot.leaf, SealedBallot.rev, SealedBallot.nonce_hash, SealedBallot.receipt_ct)
    old = session.execute(select(*columns, SealedBallot.published).where(*mine).with_for_update()).one()
    if old.nonce_hash == mark:
        return Cast(open_receipt(secrets_of.receipt_key, old.receipt_ct), replaced=old.rev > 1)
    insist(old.nonce_hash[:16] != mark[:16], CastFault.OTHER_BALLOT)
    material = cast_material(k, body, old.rev + 1, context=context)
    session.execute(insert(SupersededLeaf).values(round_id=round_id, leaf=old.leaf, published=old.published))
    session.execute(update(SealedBallot).where(*mine).values(published=False, **_contents(material, mark)))
    return Cast(material.receipt, replaced=True)


def _contents(material: CastMaterial, mark: bytes) -> dict[str, Any]:
    return {
        "leaf": material.leaf,
        "rev": material.receipt.rev,
        "nonce_hash": mark,
        "sealed": material.sealed,
        "receipt_ct": material.receipt_ct,
    }


_BOX = cast(Table, SealedBallot.__table__)
_INSERT_FIRST = {
    "postgresql": postgresql.insert(_BOX).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(_BOX).on_conflict_do_nothing(),
}
Published = type[SealedBallot] | type[SupersededLeaf]


def _unpublished(session: Session, table: Published, round_id: int) -> int:
    rows = select(func.count()).select_from(table).where(table.round_id == round_id, table.published.is_(False))
    return session.scalar(rows) or 0


def _publish(session: Session, table: Published, round_id: int) -> list[bytes]:
    marked = update(table).where(table.round_id == round_id, table.published.is_(False)).values(published=True)
    return list(session.scalars(marked.returning(table.leaf), execution_options={"synchronize_session": False}))
