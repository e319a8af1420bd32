"""Shutting a ballot box: its envelopes go into a file beside the keys, and all that led to them goes."""

import hashlib
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import require
from buurtbegroot.box.domain.anchors import anchor, anchored
from buurtbegroot.box.domain.folder import DiffersError, Folder
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.queries import envelopes_in
from buurtbegroot.core.box_file import box_file, fingerprint
from buurtbegroot.core.closing import hash_list
from buurtbegroot.dual_control.actions import require_consent
from buurtbegroot.owner_files import replace
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import round_key


class Shut(NamedTuple):
    """A box that was shut: the number of different envelopes in it, and the SHA-256 of its file."""

    envelopes: int
    sha256: str


def shut_box(session: Session, round_: Round, *, voids: Collection[bytes], keys: KeyStore, by: User) -> Shut:
    """Write the box file and the list of void codes beside the keys, and empty the tables: nothing asks them again.

    The round is locked and voting is over, so that doing it again after a crash gives the same bytes; other ones are
    refused with DiffersError. Raises RefusedError unless two people agreed to close. The key that joins codes to
    places in the box is destroyed by whoever commits.
    """
    require(may_manage(by, round_), hidden=True)
    require_consent(session, RoundAct.CLOSE, round_key(round_))
    folder = keys.folder(round_.id)
    envelopes = {fingerprint(each): each for each in envelopes_in(session, round_.id)}
    void = hash_list(sorted(voids))
    shut = Shut(len(envelopes), _write(folder, envelopes.values(), round_id=round_name(round_.id)))
    replace(folder.voids, void)
    anchor(folder, "closed", box=shut.sha256, envelopes=shut.envelopes, void=hashlib.sha256(void).hexdigest())
    for table in (SealedBallot, SupersededBallot):
        session.execute(delete(table).where(table.round_id == round_.id))
    return shut


def _write(folder: Folder, envelopes: Collection[bytes], *, round_id: bytes) -> str:
    """Write the box file and return its SHA-256, unless another one was shut before."""
    hashed = hashlib.sha256()
    for piece in box_file(envelopes, round_id=round_id):
        hashed.update(piece)
    before = anchored(folder).one("closed")
    if before is not None and before["box"] != hashed.hexdigest():
        raise DiffersError("box")
    replace(folder.box, box_file(envelopes, round_id=round_id))
    return hashed.hexdigest()
