"""Casting a ballot: the box must be open, the one that was opened, and the code must be one that may vote."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import Anyone, Fault, RefusedError, insist, require
from buurtbegroot.box.actions.ballots import Cast, put_ballot
from buurtbegroot.box.domain.anchors import DiffersError, KeysFault
from buurtbegroot.box.domain.ballots import Form, InvalidBallotError, seal_ballot
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.policy import may_vote
from buurtbegroot.box.queries import open_box
from buurtbegroot.core.ballots import withdrawn_choices
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.registry.models import CodeStatus
from buurtbegroot.registry.queries import code_status


class CastFault(Fault):
    """Why nobody can vote, or not with this code; nothing changed.

    BOX_CLOSED: the round takes no votes now. CODE_REFUSED: the code is not in the registry (`status` None), or it may
    not vote.
    """

    BOX_CLOSED = "box_closed"
    CODE_REFUSED = "code_refused"


def cast_ballot(
    session: Session,
    *,
    round_id: int,
    k: bytes,
    choices: Iterable[int],
    form: Form,
    keys: KeyStore,
    by: Anyone,
    now: datetime,
) -> Cast:
    """Put a ballot in the box, or put it in the place of this voter's earlier one. Acknowledge it only after COMMIT.

    `k` comes from the code, `form` from the review page: the same form sent again gets the stored receipt. `choices`
    are plan ids. The ballot is sealed first; from then on the round stays locked for sharing until the transaction
    ends, so that closing and withdrawing a plan wait. Raises RefusedError, also when the database tells of another vote
    than was opened.
    """
    require(may_vote(by))
    anchors = keys.anchors(round_id)
    insist(anchors.is_opened and now < anchors.ends, CastFault.BOX_CLOSED)
    chosen = tuple(choices)
    made = seal_ballot(round_id=round_id, k=k, choices=chosen, form=form, keys=keys)
    box = open_box(session, round_id, now, keys=keys)
    if box is None:
        raise RefusedError(CastFault.BOX_CLOSED)
    if box.manifest_hash != anchors.fingerprint:
        raise DiffersError("manifest")
    insist(keys.anchors(round_id).epoch == anchors.epoch, KeysFault.PUT_BACK)  # sealed before the vote went on
    status = code_status(session, round_id, commitment(round_name(round_id), nullifier(k)))
    insist(status is CodeStatus.ACTIVE, CastFault.CODE_REFUSED, status=status)
    gone = withdrawn_choices(chosen, keys.anchors(round_id).withdrawn)  # read under the lock
    refusal = InvalidBallotError(gone) if gone else None
    return put_ballot(session, made, k=k, form=form, link_key=keys.load(round_id).link_key, by=by, refusal=refusal)
