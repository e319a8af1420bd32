"""Casting: first, again, replayed, refused; opening finds what was cast."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import ANYONE
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.box.actions.ballots import BallotFault, Cast, InvalidBallotError, receipt_for
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot, SupersededLeaf
from buurtbegroot.core.ballots import Reason
from buurtbegroot.core.credentials import nullifier
from buurtbegroot.core.envelope import OpenedBallot, is_own_receipt, open_envelope
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import verify_receipt
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.models import CodeStatus
from buurtbegroot.rounds.models import PhaseWindow
from tests.factories.voids import mark_void
from tests.factories.voting import OpenVote, nonce
from tests.refusals import refused

Plans = list[Proposal]
SPARE = 3  # the first spare of the vote, after its three codes


def cast(session: Session, vote: OpenVote, now: datetime, *, number: int = 0, **other: object) -> Cast:
    values = {"k": vote.k(number), "nonce": nonce(), "now": now} | other
    about = {"round_id": vote.round.id, "keys": vote.keys, "by": ANYONE}
    return cast_ballot(session, **about, **values)  # type: ignore[arg-type]


def opened(session: Session, vote: OpenVote) -> list[OpenedBallot]:
    secret = vote.keys.load(vote.round.id).sealing.secret
    about = {"round_id": round_name(vote.round.id), "manifest": vote.booth.manifest_hash}
    rows = session.execute(select(SealedBallot.sealed, SealedBallot.leaf)).all()
    return [open_envelope(row.sealed, secret, leaf=row.leaf, **about) for row in rows]


def test_what_was_cast_is_found_after_opening(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    done = cast(session, vote, now, choices=[plans[1].id, plans[0].id])
    assert not done.replaced
    assert verify_receipt(done.receipt, vote.booth.signing_public)
    assert is_own_receipt(done.receipt, vote.k(0))
    [ballot] = opened(session, vote)
    assert json.loads(ballot.choices) == sorted([plans[0].id, plans[1].id])
    assert ballot.nullifier == nullifier(vote.k(0))
    assert ballot.tracker == done.receipt.tracker


def test_the_last_ballot_counts_and_the_first_leaf_is_kept(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    first = cast(session, vote, now, choices=[plans[0].id])
    second = cast(session, vote, now, choices=[plans[2].id])
    assert second.replaced
    assert second.receipt.rev == 2
    [ballot] = opened(session, vote)
    assert json.loads(ballot.choices) == [plans[2].id]
    assert session.scalars(select(SupersededLeaf.leaf)).all() == [first.receipt.leaf]


def test_the_same_form_again_gets_the_same_receipt(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    form = nonce()
    first = cast(session, vote, now, choices=[plans[0].id], nonce=form)
    again = cast(session, vote, now, choices=[plans[0].id], nonce=form)
    assert again.receipt == first.receipt
    assert session.scalar(select(func.count()).select_from(SupersededLeaf)) == 0


def test_the_same_form_with_other_choices_is_refused(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    form = nonce()
    cast(session, vote, now, choices=[plans[0].id], nonce=form)
    with refused(BallotFault.OTHER_BALLOT):
        cast(session, vote, now, choices=[plans[1].id], nonce=form)


def test_two_voters_with_the_same_form_are_two_ballots(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    form = nonce()
    receipts = {cast(session, vote, now, number=n, choices=[plans[0].id], nonce=form).receipt for n in (0, 1)}
    assert len(receipts) == len(opened(session, vote)) == 2


def test_an_unknown_code_is_refused(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    with refused(CastFault.CODE_REFUSED) as caught:
        cast(session, vote, now, k=bytes(32), choices=[plans[0].id])
    assert caught.value.facts["status"] is None


def test_a_void_code_is_refused(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    mark_void(session, vote.round, now=now)
    with refused(CastFault.CODE_REFUSED) as caught:
        cast(session, vote, now, choices=[plans[0].id])
    assert caught.value.facts["status"] is CodeStatus.VOID
    assert opened(session, vote) == []


def test_a_spare_code_is_refused(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    with refused(CastFault.CODE_REFUSED) as caught:
        cast(session, vote, now, k=vote.k(SPARE), choices=[plans[0].id])
    assert caught.value.facts["status"] is CodeStatus.SPARE
    assert opened(session, vote) == []


@pytest.mark.parametrize("seconds", [0, 1])
def test_at_and_after_the_closing_instant_nothing_is_taken(
    session: Session, vote: OpenVote, plans: Plans, seconds: int
) -> None:
    ends = session.scalars(select(PhaseWindow.ends_at).where(PhaseWindow.phase == Phase.VOTING)).one()
    cast(session, vote, ends - timedelta(seconds=1), choices=[plans[0].id])
    with refused(CastFault.BOX_CLOSED):
        cast(session, vote, ends + timedelta(seconds=seconds), number=1, choices=[plans[0].id])


def test_before_the_voting_window_nothing_is_taken(session: Session, vote: OpenVote, plans: Plans) -> None:
    begins = session.scalars(select(PhaseWindow.begins_at).where(PhaseWindow.phase == Phase.VOTING)).one()
    with refused(CastFault.BOX_CLOSED):
        cast(session, vote, begins - timedelta(seconds=1), choices=[plans[0].id])
    cast(session, vote, begins, choices=[plans[0].id])


def test_a_closed_round_takes_nothing_and_shows_no_receipt(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    cast(session, vote, now, choices=[plans[0].id])
    vote.round.closed_at = now
    session.flush()
    with refused(CastFault.BOX_CLOSED):
        cast(session, vote, now, choices=[plans[1].id])
    assert receipt_for(session, round_id=vote.round.id, k=vote.k(0), keys=vote.keys, by=ANYONE) is None


def test_the_receipt_shows_again_to_its_own_code_only(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    done = cast(session, vote, now, choices=[plans[0].id])
    shown = {n: receipt_for(session, round_id=vote.round.id, k=vote.k(n), keys=vote.keys, by=ANYONE) for n in (0, 1)}
    assert shown == {0: done.receipt, 1: None}


def test_every_reason_is_given(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    wrong = [plans[0].id, plans[0].id, plans[1].id, plans[2].id, -1, 2**70]
    with pytest.raises(InvalidBallotError) as caught:
        cast(session, vote, now, choices=wrong)
    reasons = [each.reason for each in caught.value.found]
    assert reasons == [Reason.UNKNOWN_PLAN, Reason.UNKNOWN_PLAN, Reason.REPEATED_PLAN, Reason.TOO_DEAR]


def test_receipts_of_a_round_name_its_manifest(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    receipt = cast(session, vote, now, choices=[plans[0].id]).receipt
    assert receipt.manifest == bytes.fromhex(vote.round.fingerprint)
    assert not verify_receipt(replace(receipt, rev=2), vote.booth.signing_public)
