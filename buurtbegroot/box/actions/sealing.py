"""Making the keys of a ballot box, and binding it each night to what lies in it."""

import secrets
from datetime import date, datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import System, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.anchors import anchor
from buurtbegroot.box.domain.folder import DiffersError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.nights import read_nights, write_nights
from buurtbegroot.box.events import BoxSealed
from buurtbegroot.box.models import Booth
from buurtbegroot.box.policy import may_make_keys, may_seal
from buurtbegroot.box.queries import booth_of, envelopes_in, logged_seals
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.seals import SALT_BYTES
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round


def prepare_booth(session: Session, round_: Round, *, keys: KeyStore, by: User | System) -> Booth:
    """Return the booth of the round, making its keys when there are none; after a rollback the keys are the same."""
    require(may_make_keys(by, round_), hidden=True)
    lock_round(session, round_.id)
    booth = booth_of(session, round_.id)
    if booth is None:
        own = keys.load(round_.id) if keys.exists(round_.id) else keys.create(round_.id)
        booth = Booth(
            round_id=round_.id,
            salt=own.salt,
            sealing_public=own.sealing_public,
            signing_public=own.signing_public,
        )
        session.add(booth)
        session.flush()
    return booth


def seal_box(session: Session, round_: Round, *, night: date, keys: KeyStore, by: System, now: datetime) -> None:
    """Bind the box to what lies in it, once a night, whether or not anybody voted; what is not in the log yet comes in.

    The list of envelopes and the salts lie beside the keys; the log gets a hash that tells nothing. Raises DiffersError
    when the log tells of more seals than lie there.
    """
    require(may_seal(by), hidden=True)
    folder = keys.folder(round_.id)
    with folder.exclusive():
        found, logged = read_nights(folder), logged_seals(session, round_)
        if logged > len(found.nights):
            raise DiffersError("seals")
        if night.isoformat() not in found.nights:
            box = {fingerprint(each) for each in envelopes_in(session, round_.id)}
            found = found.sealed(night, box, salt=secrets.token_bytes(SALT_BYTES))
            write_nights(folder, found)
    for when, seal in list(zip(found.nights, found.list.seals, strict=True))[logged:]:
        anchor(folder, "sealed", night=when, seal=seal.commitment.hex())
        record(session, BoxSealed(**about(round_), night=when, seal=seal.commitment.hex()), by=by, now=now)
