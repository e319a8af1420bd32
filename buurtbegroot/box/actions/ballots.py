"""Putting a ballot in the box, showing its receipt again and taking a ballot out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Anyone, Fault, RefusedError, insist, require
from buurtbegroot.box.domain.keys import KeyStore, receipt_secrets
from buurtbegroot.box.domain.manifest import BallotPaper, round_name
from buurtbegroot.box.models import SealedBallot, SupersededLeaf
from buurtbegroot.box.policy import may_vote
from buurtbegroot.box.queries import OpenBox, paper_of
from buurtbegroot.core.ballots import Invalidity, canonical_choices, invalidities
from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.envelope import CastContext, CastMaterial, cast_material
from buurtbegroot.core.receipts import Receipt
from buurtbegroot.core.stored_receipts import open_receipt
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage

NONCE_BYTES = 16


class BallotFault(Fault):
    """Why a ballot does not come in the box; nothing changed.

    INVALID: the choices are no valid ballot. OTHER_BALLOT: the same form was sent before with other choices.
    """

    INVALID = "invalid"
    OTHER_BALLOT = "other_ballot"


class InvalidBallotError(RefusedError):
    """The choices are no valid ballot; `found` has every reason."""

    def __init__(self, found: tuple[Invalidity, ...]) -> None:
        super().__init__(BallotFault.INVALID, reasons=", ".join(each.reason for each in found))
        self.found = found


@dataclass(frozen=True)
class Cast:
    """A ballot in the box, its receipt, and whether it took the place of an earlier one of the same voter."""

    receipt: Receipt
    replaced: bool


def put_ballot(
    session: Session, box: OpenBox, *, k: bytes, choices: Iterable[int], nonce: bytes, keys: KeyStore, by: Anyone
) -> Cast:
    """Put a ballot in an open box, or put it in the place of this voter's earlier one.

    Whether the code behind `k` may vote is asked after the box was locked and before this. Raises RefusedError.
    """
    require(may_vote(by))
    paper = paper_of(session, box.round_id, box.manifest_hash)
    body = _valid_body(choices, paper)
    context = _context(box, paper, keys)
    material = cast_material(k, body, 1, context=context)
    mark = _nonce_mark(nonce, body)
    if _insert_first(session, box.round_id, {"locator": material.locator, **_contents(material, mark)}):
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


def take_out(session: Session, round_: Round, *, place: bytes, by: User) -> None:
    """Remove the ballot at this place, if any, and keep its leaf, which its voter was promised to find in the log.

    A part of making its code void, for which two people are needed.
    """
    require(may_manage(by, round_), hidden=True)
    mine = (SealedBallot.round_id == round_.id, SealedBallot.locator == place)
    taken = delete(SealedBallot).where(*mine).returning(SealedBallot.leaf, SealedBallot.published)
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    if row is not None:
        session.execute(insert(SupersededLeaf).values(round_id=round_.id, leaf=row.leaf, published=row.published))


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
    insist(old.nonce_hash[:16] != mark[:16], BallotFault.OTHER_BALLOT)
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
