"""Opening the envelopes of a closed round in batches that can be resumed; what is in them is judged by inspection."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError, System, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.actions.log import sign_log
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.box.queries import booth_of, paper_of
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about
from buurtbegroot.tally.events import EnvelopesOpened
from buurtbegroot.tally.models import Nullifier, OpenedBallot, Tally
from buurtbegroot.tally.policy import TallyFault, may_open_envelopes
from buurtbegroot.tally.queries import lock_tally, missing_leaves
from buurtbegroot.tally.queries.inspection import Flaw, Inspector, Look, inspect

BATCH = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the opening is."""

    opened: int
    envelopes: int
    defects: int
    is_done: bool


def open_envelopes(
    session: Session, round_: Round, *, keys: KeyStore, by: System, now: datetime, batch: int = BATCH
) -> Iterator[Progress]:
    """Sign the final log, then open envelope after envelope and yield after each batch, where the caller commits.

    Begins where an earlier run stopped; two runs at once take turns. Raises RefusedError when the box is not
    shut or no longer holds what it held then, the log is not the one signed before, and KeyFileError.
    """
    require(may_open_envelopes(by), hidden=True)
    inspector = _inspector(session, round_, keys)
    sign_log(session, round_, keys=keys, by=by, now=now)
    while True:
        tally = lock_tally(session, inspector.round_id)
        if tally.opened_at is None:
            _open_batch(session, tally, inspector, size=batch)
        if tally.opened == tally.envelopes and tally.opened_at is None:
            _finish(session, tally, round_, by=by, now=now)
        progress = Progress(tally.opened, tally.envelopes, len(tally.defects), tally.opened_at is not None)
        yield progress
        if progress.is_done:
            return


def _inspector(session: Session, round_: Round, keys: KeyStore) -> Inspector:
    booth = booth_of(session, round_.id)
    if booth is None or round_.closed_at is None:
        raise RefusedError(TallyFault.NOT_CLOSED)
    paper = paper_of(session, round_.id, booth.manifest_hash)
    return Inspector(
        round_id=round_.id,
        name=round_name(round_.id),
        manifest=booth.manifest_hash,
        rules=paper.rules.ballot,
        plans=paper.plans,
        secret=keys.load(round_.id).sealing.secret,
    )


def _open_batch(session: Session, tally: Tally, inspector: Inspector, *, size: int) -> None:
    """Open the next envelopes in the order of the box, which says nothing about when they were cast."""
    left = tally.envelopes - tally.opened
    box = select(SealedBallot).where(SealedBallot.round_id == tally.round_id).order_by(SealedBallot.locator)
    rows = session.scalars(box.offset(tally.opened).limit(min(size, left))).all()
    if len(rows) < min(size, left):
        raise RefusedError(TallyFault.BOX_CHANGED)
    looks = inspect(session, rows, inspector)
    _store(session, [look for look in looks if not look.reasons], tally.round_id)
    defects = [{"leaf": look.leaf.hex(), "reasons": look.reasons} for look in looks if look.reasons]
    tally.defects = [*tally.defects, *defects]
    tally.opened += len(rows)
    session.flush()


def _store(session: Session, looks: Iterable[Look], round_id: int) -> None:
    """Keep ballots by tracker and nullifiers by value: two orders that cannot be laid side by side."""
    found = [(look.contents, look.choices) for look in looks if look.contents]
    for contents, choices in sorted(found, key=lambda pair: pair[0].tracker):
        session.add(
            OpenedBallot(round_id=round_id, tracker=contents.tracker, choices=list(choices), blind=contents.blind)
        )
    for nullifier in sorted(contents.nullifier for contents, _ in found):
        session.add(Nullifier(round_id=round_id, nullifier=nullifier))


def _finish(session: Session, tally: Tally, round_: Round, *, by: System, now: datetime) -> None:
    """List logged ballots that are gone from the box, and say in the log that all envelopes are open."""
    _make_one_age(session, round_.id)
    counted = tally.envelopes - len(tally.defects)
    missing = [{"leaf": leaf.hex(), "reasons": [Flaw.MISSING.value]} for leaf in missing_leaves(session, round_.id)]
    tally.defects = [*tally.defects, *missing]
    tally.valid_ballots, tally.opened_at = counted, now
    event = EnvelopesOpened(**about(round_), envelopes=tally.envelopes, ballots=counted, defects=len(tally.defects))
    record(session, event, by=by, now=now)
    session.flush()


def _make_one_age(session: Session, round_id: int) -> None:
    """Write all ballots and nullifiers once more, together.

    PostgreSQL keeps with each row which transaction wrote it. Of a last batch of one envelope that would tell which
    nullifier, and so which letter, goes with which ballot.
    """
    session.flush()
    for column in (OpenedBallot.blind, Nullifier.nullifier):
        same = update(column.class_).where(column.class_.round_id == round_id).values({column: column})
        session.execute(same, execution_options={"synchronize_session": False})
