"""Clocks that jump, nights in which clocks change, forms sent a thousand times, and two votes at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.box.actions.ballots import receipt_for
from buurtbegroot.box.actions.sealing import shut_box
from buurtbegroot.box.domain.anchors import DiffersError
from buurtbegroot.box.domain.ballots import BallotFault
from buurtbegroot.box.domain.published import read_nights
from buurtbegroot.box.tasks import seal_due
from buurtbegroot.core.credentials import locator
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import receipt_text
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.tally import actions
from buurtbegroot.tally.queries import tally_of
from tests.conftest import NOW, Clock
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.rounds import windows_around
from tests.factories.tally import NIGHT, Vote, open_vote
from tests.factories.voting import form
from tests.refusals import refused

TURNS = [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)]
"""When clocks in Amsterdam go back and forward an hour."""
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
[UNTIL_THE_END] = [each.ends_at - NOW for each in windows_around(NOW, Phase.VOTING) if each.phase is Phase.VOTING]


@pytest.mark.parametrize("turn", TURNS, ids=["back", "forward"])
@pytest.mark.parametrize(("votes", "casts"), [(1, 40), pytest.param(20, 500, marks=pytest.mark.nightly)])
def test_whatever_the_clock_does_what_was_acknowledged_is_counted(
    session: Session, tmp_path: Path, turn: datetime, votes: int, casts: int
) -> None:
    areas = small_city(session)
    for number in range(votes):
        random, began = Random(f"{turn} {number}"), turn - UNTIL_THE_END
        vote = open_vote(session, tmp_path / str(number), areas=areas, now=began, voters=casts)
        assert vote.keys.anchors(vote.round.id).ends == turn
        taken = 0
        for k in vote.voters:
            jump = random.choice([-HOUR, 0 * HOUR, 0 * HOUR, HOUR])
            vote.now = turn + jump + random.choice([-1, 0, 1]) * SECOND + random.choice([0, 1]) * timedelta.resolution
            if vote.now < turn:
                vote.cast(random.randrange(3), voter=k)
                taken += 1
            else:
                with refused(CastFault.BOX_CLOSED):
                    vote.cast(0, voter=k)
        assert 0 < taken < casts
        _close_by_a_clock_that_jumps(vote, turn)
        vote.now = began + NIGHT
        tally = tally_of(session, vote.open().round.id)
        assert tally is not None
        assert (tally.envelopes, tally.valid_ballots) == (taken, taken)


def _close_by_a_clock_that_jumps(vote: Vote, end: datetime) -> None:
    """Ask and confirm to close, each also by a clock that stands before the end: then nothing is shut."""
    session, (first, second), round_ = vote.session, vote.people, vote.round
    for early in (end - SECOND, end - HOUR):
        with pytest.raises(RefusedError):
            actions.request_close(session, round_, by=first, now=early)
    seen = actions.request_close(session, round_, by=first, now=end).fingerprint
    session.commit()
    for early in (end - SECOND, end - HOUR):
        with pytest.raises(RefusedError), session.begin_nested():
            actions.confirm_close(session, round_, seen=seen, by=second, keys=vote.keys, now=early)
    actions.confirm_close(session, round_, seen=seen, by=second, keys=vote.keys, now=end)
    with pytest.raises(DiffersError):
        shut_box(session, round_, voids=(), drawn=0, keys=vote.keys, by=second, now=end - SECOND)
    session.commit()


@pytest.mark.parametrize("turn", TURNS, ids=["back", "forward"])
def test_each_night_is_sealed_once_whatever_the_clock_does(
    own_app: Callable[..., Flask], clock: Clock, turn: datetime, tmp_path: Path
) -> None:
    app = own_app(CLOCK=clock)
    with app.app_context():
        began, random = turn - timedelta(days=2), Random(str(turn))
        clock.now = began
        session = db.session()
        with writing():
            vote = open_vote(session, Path(app.config["KEY_DIRECTORY"]).parent, areas=small_city(session), now=began)
            session.commit()
        for half_hours in range(2 * 24 * 4):
            clock.now = began + half_hours * HOUR / 2 + random.choice([-1, 0, 0, 1]) * HOUR
            seal_due(PROGRAM)
        nights = [datetime.fromisoformat(each) for each in read_nights(vote.keys.folder(vote.round.id)).nights]
        assert len(nights) in {4, 5}
        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(nights))
        session.rollback()


@pytest.mark.parametrize("times", [10, pytest.param(1_000, marks=pytest.mark.nightly)])
def test_a_form_sent_a_thousand_times_is_one_ballot_and_one_receipt(
    session: Session, tmp_path: Path, now: datetime, times: int
) -> None:
    vote = open_vote(session, tmp_path, areas=small_city(session), now=now)
    plans, sent, k = [each.id for each in vote.plans], form(), vote.voters[0]
    how = {"round_id": vote.round.id, "k": k, "keys": vote.keys, "by": ANYONE, "now": now}
    receipts = set()
    for number in range(times):
        receipts.add(receipt_text(cast_ballot(session, choices=plans[:1], form=sent, **how).receipt))  # type: ignore[arg-type]
        session.commit()
        with refused(BallotFault.OTHER_BALLOT):
            cast_ballot(session, choices=plans[1 + number % 2 :][:1], form=sent, **how)  # type: ignore[arg-type]
        session.rollback()
    assert len(receipts) == 1
    vote.close()
    assert vote.round.envelopes == 1


def test_nothing_of_one_vote_does_anything_in_another(session: Session, tmp_path: Path, now: datetime) -> None:
    """Codes, forms, places in the box, receipts and envelopes of two votes on one site, each tried in the other."""
    areas = small_city(session)
    votes = [open_vote(session, tmp_path, areas=areas, now=now, voters=4) for _ in range(2)]
    forms = [form() for _ in votes]
    made = []
    for vote, own in zip(votes, forms, strict=True):
        how = {"round_id": vote.round.id, "k": vote.voters[0], "keys": vote.keys, "by": ANYONE, "now": now}
        made.append(cast_ballot(session, choices=[vote.plans[0].id], form=own, **how).receipt)  # type: ignore[arg-type]
    for one, other in product(range(2), repeat=2):
        here, there = votes[one], votes[other]
        about = {"round_id": there.round.id, "keys": there.keys, "by": ANYONE}
        shown = receipt_for(session, k=here.voters[0], form=forms[one].value, **about)  # type: ignore[arg-type]
        assert shown == (made[one] if one == other else None)
        if one != other:
            with refused(CastFault.CODE_REFUSED):
                cast_ballot(
                    session,
                    k=here.voters[1],
                    choices=[there.plans[0].id],
                    form=form(),
                    now=now,
                    **about,  # type: ignore[arg-type]
                )
            with refused(BallotFault.INVALID):
                cast_ballot(
                    session,
                    k=there.voters[1],
                    choices=[here.plans[0].id],
                    form=form(),
                    now=now,
                    **about,  # type: ignore[arg-type]
                )
            places = [locator(each.keys.load(each.round.id).link_key, here.voters[0]) for each in votes]
            assert places[0] != places[1]
    assert made[0].round != made[1].round
