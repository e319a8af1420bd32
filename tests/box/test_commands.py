"""The command that publishes logs, on a database in which commits are real."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.acts import ANYONE
from buurtbegroot.areas.models import Area
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.commands import votes
from buurtbegroot.box.domain.keys import KeyFileError
from buurtbegroot.box.models import Checkpoint, LogLeaf
from buurtbegroot.box.tasks import publish_due
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, nonce, open_vote_in


def test_flushing_publishes_and_signs(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=30)
        plan = db.session.scalars(select(Proposal.id)).first() or 0
        round_id = vote.round.id
        with writing():
            db.session.rollback()
            for number in range(30):
                cast_ballot(
                    db.session(),
                    round_id=round_id,
                    k=vote.k(number),
                    choices=[plan],
                    nonce=nonce(),
                    keys=vote.keys,
                    by=ANYONE,
                    now=NOW,
                )
            db.session.commit()
    assert "30 leaves published" in app.test_cli_runner().invoke(votes, ["flush"]).output
    with app.app_context():
        assert db.session.scalars(select(Checkpoint.size).order_by(Checkpoint.size)).all() == [0, 30]
        assert db.session.scalar(select(func.count()).select_from(LogLeaf)) == 30
        assert publish_due(PROGRAM) == 0


def other_vote(keys: Path) -> int:
    with writing():
        db.session.rollback()
        areas = {area.code: area for area in db.session.scalars(select(Area))}
        round_ = round_in(db.session(), Phase.VOTING, areas=areas, now=NOW)
        for cents in (40_000, 50_000):
            plan(db.session(), round_, now=NOW, cents=cents)
        open_vote_in(db.session(), round_, folder=keys, now=NOW)
        db.session.commit()
        return round_.id


def test_a_round_without_keys_does_not_keep_the_others_from_being_signed(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    app = own_app()
    with app.app_context():
        vote = own_vote()
        broken, whole = vote.round.id, other_vote(Path(app.config["KEY_DIRECTORY"]))
        vote.keys.destroy(broken)
        with writing():
            for round_id in (broken, whole):
                db.session.add(LogLeaf(round_id=round_id, position=0, leaf=bytes(32)))
            db.session.commit()
        with pytest.raises(KeyFileError):
            publish_due(PROGRAM)
        db.session.rollback()
        signed = select(Checkpoint.round_id).where(Checkpoint.size == 1)
        assert db.session.scalars(signed).all() == [whole]
    assert "is missing" in app.test_cli_runner().invoke(votes, ["flush"]).output
