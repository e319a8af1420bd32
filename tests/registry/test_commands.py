"""The commands that issue codes, on a database in which commits are real."""

import csv
import stat
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.registry.commands import codes
from buurtbegroot.registry.models import PoolCode, RegisteredCode
from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote


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
        assert db.session.scalar(select(func.count()).select_from(PoolCode)) == 12  # two of three in reserve


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
