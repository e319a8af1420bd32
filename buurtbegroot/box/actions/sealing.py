"""Making the keys of a ballot box, binding it each night to what lies in it, telling of withdrawals, shutting it."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import System, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.anchors import DiffersError, Folder, anchor, anchor_closing, anchored, checked, voids_of
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.domain.published import minute_of, read_nights, write_nights
from buurtbegroot.box.events import BoxSealed, PlanWithdrawn
from buurtbegroot.box.models import Booth, Pulse, SealedBallot, SupersededBallot
from buurtbegroot.box.policy import may_make_keys, may_seal
from buurtbegroot.box.queries import booth_of, envelopes_in, logged
from buurtbegroot.core.box_file import box_file, fingerprint
from buurtbegroot.core.closing import hash_list
from buurtbegroot.core.seals import SALT_BYTES
from buurtbegroot.dual_control.actions import require_consent
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.owner_files import replace
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, round_key

EMPTIED_AT_ONCE = 5_000  # rows of each table


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

    The list of envelopes and the salts lie beside the keys; the log gets a hash that tells nothing. Of
    withdrawn plans the log is told what it lacks. Raises DiffersError when the log tells of more seals than lie there,
    and KeyFileError where the files of this vote are not.
    """
    require(may_seal(by), hidden=True)
    folder = keys.folder(round_.id)
    anchored(folder).require_opened()
    with folder.exclusive():
        found, told = read_nights(folder), logged(session, round_, BoxSealed)
        if told > len(found.nights):
            raise DiffersError("seals")
        if night.isoformat() not in found.nights:
            box = {fingerprint(each) for each in envelopes_in(session, round_.id)}
            found = found.sealed(night, box, salt=secrets.token_bytes(SALT_BYTES))
            write_nights(folder, found)
    for when, seal in list(zip(found.nights, found.list.seals, strict=True))[told:]:
        anchor(folder, "sealed", night=when, seal=seal.commitment.hex())
        record(session, BoxSealed(**about(round_), night=when, seal=seal.commitment.hex()), by=by, now=now)
    tell_withdrawn(session, round_, keys=keys, by=by, now=now)


def tell_withdrawn(session: Session, round_: Round, *, keys: KeyStore, by: User | System, now: datetime) -> None:
    """Put in the log which plans were taken off the open ballot, as far as it does not say so yet; mail their makers.

    The trusted values come first, since a file is not rolled back; what could not be committed then is told later.
    Raises DiffersError when the log tells of more withdrawn plans than they do.
    """
    require(may_make_keys(by, round_), hidden=True)
    anchors, told = keys.anchors(round_.id), logged(session, round_, PlanWithdrawn)
    if told > len(anchors.withdrawn):
        raise DiffersError("withdrawn plans")
    for plan, reason in list(anchors.withdrawn.items())[told:]:
        event = PlanWithdrawn(**about(round_), plan=plan, number=anchors.paper.numbers[plan], reason=reason)
        record(session, event, by=by, now=now)
        _mail_makers(session, session.get_one(Proposal, plan), reason, now=now)


def _mail_makers(session: Session, proposal: Proposal, reason: str, *, now: datetime) -> None:
    about = {"number": proposal.number, "plan": proposal.mailed_name, "path": proposal.path}
    values = about | {"round": proposal.round.title, "reason": reason}
    for maker in proposal.makers:
        how = {"recipient": maker.email, "language": maker.language}
        enqueue_mail(session, template="box_withdrawn", values=values, **how, now=now)


def beat(session: Session, round_: Round, *, keys: KeyStore, by: System, now: datetime) -> int:
    """Write in the database that it is alive, and return the minute, which comes beside the keys after COMMIT.

    A database that was put back stays as it is, so that it goes on being told from the one that was there.
    """
    require(may_seal(by), hidden=True)
    lock_round(session, round_.id)
    pulse = session.get(Pulse, round_.id, populate_existing=True) or Pulse(round_id=round_.id, minute=0)
    if pulse.minute >= keys.pulse(round_.id):
        pulse.minute = max(pulse.minute + 1, minute_of(now))
        session.add(pulse)
        session.flush()
    return pulse.minute


def mark_put_back(session: Session, round_: Round, *, keys: KeyStore, by: System) -> None:
    """Let the database count as put back, also when that was less than a minute after the backup was made."""
    require(may_seal(by), hidden=True)
    pulse = session.get(Pulse, round_.id)
    keys.raise_pulse(round_.id, pulse.minute + 1 if pulse else 1)


class Shut(NamedTuple):
    """A box that was shut: the number of different envelopes in it, and the SHA-256 of its file."""

    envelopes: int
    sha256: str


def shut_box(
    session: Session, round_: Round, *, voids: Collection[bytes], drawn: int, keys: KeyStore, by: User, now: datetime
) -> Shut:
    """Write the box file and the list of void codes beside the keys: from then on nothing asks the tables.

    A box that was shut before, whatever became of the database since, is the file that lies there; DiffersError when
    that is another one, KeyFileError when it is gone. Raises RefusedError unless two people agreed to close. Whoever
    commits destroys the key that joins codes to places in the box, and empties the tables (`empty_box`). Before the
    trusted end of voting nothing is shut, whatever the database says.
    """
    require(may_manage(by, round_), hidden=True)
    require_consent(session, RoundAct.CLOSE, round_key(round_))
    folder = keys.folder(round_.id)
    if now < anchored(folder).ends:
        raise DiffersError("the end of voting")
    tell_withdrawn(session, round_, keys=keys, by=by, now=now)
    shut = _shut_before(folder) or _write(session, folder, round_)
    void = hash_list(sorted({*voids, *voids_of(folder)}))
    anchor_closing(folder, box=shut.sha256, envelopes=shut.envelopes, drawn=drawn, void=void)
    return shut


def empty_box(session: Session, round_: Round, *, keys: KeyStore, by: System) -> bool:
    """Take some thousands of rows of a box that was shut out of its tables; return whether there were any.

    It is called again until there were none, each time in a transaction of its own, so that nobody waits long for it.
    Raises DiffersError for a box that was not shut, and KeyFileError where the files of this vote are not.
    """
    require(may_seal(by), hidden=True)
    anchors = anchored(keys.folder(round_.id))
    anchors.require_opened()
    if round_.closed_at is None or anchors.closed is None:
        raise DiffersError("box")
    gone = 0
    for table, key in ((SealedBallot, SealedBallot.locator), (SupersededBallot, SupersededBallot.fingerprint)):
        mine = table.round_id == round_.id
        some = select(key).where(mine).limit(EMPTIED_AT_ONCE)
        gone += len(session.scalars(delete(table).where(mine, key.in_(some)).returning(table.round_id)).all())
    return gone > 0


def _shut_before(folder: Folder) -> Shut | None:
    before = anchored(folder).closed
    if before is None:
        return None
    checked(folder.box)
    with folder.box.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != before["box"]:
            raise DiffersError("box")
    return Shut(before["envelopes"], before["box"])


def _write(session: Session, folder: Folder, round_: Round) -> Shut:
    """Write the box file of what lies in the tables, in one pass; envelopes wait in a file without a name."""
    with TemporaryFile(dir=folder.path) as spool:
        boxed = box_file(envelopes_in(session, round_.id), round_id=round_name(round_.id), spool=spool)
        hashed = hashlib.sha256()
        replace(folder.box, _hashed(boxed.pieces, hashed))
    return Shut(boxed.envelopes, hashed.hexdigest())


def _hashed(pieces: Iterable[bytes], hashed: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        hashed.update(piece)
        yield piece
