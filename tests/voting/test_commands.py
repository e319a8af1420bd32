"""The commands that issue codes and publish logs, on a database in which commits are real."""

import csv
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.acts import ANYONE
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.voting.actions import cast_ballot
from buurtbegroot.voting.commands import codes, votes
from buurtbegroot.voting.keys import KeyFileError
from buurtbegroot.voting.models import Checkpoint, LogLeaf, PoolCode, RegisteredCode
from buurtbegroot.voting.tasks import publish_due
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, nonce, open_vote_in


def test_codes_go_to_a_file_of_their_owner(own_app: Callable[..., Flask], tmp_path: Path) -> None:
    app, out = own_app(), tmp_path / "codes.csv"
    with app.app_context(), writing():
        slug = round_in(db.session(), Phase.FEASIBILITY, areas=small_city(db.session()), now=NOW).slug
        db.session.commit()
    order = ["issue", slug, "--count", "3", "--spares", "1", "--out", str(out)]
    answer = app.test_cli_runner().invoke(codes, order)
    assert answer.exit_code == 0, answer.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert [row["soort"] for row in rows] == ["stemcode"] * 3 + ["reserve"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(RegisteredCode)) == 4
    assert all(row["stemcode"] not in answer.output for row in rows)
    again = app.test_cli_runner().invoke(codes, order)
    assert again.exit_code == 1
    assert "there already" in again.output


def test_codes_wait_in_the_pool_and_are_in_no_file(own_app: Callable[..., Flask]) -> None:
    app = own_app()
    with app.app_context(), writing():
        slug = round_in(db.session(), Phase.FEASIBILITY, areas=small_city(db.session()), now=NOW).slug
        db.session.commit()
    for total in (2, 4):
        answer = app.test_cli_runner().invoke(codes, ["pool", slug, "--count", "2"])
        assert answer.exit_code == 0, answer.output
        assert f"{total} codes wait" in answer.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PoolCode)) == 4


def test_an_opened_vote_gets_no_more_codes(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote], tmp_path: Path
) -> None:
    app, out = own_app(), tmp_path / "codes.csv"
    with app.app_context():
        slug = own_vote().round.slug
        assert app.test_cli_runner().invoke(codes, ["pool", slug, "--count", "1"]).exit_code == 1
    for name in (slug, "bestaat-niet"):
        answer = app.test_cli_runner().invoke(codes, ["issue", name, "--count", "1", "--out", str(out)])
        assert answer.exit_code == 1
        assert not out.exists()


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
