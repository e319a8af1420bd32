"""Codes that become void while their voters vote: each ballot came before or was refused, and none is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, Fault, RefusedError
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.models import SupersededBallot
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.voiding import Letters, confirm_void, request_void
from buurtbegroot.registry.models import CodeStatus, VoidReason
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.models import Round
from buurtbegroot.web.transaction import retried
from tests.conftest import NOW
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, form, leaves_in

pytestmark = pytest.mark.race
WORKERS, CODES, CASTS = 12, 8, 15


class Booth:
    """An open vote in an app of its own, of which the first organiser asked to make every code void."""

    def __init__(self, app: Flask, vote: OpenVote, spares: list[int]) -> None:
        self.app, self.vote, self.round_id = app, vote, vote.round.id
        self.plan = db.session.scalars(select(Proposal.id)).first() or 0
        with writing():
            db.session.rollback()
            first, second = (person(db.session(), Role.COORDINATOR, "E") for _ in range(2))
            round_ = db.session.get_one(Round, self.round_id)
            self.letters = [
                Letters(vote.k(number), vote.k(CODES + spare))
                for number, spare in zip(range(CODES), spares, strict=True)
            ]
            for each in self.letters:
                request_void(db.session(), round_, each, reason=VoidReason.LOST, keys=vote.keys, by=first, now=NOW)
            self.second = second.id
            db.session.commit()

    def cast(self, k: bytes, replaces: int = 0) -> bytes | CodeStatus | None:
        """Return the leaf of a ballot that was acknowledged, or the status for which it was refused."""
        with self.app.app_context(), writing():
            try:
                done = retried(
                    db.session(),
                    lambda: cast_ballot(
                        db.session(),
                        round_id=self.round_id,
                        k=k,
                        choices=[self.plan],
                        form=form(replaces),
                        keys=self.vote.keys,
                        by=ANYONE,
                        now=NOW,
                    ),
                )
            except RefusedError as refusal:
                status = refusal.facts["status"]
                assert status is None or isinstance(status, CodeStatus)
                return status
            db.session.commit()
            return done.receipt.leaf

    def confirm(self, number: int) -> Fault | None:
        """Make a code void, and return why not if it is not."""
        with self.app.app_context(), writing():
            session = db.session()
            round_, second = session.get_one(Round, self.round_id), session.get_one(User, self.second)
            try:
                confirm_void(session, round_, self.letters[number], keys=self.vote.keys, by=second, now=NOW)
            except RefusedError as refusal:
                session.rollback()
                return refusal.fault
            session.commit()
            return None


def reasons(outcomes: list[Fault | None]) -> list[str]:
    """Return why codes were not made void, done for those that were, in order."""
    return sorted("done" if one is None else one.value for one in outcomes)


def test_casting_while_codes_become_void(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    app = own_app()
    with app.app_context():
        booth = Booth(app, own_vote(codes=CODES, spares=CODES), spares=list(range(CODES)))
    start = threading.Barrier(CODES + 1)

    def vote_on(number: int) -> list[bytes | CodeStatus | None]:
        start.wait()
        return [booth.cast(booth.letters[number].lost, replaces) for replaces in range(CASTS)]

    def void_all() -> None:
        start.wait()
        for number in range(CODES):
            assert booth.confirm(number) is None

    with ThreadPoolExecutor(WORKERS) as pool:
        voters = [pool.submit(vote_on, number) for number in range(CODES)]
        voiding = pool.submit(void_all)
        answers = [each.result() for each in voters]
        voiding.result()
    acknowledged = {leaf for own in answers for leaf in own if isinstance(leaf, bytes)}
    for own in answers:
        refused = [answer is CodeStatus.VOID for answer in own]
        assert refused == sorted(refused), "once void, never again a ballot"
    after = [booth.cast(each.lost) for each in booth.letters]
    assert after == [CodeStatus.VOID] * CODES
    with app.app_context():
        kept = (db.session(), booth.vote.keys, booth.round_id)
        assert leaves_in(*kept) | leaves_in(*kept, SupersededBallot) == acknowledged
        counts = code_counts(db.session(), booth.round_id)
        assert (counts.active, counts.void, counts.spare) == (CODES, CODES, 0)


def test_one_spare_for_many_letters_serves_one(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    app = own_app()
    with app.app_context():
        booth = Booth(app, own_vote(codes=CODES, spares=1), spares=[0] * CODES)
    for each in booth.letters:
        booth.cast(each.lost)
    start = threading.Barrier(CODES)

    def confirm(number: int) -> Fault | None:
        start.wait()
        return booth.confirm(number)

    with ThreadPoolExecutor(CODES) as pool:
        outcomes = list(pool.map(confirm, range(CODES)))
    assert reasons(outcomes) == ["done", *["not_a_spare"] * (CODES - 1)]
    with app.app_context():
        counts = code_counts(db.session(), booth.round_id)
        assert (counts.active, counts.void, counts.spare) == (CODES, 1, 0)
        assert len(leaves_in(db.session(), booth.vote.keys, booth.round_id)) == CODES


def test_two_who_confirm_at_once_are_one_void(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    app = own_app()
    with app.app_context():
        booth = Booth(app, own_vote(codes=CODES, spares=CODES), spares=list(range(CODES)))
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = list(pool.map(booth.confirm, [0] * WORKERS))
    assert reasons(outcomes) == sorted(["done", *["already_void"] * (WORKERS - 1)])
