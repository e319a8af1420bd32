"""Who writes the database in the middle of a vote, guards taken away, but has no keys: it shows, or changes nothing.

Dates that are moved, one row left to be opened, and envelopes that are exchanged or removed are in
tests/tally/test_actions.py; voids, lines of the log and outcomes in tests/tally/test_bundle.py.
"""

import json
import secrets
from datetime import datetime
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.anchors import DiffersError
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.domain.published import BundleFault, night_of
from buurtbegroot.box.models import Booth, SealedBallot, SupersededBallot
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.credentials import commitment, locator, nullifier
from buurtbegroot.core.envelope import Contents, seal
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.tally import actions
from buurtbegroot.tally.models import OpenedBallot, Tally
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path) -> Vote:
    found = open_vote(session, tmp_path, areas=small_city(session), now=now)
    return found.cast_all([[0], [1], [2], [0], [1]])


def counted(vote: Vote) -> set[bytes]:
    """Return the trackers of the ballots that count."""
    return set(vote.session.scalars(select(OpenedBallot.tracker)))


def left_out(vote: Vote) -> dict[str, object]:
    return dict(vote.session.scalars(select(Tally.left_out)).one())


def trackers(vote: Vote) -> set[bytes]:
    return {receipt.tracker for receipt in vote.receipts}


def refused_to_certify(vote: Vote) -> bool:
    with pytest.raises(RefusedError) as refusal:
        actions.request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later)
    return refusal.value.fault is BundleFault.FAULTY


def test_another_sealing_key_opens_nothing(vote: Vote) -> None:
    theirs = PrivateKey.generate()
    with unguarded(vote.session):
        vote.session.execute(update(Booth).values(sealing_public=bytes(theirs.public_key)))
    vote.session.expire_all()
    vote.cast(2)
    here = SealedBallot.locator == vote.last_place
    with pytest.raises(CryptoError):
        SealedBox(theirs).decrypt(vote.session.scalars(select(SealedBallot.sealed).where(here)).one())
    vote.close().open()
    assert counted(vote) == trackers(vote)


def test_another_fingerprint_of_the_manifest_takes_no_ballots(vote: Vote) -> None:
    with unguarded(vote.session):
        vote.session.execute(update(Booth).values(manifest_hash=bytes(32)))
    vote.session.expire_all()
    with pytest.raises(DiffersError, match="manifest"):
        vote.cast(2)


def test_another_price_of_a_plan_is_never_certified(vote: Vote, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.loads(vote.session.scalars(select(Booth.manifest)).one())
    content["plans"][0]["cost_cents"] = 1
    monkeypatch.setattr("buurtbegroot.box.queries._papers", {})  # a process that did not see the vote before
    with unguarded(vote.session):
        vote.session.execute(update(Booth).values(manifest=json.dumps(content)))
    vote.session.expire_all()
    vote.close().open().count()
    assert refused_to_certify(vote)


def test_a_code_that_is_added_to_the_registry_counts_nowhere(vote: Vote) -> None:
    k = secrets.token_bytes(32)
    mine = {"round_id": vote.round.id, "commitment": commitment(round_name(vote.round.id), nullifier(k))}
    honest = trackers(vote)
    with unguarded(vote.session):
        vote.session.execute(insert(RegisteredCode).values(**mine))
    vote.cast(2, voter=k)
    vote.close().open()
    assert counted(vote) == honest
    assert left_out(vote)["refused"] == [[vote.receipts[-1].leaf.hex(), "unregistered"]]


def test_an_envelope_that_nobody_signed_for_counts_nowhere(vote: Vote) -> None:
    """Seal a ballot of one's own with the public key, in the name of a code that may vote, as often as one likes."""
    honest, keys = trackers(vote), vote.keys.load(vote.round.id)
    capacity = vote.keys.anchors(vote.round.id).paper.capacity
    for rev in range(1, 4):
        forged = Contents(
            tracker=secrets.token_bytes(16),
            nullifier=nullifier(vote.voters[0]),
            blind=secrets.token_bytes(32),
            s=secrets.token_bytes(16),
            epoch=0,
            rev=rev,
            signature=secrets.token_bytes(64),
            choices=b"[1]",
        )
        sealed = seal(forged, capacity=capacity, sealing_key=keys.sealing_public)
        place = {"round_id": vote.round.id, "fingerprint": fingerprint(sealed), "sealed": sealed}
        vote.session.execute(insert(SupersededBallot).values(**place))
    vote.close().open()
    assert counted(vote) == honest
    assert left_out(vote)["strangers"] == {"unsigned": 3}


def test_an_old_envelope_in_the_place_of_the_new_one_shows_after_a_night(vote: Vote) -> None:
    voter = vote.voters[-1]
    old = vote.receipts[-1]
    vote.cast(0, voter=voter)
    seal_box(vote.session, vote.round, night=night_of(vote.now), keys=vote.keys, by=PROGRAM, now=vote.now)
    here = SealedBallot.locator == locator(vote.keys.load(vote.round.id).link_key, voter)
    new = vote.session.scalars(select(SealedBallot.sealed).where(here)).one()
    back = vote.session.scalars(select(SupersededBallot.sealed)).one()
    vote.session.execute(update(SealedBallot).where(here).values(sealed=back))
    vote.session.execute(delete(SupersededBallot))
    vote.close().open()
    assert left_out(vote)["gone"] == [fingerprint(new).hex()]
    assert old.tracker in counted(vote)
    assert vote.receipts[-1].leaf.hex() not in vote.keys.folder(vote.round.id).list("leaves.txt").read_text()


def test_organisers_who_were_invented_are_named(vote: Vote) -> None:
    vote.people = person(vote.session, Role.COORDINATOR, "E"), person(vote.session, Role.COORDINATOR, "E")
    invented = {f"person:{each.pseudonym}" for each in vote.people}
    vote.session.commit()
    vote.close()
    assert vote.round.closed_at is not None
    assert invented <= set(verify_log(vote.session).otherwise)
