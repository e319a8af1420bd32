"""Sealing and shutting the box while people vote: every acknowledged ballot is sealed, in the box or replaced."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.booth.actions.opening import request_withdrawal, withdraw_plan
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.published import night_of, read_nights
from buurtbegroot.box.models import SupersededBallot
from buurtbegroot.box.queries import envelopes_in
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.queries import lock_round
from buurtbegroot.web.transaction import retried
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, form, leaves_in

pytestmark = pytest.mark.race
WORKERS, CODES = 16, 50


def test_closing_and_sealing_while_people_vote(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=CODES)
        round_id = vote.round.id
        plan = db.session.scalars(select(Proposal.id)).first() or 0
        keys = [vote.k(number) for number in range(CODES)]

    def cast(number: int) -> bytes | None:
        with app.app_context(), writing():
            try:
                done = retried(
                    db.session(),
                    lambda: cast_ballot(
                        db.session(),
                        round_id=round_id,
                        k=keys[number % CODES],
                        choices=[plan],
                        form=form(number // CODES),
                        keys=vote.keys,
                        by=ANYONE,
                        now=NOW,
                    ),
                )
            except RefusedError:
                return None
            db.session.commit()
            return done.receipt.leaf

    def seal(*, closing: bool) -> None:
        with app.app_context(), writing():
            round_ = lock_round(db.session(), round_id) if closing else db.session.get_one(type(vote.round), round_id)
            night = night_of(NOW) + timedelta(days=closing)
            seal_box(db.session(), round_, night=night, keys=vote.keys, by=PROGRAM, now=NOW)
            if closing:
                round_.closed_at = NOW + timedelta(seconds=1)
            db.session.commit()

    with ThreadPoolExecutor(WORKERS) as pool:
        casts = [pool.submit(cast, number) for number in range(60)]
        early = pool.submit(seal, closing=False)
        casts += [pool.submit(cast, number) for number in range(60, 120)]
        close = pool.submit(seal, closing=True)
        casts += [pool.submit(cast, number) for number in range(120, 160)]
        early.result()
        close.result()
        acknowledged = {leaf for each in casts if (leaf := each.result())}
    with app.app_context():
        kept = (db.session(), vote.keys, round_id)
        assert leaves_in(*kept) | leaves_in(*kept, SupersededBallot) == acknowledged
        sealed = read_nights(vote.keys.folder(round_id)).list
        assert sorted(sealed.envelopes) == sorted(map(fingerprint, envelopes_in(db.session(), round_id)))
        assert sealed.missing(sealed.envelopes) == ()


def test_withdrawing_a_plan_while_people_vote(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    """Whoever begins to vote once it is withdrawn is refused, and no ballot with it comes in after it is committed."""
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=CODES)
        with writing():
            first, second = (person(db.session(), Role.COORDINATOR, vote.round.owner_code).id for _ in range(2))
            db.session.commit()
        round_id, keys = vote.round.id, [vote.k(number) for number in range(CODES)]
        plan, other = db.session.scalars(select(Proposal.id).order_by(Proposal.id).limit(2))
    done = Event()

    def cast(number: int) -> tuple[bool, bool, bool]:
        """Return whether it began late, whether it was for the plan, and whether it came in."""
        with app.app_context(), writing():
            chosen, late = (plan, other)[number % 2], done.is_set()
            how: dict[str, Any] = {
                "round_id": round_id,
                "k": keys[number],
                "form": form(),
                "keys": vote.keys,
                "by": ANYONE,
                "now": NOW,
            }
            try:
                retried(db.session(), lambda: cast_ballot(db.session(), choices=[chosen], **how))
                db.session.commit()
            except RefusedError:
                return late, chosen == plan, False
            return late, chosen == plan, True

    def withdraw() -> None:
        with app.app_context(), writing():
            session = db.session()
            one, asker, answerer = session.get_one(Proposal, plan), *(session.get_one(User, n) for n in (first, second))
            asked = request_withdrawal(session, one, reason="Weg.", keys=vote.keys, by=asker, now=NOW)
            withdraw_plan(session, one, seen=asked.fingerprint, keys=vote.keys, by=answerer, now=NOW)
            session.commit()
            done.set()

    with ThreadPoolExecutor(WORKERS) as pool:
        casts = [pool.submit(cast, number) for number in range(20)]
        gone = pool.submit(withdraw)
        casts += [pool.submit(cast, number) for number in range(20, 40)]
        gone.result()
        casts += [pool.submit(cast, number) for number in range(40, CODES)]
        found = [each.result() for each in casts]
    assert all(came_in for _late, for_plan, came_in in found if not for_plan)
    assert not any(came_in for late, for_plan, came_in in found if late and for_plan)
    assert [each for each in found if each[0] and each[1]], "nobody was late"
    with app.app_context():
        in_box = leaves_in(db.session(), vote.keys, round_id)
        assert len(in_box) == sum(came_in for _late, _for_plan, came_in in found)
