"""The sample city: real totals, every phase, everything labelled, and a log and counts that verify."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.app import create_app
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.cli import main
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.demo.city import ROUNDS
from buurtbegroot.demo.people import SIGN_INS, person_of
from buurtbegroot.demo.seed import is_seeded
from buurtbegroot.demo.texts import MADE_UP, lines_of
from buurtbegroot.demo.unused import first_unused, keep_codes
from buurtbegroot.demo.votes import bundled_votes
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.tally.queries.counting import recount
from tests import databases
from tests.city import copied, database, make_city
from tests.conftest import NOW
from tests.databases import fresh_uri
from tests.datasets.checker import faults_of_checker

pytestmark = pytest.mark.slow  # making the city takes ten seconds
PHASES = {
    "west-begroot": Phase.VOTING,
    "buurtbudget-oud-noord": Phase.SUBMISSION,
    "buurtbudget-rijnbuurt": Phase.FEASIBILITY,
    "centrum-begroot": Phase.COUNTING,
    "oud-oost-begroot": Phase.REALISATION,
    "diamantbuurt-gelijke-delen": Phase.REALISATION,
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("seed")
    if databases.kind() == "postgresql":
        uri, moment = fresh_uri(folder), NOW
        codes = make_city(folder, uri=uri, moment=moment)
    else:
        codes, moment = copied(folder)
        uri = f"sqlite:///{folder}/city.sqlite"
    app = create_app(
        {
            "INSTANCE": str(folder),
            "SECRET_KEY": "test",
            "DEMO": True,
            **database(folder),
            "SQLALCHEMY_DATABASE_URI": uri,
        }
    )
    app.config |= {"CLOCK": lambda: moment, "CODES": codes}
    with app.app_context(), writing():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(city: Flask) -> Session:
    return db.session()


def test_every_phase_is_there(city: Flask, session: Session) -> None:
    rounds = session.scalars(select(Round)).all()
    assert {each.slug: standing_of(each, city.config["CLOCK"]()).phase for each in rounds} == PHASES
    assert [each.slug for each in rounds if standing_of(each, city.config["CLOCK"]()).takes_votes] == ["west-begroot"]
    assert is_seeded(session)


def test_all_areas_are_there(session: Session) -> None:
    counted = session.execute(select(Area.level, func.count()).group_by(Area.level))
    assert dict(counted.all()) == {
        Level.CITY: 1, Level.DISTRICT: 9, Level.GEBIED: 25, Level.WIJK: 110, Level.BUURT: 518,
    }  # fmt: skip


@pytest.mark.parametrize("sample", [each for each in ROUNDS if each.ballots], ids=lambda each: each.slug)
def test_counted_totals_are_the_published_ones(city: Flask, session: Session, sample: object) -> None:
    assert sample in ROUNDS
    vote = next(each for each in bundled_votes() if each.id == sample.vote)
    round_ = session.scalars(select(Round).where(Round.slug == sample.slug)).one()
    found = session.execute(
        select(Proposal.title, Proposal.cost_cents, PlanResult.votes)
        .join(PlanResult, PlanResult.proposal_id == Proposal.id)
        .where(Proposal.round_id == round_.id)
    )
    published = [(vote.names[plan.id][:120], plan.cost_cents, vote.totals[plan.id]) for plan in vote.plans]
    assert sorted(tuple(row) for row in found) == sorted(published)
    assert recount(session, round_, keys=KeyStore.from_config(city.config)).is_same
    assert "nagebouwd" in round_.note


@pytest.mark.parametrize("slug", [each.slug for each in ROUNDS if each.ballots])
def test_published_files_give_what_was_certified(slug: str, session: Session, city: Flask, tmp_path: Path) -> None:
    browser = city.test_client()
    for name in ("stemmen.pb", "stemmen-erbij.json", "telling.json"):
        (tmp_path / name).write_bytes(browser.get(f"/open-data/rondes/{slug}/{name}").data)
    files = [str(tmp_path / name) for name in ("stemmen.pb", "stemmen-erbij.json", "again.json")]
    found = CliRunner().invoke(main, ["count", files[0], "--beside", files[1], "--trace", files[2]])
    assert found.exit_code == 0, found.output
    again = [one["outcome"] for one in json.loads(Path(files[2]).read_text())["counts"]]
    assert again == json.loads((tmp_path / "telling.json").read_text())["count"]["outcomes"]
    assert faults_of_checker((tmp_path / "stemmen.pb").read_text()) == {}


def test_the_log_verifies(session: Session) -> None:
    found = verify_log(session)
    assert (found.problem, found.otherwise) == (None, {})
    assert found.entries > 500


def test_everything_made_up_says_so(session: Session, city: Flask) -> None:
    assert all(each.note for each in session.scalars(select(Round)))
    assert all(MADE_UP in each.stored_body for each in session.scalars(select(Proposal)))
    people = [person_of(session, each.key) for each in SIGN_INS]
    assert all(one and "voorbeeld" in one.name for one in people)
    page = city.test_client().get("/rondes/centrum-begroot/uitslag", headers={"Accept-Language": "nl"})
    assert "nagebouwd" in page.text


def test_plans_were_improved_in_co_creation(session: Session) -> None:
    last = func.coalesce(func.max(ProposalRevision.number), 0)
    rows = select(Round.slug, Proposal.id, last).join(Proposal, Proposal.round_id == Round.id)
    found = session.execute(rows.outerjoin(ProposalRevision).group_by(Round.slug, Proposal.id)).all()
    most = {slug: {number for each, _plan, number in found if each == slug} for slug in PHASES}
    assert most.pop("buurtbudget-oud-noord") == {1, 2}
    assert set(map(frozenset, most.values())) == {frozenset({2, 3, 4})}


def test_people_talk_about_plans_in_every_phase(session: Session) -> None:
    for slug in PHASES:
        round_ = session.scalars(select(Round).where(Round.slug == slug)).one()
        threads = session.scalars(select(Thread).where(Thread.round_id == round_.id)).all()
        assert any(each.proposal_id is None for each in threads), "the round as a whole"
        assert any(len(each.quoted) == 4 for each in threads), "all stances, each with somebody who finds it useful"
        said = session.scalars(select(Contribution).where(Contribution.thread_id.in_([each.id for each in threads])))
        found = said.all()
        assert any(each.answered_at for each in found)
        assert any(each.taken_in for each in found)


def test_five_codes_are_unused(session: Session, city: Flask, tmp_path: Path) -> None:
    keys = KeyStore.from_config(city.config)
    keep_codes(tmp_path / "codes", city.config["CODES"])
    assert (tmp_path / "codes").stat().st_mode & 0o077 == 0
    (codes,) = first_unused(session, tmp_path / "codes", keys=keys, wanted=5).values()
    assert len(set(codes)) == 5


@pytest.mark.parametrize("cents", [1, 99, 100_00, 1_234_567])
def test_sample_cost_lines_add_up(cents: int) -> None:
    assert sum(amount for _, amount in lines_of("Groen", cents)) == cents
