"""Casting a ballot: the box must be open and the code must be one that may vote."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import Anyone, Fault, RefusedError, insist, require
from buurtbegroot.box.actions.ballots import Cast, put_ballot
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.policy import may_vote
from buurtbegroot.box.queries import open_box
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
    return put_ballot(session, box, k=k, choices=choices, nonce=nonce, keys=keys, by=by)
