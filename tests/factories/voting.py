"""Votes that are open: keys in a folder of the test's own, cheap codes, two organisers who agree."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nacl.public import PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.booth.actions.opening import open_vote
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.ballots import Form
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import Booth, SealedBallot, SupersededBallot
from buurtbegroot.core.credentials import normalise_code
from buurtbegroot.core.envelope import open_envelope
from buurtbegroot.dual_control.actions import request_act
from buurtbegroot.registry.actions.issuing import issue_codes
from buurtbegroot.registry.actions.pool import fill_pool
from buurtbegroot.registry.domain.codes import draw_codes
from buurtbegroot.rounds.models import Round
from tests.factories import PROGRAM
from tests.factories.accounts import person


def cheap_key(code: str, salt: bytes) -> bytes:
    """Stand in for Argon2id where a test enters many codes: as unique, not as slow."""
    return hashlib.sha256(salt + normalise_code(code).encode()).digest()


@dataclass(frozen=True)
class OpenVote:
    """A round that takes votes, with everything that tests need to cast."""

    round: Round
    booth: Booth
    keys: KeyStore
    codes: list[str]

    def k(self, number: int) -> bytes:
        """The key of the code with this number, from 0."""
        return cheap_key(self.codes[number], self.booth.salt)


def open_vote_in(
    session: Session,
    round_: Round,
    *,
    folder: Path,
    now: datetime,
    codes: int = 3,
    spares: int = 0,
    pool: int = 0,
    reserve: int = 0,
    derive: object = cheap_key,
) -> OpenVote:
    """Issue codes, the spares last, fill a pool and open the vote of a round in its voting window.

    Of the pool, `reserve` codes are for after a backup. The codes of its areas must exist.
    """
    keys = KeyStore(folder, site="localhost")
    booth = prepare_booth(session, round_, keys=keys, by=PROGRAM)
    first, second = (person(session, Role.COORDINATOR, round_.owner_code) for _ in range(2))
    issued = issue_codes(
        session,
        round_,
        count=codes,
        spares=spares,
        by=first,
        now=now,
        derive=derive,  # type: ignore[arg-type]
    )
    if pool:
        waiting = draw_codes(pool, round_id=round_.id, salt=booth.salt, derive=derive)  # type: ignore[arg-type]
        fill_pool(session, round_, waiting, reserve=reserve, keys=keys, by=first, now=now)
    asked = request_act(session, OPEN, round_, by=first, now=now)
    open_vote(session, round_, seen=asked.fingerprint, keys=keys, by=second, now=now)
    session.flush()
    return OpenVote(round=round_, booth=booth, keys=keys, codes=issued)


def leaves_in(
    session: Session, keys: KeyStore, round_id: int, table: type[SealedBallot] | type[SupersededBallot] = SealedBallot
) -> set[bytes]:
    """Open what lies in a table with the key that no server uses, and return the leaves that follow."""
    secret = PrivateKey(bytes.fromhex(keys.folder(round_id).secret.read_text()))
    about = {"round_id": round_name(round_id), "manifest": keys.anchors(round_id).fingerprint}
    signer = keys.load(round_id).signing_public
    sealed = session.scalars(select(table.sealed).where(table.round_id == round_id)).all()
    return {open_envelope(each, secret, signer=signer, **about).receipt(**about).leaf for each in sealed}


def form(replaces: int = 0) -> Form:
    """A review page of its own, whose ballot takes the place of this revision."""
    return Form(secrets.token_bytes(16), replaces)
