"""What lies in a ballot box: rows of one length while people vote, night seals, and the box file from closing on."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import LargeBinary, func, select, type_coerce

from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.domain.published import read_nights
from buurtbegroot.box.events import BoxSealed
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.queries import AT_ONCE, envelopes_in
from buurtbegroot.consistency.vote import Check, Vote
from buurtbegroot.core.box_file import fingerprint, read_box
from buurtbegroot.core.closing import LISTS
from buurtbegroot.core.envelope import envelope_size
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.receipts import MOST_REV
from buurtbegroot.core.seals import broken_seals
from buurtbegroot.owner_files import drafts_of
from buurtbegroot.registry.models import PoolCode, PoolDraw
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally.queries import FORGET
from buurtbegroot.work.models import JobState
from buurtbegroot.work.queries import job_of

CAST = (SealedBallot, SupersededBallot, PoolCode, PoolDraw)


def _rows(vote: Vote) -> Iterator[str]:
    """Look at the rows of an open box: of one length, and as many replaced envelopes as there were replacements."""
    if vote.round.closed_at:
        return
    size, sizes, revisions = envelope_size(vote.anchors.paper.capacity), Counter[tuple[int, ...]](), Counter[int]()
    rev = type_coerce(SealedBallot.rev, LargeBinary)
    columns = (SealedBallot.locator, rev, SealedBallot.mark, SealedBallot.sealed, SealedBallot.receipt_ct)
    rows = select(*columns).where(SealedBallot.round_id == vote.round.id)
    with closing(vote.session.execute(rows.execution_options(yield_per=AT_ONCE))) as found:
        for row in found:
            sizes[tuple(len(each) for each in row)] += 1
            revisions[int.from_bytes(row[1], "big")] += 1
    if len(sizes) > 1 or any(each[:-1] != (32, 2, 32, size) for each in sizes):
        yield f"not all rows of the box are of one length: {sorted(sizes.values())}"
    if any(not 1 <= each <= MOST_REV for each in revisions):
        yield f"a revision is not between 1 and {MOST_REV}"
    old = list(_superseded(vote))
    if any(len(sealed) != size or fingerprint(sealed) != name for name, sealed in old):
        yield "a replaced envelope has another length, or is not the one that its name says"
    replaced = sum((each - 1) * number for each, number in revisions.items())
    if replaced != len(old):
        yield f"ballots were replaced {replaced} times, and {len(old)} replaced envelopes are here"


def _superseded(vote: Vote) -> Iterator[tuple[bytes, bytes]]:
    rows = select(SupersededBallot.fingerprint, SupersededBallot.sealed)
    mine = rows.where(SupersededBallot.round_id == vote.round.id)
    with closing(vote.session.execute(mine.execution_options(yield_per=AT_ONCE))) as found:
        yield from found


def _seals(vote: Vote) -> Iterator[str]:
    """Hold the list of seals against the trusted values and the log; the newest seal may not have come that far."""
    found = read_nights(vote.folder)
    seals, envelopes = found.list.seals, found.list.envelopes
    trusted = [bytes.fromhex(line["seal"]) for line in vote.anchors.all("sealed")]
    broken = [number for number in broken_seals(found.list, trusted) if number <= len(trusted)]
    yield from (f"seal {number} is not the one of the trusted values" for number in broken)
    for number, seal in enumerate(seals[len(trusted) :], len(trusted) + 1):
        if merkle_root(envelopes[: seal.size]) != seal.root:
            yield f"seal {number} is not of the list of envelopes"
    logged = list(_logged(vote))
    if logged != [seal.commitment.hex() for seal in seals[: len(logged)]]:
        yield "the log tells of other seals"
    here = {fingerprint(each) for each in envelopes_of(vote)} if not vote.is_destroyed else set(envelopes)
    gone = {each.hex() for each in found.list.missing(here)}
    told = set(vote.tally.left_out.get("gone", ())) if vote.tally is not None else set()
    if gone - told:
        yield f"{len(gone - told)} envelopes that were sealed are not in the box"


def _logged(vote: Vote) -> Iterator[str]:
    rows = select(AuditEntry).where(AuditEntry.object == round_key(vote.round), AuditEntry.action == BoxSealed.name)
    for row in vote.session.scalars(rows.order_by(AuditEntry.seq)):
        yield str(row.details.payload["seal"]) if row.details else ""


def envelopes_of(vote: Vote) -> Iterator[bytes]:
    """Yield what lies in the box, wherever the box is now."""
    if not vote.round.closed_at:
        yield from envelopes_in(vote.session, vote.round.id)
    else:
        with vote.folder.box.open("rb") as file:
            yield from read_box(file, round_id=vote.anchors.round_id)


def _box(vote: Vote) -> Iterator[str]:
    """Look at the box file of a box that was shut; a closing that was not committed can be done again."""
    closed = vote.anchors.one("closed")
    if closed is None or not vote.round.closed_at:
        return
    if vote.tally is None:
        yield "the round is closed and has no count"
    elif not closed["envelopes"] == vote.tally.envelopes == vote.round.envelopes:
        yield f"{closed['envelopes']} envelopes were shut in, and the database tells of another number"
    if vote.is_destroyed:
        return
    with vote.folder.box.open("rb") as file:
        is_same = hashlib.file_digest(file, "sha256").hexdigest() == closed["box"]
    if not is_same:
        yield "the box file is not the one that was shut"
    elif sum(1 for _ in envelopes_of(vote)) != closed["envelopes"]:
        yield f"the box file does not hold {closed['envelopes']} envelopes"


def _leftovers(vote: Vote) -> Iterator[str]:
    """Name what should be gone: rows and the key to them after closing, everything secret after destroying."""
    if not vote.round.closed_at:
        return
    job = job_of(vote.session, FORGET, {"round_id": vote.round.id})
    is_coming = job is not None and job.state is not JobState.DONE
    is_due = vote.anchors.one("opening") is not None or not is_coming
    for table in CAST if is_due else ():
        rows = vote.session.scalar(select(func.count()).select_from(table).where(table.round_id == vote.round.id))
        if rows:
            yield f"{rows} rows in {table.__tablename__} after closing"
    folder = vote.folder
    gone = [folder.link] if is_due else []
    if vote.is_destroyed:
        gone = [folder.link, folder.keys, folder.secret, folder.box]
    if vote.lists_are_destroyed:
        gone += [folder.bundle, *map(folder.list, LISTS)]
    for path in gone:
        left = [each.name for each in (path, *drafts_of(path)) if each.exists()]
        yield from (f"{name} should be gone" for name in left)


BOX_CHECKS: dict[str, Check] = {"rows": _rows, "seals": _seals, "box": _box, "leftovers": _leftovers}
