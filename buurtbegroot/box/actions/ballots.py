"""Putting a sealed ballot in the box and showing its receipt again."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.acts import Anyone, RefusedError, insist, require
from buurtbegroot.box.domain.ballots import BallotFault, Form
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.policy import may_vote
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.credentials import locator, receipt_key
from buurtbegroot.core.envelope import CastMaterial
from buurtbegroot.core.receipts import Receipt, ReceiptError
from buurtbegroot.core.stored_receipts import open_receipt
from buurtbegroot.rounds.models import Round


@dataclass(frozen=True)
class Cast:
    """A ballot in the box, its receipt, and whether it took the place of an earlier one of the same voter."""

    receipt: Receipt
    replaced: bool


def put_ballot(
    session: Session,
    made: CastMaterial,
    *,
    k: bytes,
    form: Form,
    link_key: bytes,
    by: Anyone,
    refusal: RefusedError | None = None,
) -> Cast:
    """Put a sealed ballot in a box that is locked for sharing, or in the place of this voter's earlier one.

    Whether the code behind `k` may vote is asked before. The same form again gets the stored receipt, whatever became
    of the ballot box since; else `refusal` is raised, if there is one. Raises RefusedError when the box holds another
    ballot of this voter than the one that the form replaces.
    """
    require(may_vote(by))
    round_id = int(made.receipt.round)
    is_first = refusal is None and form.replaces == 0
    if is_first and _insert_first(session, round_id, {"locator": made.locator, **_contents(made)}):
        return Cast(made.receipt, replaced=False)
    mine = (SealedBallot.round_id == round_id, SealedBallot.locator == made.locator)
    columns = (SealedBallot.rev, SealedBallot.mark, SealedBallot.sealed, SealedBallot.receipt_ct)
    old = session.execute(select(*columns).where(*mine).with_for_update()).one_or_none()
    if old is None:
        raise refusal or RefusedError(BallotFault.OTHER_REVISION, rev=0)
    if old.mark == made.mark:
        return Cast(open_receipt(receipt_key(link_key, k, form.value), old.receipt_ct), replaced=old.rev > 1)
    if refusal is not None:
        raise refusal
    insist(old.mark[:16] != made.mark[:16], BallotFault.OTHER_BALLOT)
    insist(old.rev == form.replaces, BallotFault.OTHER_REVISION, rev=old.rev)
    kept = {"round_id": round_id, "fingerprint": fingerprint(old.sealed), "sealed": old.sealed}
    session.execute(insert(SupersededBallot).values(**kept))
    session.execute(update(SealedBallot).where(*mine).values(**_contents(made)))
    return Cast(made.receipt, replaced=True)


def receipt_for(
    session: Session, *, round_id: int, k: bytes, form: bytes, keys: KeyStore, by: Anyone
) -> Receipt | None:
    """Return the receipt of the ballot that this voter cast with this form.

    None when there is none, when another one took its place since, and once the round is closed: the code alone never
    shows a receipt.
    """
    require(may_vote(by))
    link_key = keys.load(round_id).link_key
    if not link_key:
        return None
    open_rounds = select(Round.id).where(Round.id == round_id, Round.closed_at.is_(None))
    mine = (SealedBallot.round_id.in_(open_rounds), SealedBallot.locator == locator(link_key, k))
    stored = session.scalar(select(SealedBallot.receipt_ct).where(*mine))
    try:
        return open_receipt(receipt_key(link_key, k, form), stored) if stored else None
    except ReceiptError:
        return None


def _insert_first(session: Session, round_id: int, row: dict[str, Any]) -> bool:
    statement = _INSERT_FIRST[session.get_bind().dialect.name]
    result = session.execute(statement, {"round_id": round_id, **row})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _contents(made: CastMaterial) -> dict[str, Any]:
    return {"rev": made.receipt.rev, "mark": made.mark, "sealed": made.sealed, "receipt_ct": made.receipt_ct}


_BOX = cast(Table, SealedBallot.__table__)
_INSERT_FIRST = {
    "postgresql": postgresql.insert(_BOX).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(_BOX).on_conflict_do_nothing(),
}
