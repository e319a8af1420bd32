"""Casting: first, again, replayed, refused; opening finds what was cast."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from nacl.public import PrivateKey
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from buurtbegroot.acts import ANYONE
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.box.actions.ballots import Cast, receipt_for
from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.ballots import BallotFault, Form, InvalidBallotError
from buurtbegroot.box.domain.manifest import manifest_hash, round_name
from buurtbegroot.box.models import Booth, SealedBallot, SupersededBallot
from buurtbegroot.core.ballots import Reason
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.credentials import nullifier
from buurtbegroot.core.envelope import Contents, is_own_receipt, open_envelope
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import MOST_REV, Receipt, verify_receipt
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.models import CodeStatus
from buurtbegroot.rounds.models import PhaseWindow
from tests.factories.guards import unguarded
from tests.factories.voids import mark_void
from tests.factories.voting import OpenVote, form
from tests.refusals import refused

Plans = list[Proposal]
SPARE = 3  # the first spare of the vote, after its three codes


def cast(session: Session, vote: OpenVote, now: datetime, *, number: int = 0, **other: object) -> Cast:
    values = {"k": vote.k(number), "form": form(), "now": now} | other
    about = {"round_id": vote.round.id, "keys": vote.keys, "by": ANYONE}
    return cast_ballot(session, **about, **values)  # type: ignore[arg-type]


def opened(session: Session, vote: OpenVote) -> list[Contents]:
    secret = PrivateKey(bytes.fromhex(vote.keys.folder(vote.round.id).secret.read_text()))
    about = {"round_id": round_name(vote.round.id), "manifest": vote.booth.manifest_hash}
    sealed = session.scalars(select(SealedBallot.sealed)).all()
    return [open_envelope(each, secret, signer=vote.booth.signing_public, **about) for each in sealed]


def test_what_was_cast_is_found_after_opening(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    done = cast(session, vote, now, choices=[plans[1].id, plans[0].id])
    assert not done.replaced
    assert verify_receipt(done.receipt, vote.booth.signing_public)
    assert is_own_receipt(done.receipt, vote.k(0))
    [ballot] = opened(session, vote)
    assert json.loads(ballot.choices) == sorted([plans[0].id, plans[1].id])
    assert ballot.nullifier == nullifier(vote.k(0))
    assert ballot.tracker == done.receipt.tracker


def test_the_last_ballot_counts_and_the_first_envelope_is_kept(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    cast(session, vote, now, choices=[plans[0].id])
    first = session.scalars(select(SealedBallot.sealed)).one()
    second = cast(session, vote, now, choices=[plans[2].id], form=form(1))
    assert second.replaced
    assert second.receipt.rev == 2
    [ballot] = opened(session, vote)
    assert json.loads(ballot.choices) == [plans[2].id]
    [kept] = session.execute(select(SupersededBallot.fingerprint, SupersededBallot.sealed))
    assert kept == (fingerprint(first), first)


def test_the_same_form_again_gets_the_same_receipt(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    page = form()
    first = cast(session, vote, now, choices=[plans[0].id], form=page)
    again = cast(session, vote, now, choices=[plans[0].id], form=page)
    assert again.receipt == first.receipt
    assert session.scalar(select(func.count()).select_from(SupersededBallot)) == 0


def test_the_same_form_with_other_choices_is_refused(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    page = form()
    cast(session, vote, now, choices=[plans[0].id], form=page)
    with refused(BallotFault.OTHER_BALLOT):
        cast(session, vote, now, choices=[plans[1].id], form=page)


def test_two_voters_with_the_same_form_are_two_ballots(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    page = form()
    receipts = {cast(session, vote, now, number=n, choices=[plans[0].id], form=page).receipt for n in (0, 1)}
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
    page = form()
    cast(session, vote, now, choices=[plans[0].id], form=page)
    vote.round.closed_at = now
    session.flush()
    with refused(CastFault.BOX_CLOSED):
        cast(session, vote, now, choices=[plans[1].id])
    assert shown(session, vote, page) is None


def shown(session: Session, vote: OpenVote, page: Form, *, number: int = 0) -> Receipt | None:
    about = {"round_id": vote.round.id, "keys": vote.keys, "by": ANYONE}
    return receipt_for(session, k=vote.k(number), form=page.value, **about)  # type: ignore[arg-type]


def test_a_receipt_shows_again_to_its_own_form_and_code_only(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    page = form()
    done = cast(session, vote, now, choices=[plans[0].id], form=page)
    assert shown(session, vote, page) == done.receipt
    assert shown(session, vote, page, number=1) is None
    assert shown(session, vote, form()) is None, "the code alone shows no receipt"
    cast(session, vote, now, choices=[plans[0].id], form=form(1))
    assert shown(session, vote, page) is None, "another ballot took its place"


@pytest.mark.parametrize(("replaces", "lies"), [(0, 1), (2, 1), (1, 0)])
def test_nobody_replaces_a_ballot_that_the_form_does_not_name(
    session: Session, vote: OpenVote, plans: Plans, now: datetime, replaces: int, lies: int
) -> None:
    if lies:
        cast(session, vote, now, choices=[plans[0].id])
    with refused(BallotFault.OTHER_REVISION) as caught:
        cast(session, vote, now, choices=[plans[1].id], form=form(replaces))
    assert caught.value.facts["rev"] == lies
    assert session.scalar(select(func.count()).select_from(SupersededBallot)) == 0


def test_a_code_makes_two_hundred_ballots_and_no_more(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    for before in range(MOST_REV):
        cast(session, vote, now, choices=[plans[before % 3].id], form=form(before))
    with refused(BallotFault.TOO_OFTEN):
        cast(session, vote, now, choices=[plans[0].id], form=form(MOST_REV))
    rows = session.execute(select(SealedBallot.sealed, SealedBallot.receipt_ct)).all()
    kept = session.scalars(select(SupersededBallot.sealed)).all()
    assert len(rows) == 1
    assert len(kept) == MOST_REV - 1
    assert len({len(each) for each in [*kept, rows[0].sealed]}) == 1, "all envelopes are equally long"


def test_the_database_cannot_offer_another_ballot_paper(
    session: Session, vote: OpenVote, plans: Plans, now: datetime
) -> None:
    other = vote.booth.manifest.replace("40000", "10000")
    with unguarded(session):
        session.execute(update(Booth).values(manifest=other, manifest_hash=manifest_hash(other)))
    with refused(KeysFault.DIFFERS):
        cast(session, vote, now, choices=[plans[0].id])


def test_the_database_cannot_keep_the_box_open(session: Session, vote: OpenVote, plans: Plans) -> None:
    ends = vote.keys.anchors(vote.round.id).ends
    with unguarded(session):
        session.execute(
            update(PhaseWindow).where(PhaseWindow.phase == Phase.VOTING).values(ends_at=ends + timedelta(days=2))
        )
    with refused(CastFault.BOX_CLOSED):
        cast(session, vote, ends, choices=[plans[0].id])


def test_without_the_link_key_no_receipt_shows(session: Session, vote: OpenVote, plans: Plans, now: datetime) -> None:
    page = form()
    cast(session, vote, now, choices=[plans[0].id], form=page)
    vote.keys.destroy_link(vote.round.id)
    assert shown(session, vote, page) is None


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
