"""What left the opener and what was counted: the lists as their note binds them, the stored rows and the bundle."""

import hashlib
from collections.abc import Iterator
from itertools import zip_longest

from sqlalchemy import exists, select

from buurtbegroot.box.domain.published import opened_box
from buurtbegroot.consistency.box import envelopes_of
from buurtbegroot.consistency.vote import Check, Vote
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.closing import LISTS, hash_list
from buurtbegroot.tally.models import Nullifier, OpenedBallot
from buurtbegroot.tally.queries import nullifiers_of, opened_ballots


def _lists(vote: Vote) -> Iterator[str]:
    if vote.tally is None or vote.tally.opened_at is None or vote.lists_are_destroyed:
        return
    box, folder, tally = opened_box(vote.folder), vote.folder, vote.tally
    texts = {name: box.text(name) for name in LISTS}
    if box.sha256 != tally.closing:
        yield "the database counted from another closing note"
    for name, path in (("registry.txt", folder.registry), ("void.txt", folder.voids)):
        if texts[name].encode() != path.read_bytes():
            yield f"{name} of the closing note is another one than that of the vote"
    if not vote.is_destroyed and hash_list(map(fingerprint, envelopes_of(vote))).decode() != texts["envelopes.txt"]:
        yield "envelopes.txt does not list what lies in the box"
    told = {"replaced": box.replaced, "strangers": box.strangers, "gone": box.gone}
    told["refused"] = [list(each) for each in box.refused]
    if tally.left_out != told:
        yield "the database leaves out other ballots than the lists"


def _ballots(vote: Vote) -> Iterator[str]:
    session, round_id = vote.session, vote.round.id
    if vote.tally is None or vote.tally.opened_at is None or vote.lists_are_destroyed:
        tables = (OpenedBallot, Nullifier)
        if any(session.scalar(select(exists().where(table.round_id == round_id))) for table in tables):
            yield "there are opened ballots of a box that was not opened, or whose lists are destroyed"
        return
    box = opened_box(vote.folder)
    if any(one != other for one, other in zip_longest(opened_ballots(session, round_id), box.ballots())):
        yield "the database has other ballots than ballots.jsonl"
    if any(one != other for one, other in zip_longest(nullifiers_of(session, round_id), box.nullifiers())):
        yield "the database has other nullifiers than nullifiers.txt"
    if vote.tally.valid_ballots != box.closing.lists["ballots.jsonl"].lines:
        yield "the database tells of another number of ballots than ballots.jsonl"


def _bundle(vote: Vote) -> Iterator[str]:
    if vote.tally is None or not vote.tally.bundle or vote.lists_are_destroyed:
        return
    if hashlib.sha256(vote.folder.bundle.read_bytes()).hexdigest() != vote.tally.bundle:
        yield "bundle.zip is not the one that was made"
    said = vote.anchors.one("bundle")
    if vote.round.certified_at and said is not None and said["sha256"] != vote.tally.bundle:
        yield "another bundle was certified than the trusted values tell"


COUNT_CHECKS: dict[str, Check] = {"lists": _lists, "ballots": _ballots, "bundle": _bundle}
