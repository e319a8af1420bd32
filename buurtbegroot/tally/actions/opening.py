"""Taking in what the opener found, all of it or nothing, and making the bundle of what was counted."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from buurtbegroot.acts import System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.anchors import anchored
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import BundleFault, OpenedBox, checked_bundle, opened_box
from buurtbegroot.box.events import EnvelopesOpened
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.verifying.bundle import pack
from buurtbegroot.owner_files import replace
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round
from buurtbegroot.tally.events import CountBegunAgain
from buurtbegroot.tally.models import Nullifier, OpenedBallot, PlanResult, Tally
from buurtbegroot.tally.policy import TallyFault, may_bundle, may_open_envelopes
from buurtbegroot.tally.queries import lock_tally
from buurtbegroot.tally.queries.counting import bundle_files

AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What of the envelopes does not count, as Tally.left_out has it.

    `replaced` ballots gave way to a later one, or their code is void. `refused` has each leaf (hexadecimal) that does
    not count all the same, with the reason, and `strangers` how many envelopes the server never made, by reason. `gone`
    are envelopes, by SHA-256, that were sealed one night and were not there when the box was shut.
    """

    replaced: int
    refused: tuple[tuple[str, str], ...]
    strangers: dict[str, int]
    gone: tuple[str, ...]


def note_progress(session: Session, round_: Round, *, opened: int, by: System) -> None:
    """Keep how many envelopes the opener has looked at, for the page of the count."""
    require(may_open_envelopes(by), hidden=True)
    tally = lock_tally(session, round_.id)
    if tally.opened_at is None:
        tally.opened = min(opened, tally.envelopes)
    session.flush()


def begin_again(session: Session, round_: Round, *, keys: KeyStore, by: System, now: datetime) -> None:
    """Let go of all that was opened and counted, for the box to be opened again from its file: nobody's ballot is lost.

    For when the database holds anything else than what was signed. The time to check begins anew. Raises RefusedError
    before the box is shut and once the outcome is final, and KeyFileError where the files of this vote are not.
    """
    require(may_open_envelopes(by), hidden=True)
    insist(lock_round(session, round_.id).certified_at is None, BundleFault.FINAL)
    shut = anchored(keys.folder(round_.id)).closed
    insist(round_.closed_at is not None and shut is not None, TallyFault.NOT_CLOSED)
    assert shut is not None
    for table in (OpenedBallot, Nullifier, PlanResult, Tally):
        session.execute(delete(table).where(table.round_id == round_.id))
    session.add(Tally(round_id=round_.id, envelopes=shut["envelopes"], left_out={}, figures={}))
    record(session, CountBegunAgain(**about(round_)), by=by, now=now)


def take_in(session: Session, round_: Round, *, keys: KeyStore, by: System, now: datetime) -> Tally:
    """Store what left the opener, in its sorted order and in one transaction; once it is there this does nothing.

    Raises RefusedError before the box is shut, and DiffersError when a file is not what the closing note says.
    """
    require(may_open_envelopes(by), hidden=True)
    tally = lock_tally(session, round_.id)
    if tally.opened_at is not None:
        return tally
    box = opened_box(keys.folder(round_.id))
    insist(box.closing.lists["envelopes.txt"].lines == tally.envelopes, TallyFault.BOX_CHANGED)
    ballots = ({"round_id": round_.id, **ballot._asdict()} for ballot in box.ballots())
    nullifiers = ({"round_id": round_.id, "nullifier": each} for each in box.nullifiers())
    for table, rows in ((OpenedBallot, ballots), (Nullifier, nullifiers)):
        while some := list(islice(rows, AT_ONCE)):
            session.execute(insert(table), some)
    valid = box.closing.lists["ballots.jsonl"].lines
    tally.opened, tally.valid_ballots, tally.opened_at = tally.envelopes, valid, now
    tally.is_small = valid < keys.anchors(round_.id).least_ballots
    tally.closing, tally.left_out = box.sha256, _left_out(box)
    session.flush()
    event = EnvelopesOpened(
        **about(round_), closing=box.sha256, envelopes=tally.envelopes, ballots=valid, gone=len(box.gone)
    )
    record(session, event, by=by, now=now)
    return tally


def make_bundle(session: Session, round_: Round, *, keys: KeyStore, by: System) -> Tally:
    """Put the bundle beside the keys and keep its SHA-256 with all that the published checks find wrong.

    Made again from the same log it has the same bytes. Raises RefusedError before a count, once the outcome is final,
    and as long as the log is not signed.
    """
    require(may_bundle(by), hidden=True)
    tally = lock_tally(session, round_.id)
    insist(tally.counted_at is not None, TallyFault.NOT_COUNTED)
    insist(round_.certified_at is None, BundleFault.FINAL)
    files = bundle_files(session, round_, tally, keys=keys)
    packed = pack(files)
    replace(keys.folder(round_.id).bundle, packed)
    tally.bundle = hashlib.sha256(packed).hexdigest()
    tally.faults = [list(finding) for finding in checked_bundle(files, keys.anchors(round_.id)).findings]
    session.flush()
    return tally


def _left_out(box: OpenedBox) -> dict[str, object]:
    found = LeftOut(replaced=box.replaced, refused=tuple(box.refused), strangers=box.strangers, gone=tuple(box.gone))
    plain = to_plain(found)
    assert isinstance(plain, dict)
    return plain
