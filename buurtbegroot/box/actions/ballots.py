"""Sealing a ballot, putting it in the box and showing its receipt again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import CursorResult, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.acts import Anyone, Fault, RefusedError, insist, require
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import BallotPaper, round_name
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.policy import may_vote
from buurtbegroot.core.ballots import Invalidity, canonical_choices, invalidities
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import FORM_BYTES, locator, receipt_key
from buurtbegroot.core.envelope import CastContext, CastMaterial, cast_material
from buurtbegroot.core.receipts import MOST_REV, Receipt, ReceiptError, open_receipt
from buurtbegroot.rounds.models import Round


class BallotFault(Fault):
    """Why a ballot does not come in the box; nothing changed.

    INVALID: the choices are no valid ballot. OTHER_BALLOT: the same form was sent before with other choices.
    OTHER_REVISION: the voter's ballot in the box is not the one that the form would replace; `rev` says which one it
    is, 0 for none. TOO_OFTEN: this code was used for as many ballots as it can be.
    """

    INVALID = "invalid"
    OTHER_BALLOT = "other_ballot"
    OTHER_REVISION = "other_revision"
    TOO_OFTEN = "too_often"


class InvalidBallotError(RefusedError):
    """The choices are no valid ballot; `found` has every reason."""

    def __init__(self, found: tuple[Invalidity, ...]) -> None:
        super().__init__(BallotFault.INVALID, reasons=", ".join(each.reason for each in found))
        self.found = found


@dataclass(frozen=True)
class Form:
    """A review page that is sent: its random value, 16 bytes, and the revision that its ballot would replace, or 0."""

    value: bytes = field(repr=False)
    replaces: int = 0

    def __post_init__(self) -> None:
        if len(self.value) != FORM_BYTES:
            raise ValueError(f"a form has {FORM_BYTES} bytes, not {len(self.value)}")


@dataclass(frozen=True)
class Cast:
    """A ballot in the box, its receipt, and whether it took the place of an earlier one of the same voter."""

    receipt: Receipt
    replaced: bool


def seal_ballot(*, round_id: int, k: bytes, choices: Iterable[int], form: Form, keys: KeyStore) -> CastMaterial:
    """Return all that casting stores and answers, made before anything is locked.

    Rules, plans and keys are the trusted ones. Raises RefusedError for no valid ballot, KeyFileError.
    """
    anchors, own = keys.anchors(round_id), keys.load(round_id)
    body = _valid_body(choices, anchors.paper)
    insist(form.replaces < MOST_REV, BallotFault.TOO_OFTEN)
    context = CastContext(
        round_id=round_name(round_id),
        manifest=anchors.fingerprint,
        epoch=anchors.epoch,
        capacity=anchors.paper.capacity,
        sealing_key=own.sealing_public,
        link_key=own.link_key,
        signing_seed=own.signing_seed,
    )
    return cast_material(k, body, form.replaces + 1, form=form.value, context=context)


def put_ballot(session: Session, made: CastMaterial, *, k: bytes, form: Form, link_key: bytes, by: Anyone) -> Cast:
    """Put a sealed ballot in a box that is locked for sharing, or in the place of this voter's earlier one.

    Whether the code behind `k` may vote is asked before. The same form again gets the stored receipt. Raises
    RefusedError when the box holds another ballot of this voter than the one that the form replaces.
    """
    require(may_vote(by))
    round_id = int(made.receipt.round)
    if form.replaces == 0 and _insert_first(session, round_id, {"locator": made.locator, **_contents(made)}):
        return Cast(made.receipt, replaced=False)
    mine = (SealedBallot.round_id == round_id, SealedBallot.locator == made.locator)
    columns = (SealedBallot.rev, SealedBallot.mark, SealedBallot.sealed, SealedBallot.receipt_ct)
    old = session.execute(select(*columns).where(*mine).with_for_update()).one_or_none()
    if old is None:
        raise RefusedError(BallotFault.OTHER_REVISION, rev=0)
    if old.mark == made.mark:
        return Cast(open_receipt(receipt_key(link_key, k, form.value), old.receipt_ct), replaced=old.rev > 1)
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


def _valid_body(choices: Iterable[int], paper: BallotPaper) -> bytes:
    chosen = canonical_choices(choices)
    found = invalidities(chosen, paper.rules.ballot, paper.plans)
    if found:
        raise InvalidBallotError(found)
    return canonical_json(chosen)


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
