"""Making the keys of a ballot box, publishing its leaves and signing its log."""

import secrets
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import RefusedError, System, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.keys import KeysFault, KeyStore
from buurtbegroot.box.events import LeavesPublished
from buurtbegroot.box.models import Booth, Checkpoint, LogLeaf, SealedBallot, SupersededLeaf
from buurtbegroot.box.policy import may_make_keys, may_publish_log
from buurtbegroot.box.queries import booth_of, log_leaves, log_size
from buurtbegroot.core.transparency_log import LogForkError
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round

LEAST_BATCH = 25
Published = type[SealedBallot] | type[SupersededLeaf]


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
            sealing_public=own.sealing.public,
            signing_public=own.signing_public,
        )
        session.add(booth)
        session.flush()
    return booth


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


def _unpublished(session: Session, table: Published, round_id: int) -> int:
    rows = select(func.count()).select_from(table).where(table.round_id == round_id, table.published.is_(False))
    return session.scalar(rows) or 0


def _publish(session: Session, table: Published, round_id: int) -> list[bytes]:
    marked = update(table).where(table.round_id == round_id, table.published.is_(False)).values(published=True)
    return list(session.scalars(marked.returning(table.leaf), execution_options={"synchronize_session": False}))
