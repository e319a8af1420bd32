"""Closing and logging while people vote: every acknowledged ballot is in the log once, and in the box or replaced."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.queries import lock_round
from buurtbegroot.voting.actions import cast_ballot, flush_log, sign_log
from buurtbegroot.voting.models import LogLeaf, SealedBallot, SupersededLeaf
from buurtbegroot.web.transaction import retried
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.voting import OpenVote, nonce

pytestmark = pytest.mark.race
WORKERS, CODES = 16, 50


def test_closing_and_flushing_while_people_vote(
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
                        nonce=nonce(),
                        keys=vote.keys,
                        by=ANYONE,
                        now=NOW,
                    ),
                )
            except RefusedError:
                return None
            db.session.commit()
            return done.receipt.leaf

    def publish(*, closing: bool) -> None:
        with app.app_context(), writing():
            round_ = lock_round(db.session(), round_id) if closing else db.session.get_one(type(vote.round), round_id)
            flush_log(db.session(), round_, by=PROGRAM, now=NOW, force=closing)
            if closing:
                round_.closed_at = NOW + timedelta(seconds=1)
            db.session.commit()
            sign_log(db.session(), round_, keys=vote.keys, by=PROGRAM, now=NOW)
            db.session.commit()

    with ThreadPoolExecutor(WORKERS) as pool:
        casts = [pool.submit(cast, number) for number in range(60)]
        flush = pool.submit(publish, closing=False)
        casts += [pool.submit(cast, number) for number in range(60, 120)]
        close = pool.submit(publish, closing=True)
        casts += [pool.submit(cast, number) for number in range(120, 160)]
        flush.result()
        close.result()
        acknowledged = {leaf for each in casts if (leaf := each.result())}
    with app.app_context():
        in_box = set(db.session.scalars(select(SealedBallot.leaf)))
        logged = list(db.session.scalars(select(LogLeaf.leaf)))
        superseded = set(db.session.scalars(select(SupersededLeaf.leaf)))
    assert len(logged) == len(set(logged))
    assert set(logged) == acknowledged == in_box | superseded
