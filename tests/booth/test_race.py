"""Sealing and shutting the box while people vote: every acknowledged ballot is sealed, in the box or replaced."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.booth.actions.casting import cast_ballot
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
