"""What the workplace tells of certified votes: other rules tried on them, and their figures for staff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import Method, Share
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, Pot, Ruleset, to_json
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.trial import TRIED, EarlierVote, trial_of
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, Page, QueryCount

BALLOTS = [[0], [0], [0], [1], [1], [2]]  # of plans of € 600, € 500 and € 400, with € 1.000 in the pot


@pytest.fixture
def areas(session: Session) -> dict[str, Area]:
    return small_city(session)


@pytest.fixture
def vote(session: Session, tmp_path: Path, areas: dict[str, Area], now: datetime) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now).cast_all(BALLOTS)


@pytest.fixture
def draft(session: Session, vote: Vote, areas: dict[str, Area]) -> Round:
    """Another round, whose rules can still change."""
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=vote.now)
    session.commit()
    return round_


@pytest.fixture
def desk(vote: Vote, signed_in: Callable[[User], Browser]) -> Browser:
    return signed_in(vote.people[0])


def rows_of(page: Page) -> list[str]:
    return [" ".join(" ".join(row.itertext()).split()) for row in page.find(".//section[@id='probeer']//tbody/tr")]


def test_shows_what_each_rest_rule_gives_on_a_certified_vote(desk: Browser, vote: Vote, draft: Round) -> None:
    vote.finish()
    offered = desk.get("rounds_organiser.rules", slug=draft.slug)
    assert [each.get("value") for each in offered.find(".//select[@id='stemming']/option")] == [vote.round.slug]
    assert rows_of(offered) == []
    with QueryCount() as count:
        page = desk.get("rounds_organiser.rules", slug=draft.slug, stemming=vote.round.slug)
    assert rows_of(page) == [
        "Meeste stemmen, daarna verder met wat past (uw keuze) 2 66,7% € 0",
        "Meeste stemmen, stop bij wat niet past 1 plan niet 1 50,0% € 400",
        "Meeste stemmen, het laatste plan krijgt de rest 1 plan meer, 1 plan niet 2 83,3% € 0",
        "Gelijke delen 2 66,7% € 0",
        "Gelijke delen, de rest blijft over 1 plan niet 1 50,0% € 400",
        "Samen sparen (Phragmén) 2 66,7% € 0",
        "Meeste stemmen per euro 2 66,7% € 0",
    ]
    plain = QueryCount()
    with plain:
        desk.get("rounds_organiser.rules", slug=draft.slug)
    assert count.number - plain.number <= 4


@pytest.mark.parametrize("asked", ["", "bestaat-niet", "\x00", "<script>alert(1)</script>"])
def test_offers_nothing_but_certified_votes(desk: Browser, vote: Vote, draft: Round, asked: str) -> None:
    page = desk.get("rounds_organiser.rules", slug=draft.slug, stemming=asked or vote.round.slug)
    assert not page.find(".//section[@id='probeer']")
    vote.finish()
    assert rows_of(desk.get("rounds_organiser.rules", slug=draft.slug, stemming=asked)) == []


def test_counts_with_the_drafted_thresholds_and_without_caps() -> None:
    plans = (Plan(id=1, cost_cents=60, theme="Groen"), Plan(id=2, cost_cents=30, theme="Groen"))
    rules = Ruleset(pots=(Pot(id="all", name="Alles", cents=100),))
    vote = EarlierVote(rules=rules, plans=plans, votes={1: 9, 2: 1}, valid_ballots=10, seed=b"")
    drafted = CountingRules(
        min_share=Share(num=1, den=2), theme_caps={"Groen": 1}, leftovers_ignore_caps=True, incompatible=((7, 8),)
    )
    trial = trial_of(drafted, vote)
    assert trial is not None
    assert trial.by_totals
    assert {(len(one.funded), one.left_cents) for one in trial.what_if.values()} == {(1, 40)}
    assert list(trial.what_if) == ["skip", "stop", "part", "votes_per_euro"]


def test_ballots_do_for_every_rule_and_totals_only_for_some() -> None:
    plans = (Plan(id=1, cost_cents=60), Plan(id=2, cost_cents=30))
    rules = Ruleset(pots=(Pot(id="all", name="Alles", cents=100),))
    box = EarlierVote(
        rules=rules, plans=plans, votes={1: 9, 2: 1}, valid_ballots=10, seed=b"", ballots={(1,): 9, (2,): 1}
    )
    drafted = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO)
    trial = trial_of(drafted, box)
    assert trial is not None
    assert list(trial.what_if) == ["equal_shares", *(name for name in TRIED if name != "equal_shares")]
    assert trial_of(drafted, replace(box, ballots=None)) is None


def test_says_so_when_a_trial_takes_too_long(
    desk: Browser, vote: Vote, draft: Round, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote.finish()
    monkeypatch.setattr("buurtbegroot.tally.queries.MOST_CHOICES", 2)
    page = desk.get("rounds_organiser.rules", slug=draft.slug, stemming=vote.round.slug)
    assert "Er zijn te veel stembiljetten om ze hier te tellen." in page.text
    by_shares = replace(
        budget_rules(100_000), counting=CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO)
    )
    draft.rules = to_json(by_shares).decode()
    session.commit()
    page = desk.get("rounds_organiser.rules", slug=draft.slug, stemming=vote.round.slug)
    assert "duurt het tellen van deze stemming te lang" in page.text


def test_tells_staff_what_each_round_holds(
    session: Session, signed_in: Callable[[User], Browser], vote: Vote, draft: Round
) -> None:
    staff = signed_in(person(session, Role.STAFF, "E"))
    before = staff.get("rounds_organiser.index")
    assert "na de telling" in before.text
    assert "Download uitslag" not in before.text
    vote.finish()
    with QueryCount() as count:
        page = staff.get("rounds_organiser.index")
    rows = [[" ".join(cell.itertext()).strip() for cell in row] for row in page.find(".//table//tbody/tr")]
    held = next(row for row in rows if row[0] == vote.round.title)
    assert [cell.replace("\xa0", " ") for cell in held[2:6]] == ["3", "€ 1.000", "6", "€ 1.000"]
    assert len(rows) == 2
    assert "Download uitslag" in page.text
    assert not page.find(".//ul[@class='bb-todo bb-plain']")
    assert "De uitslag is vastgesteld." in page.text
    assert count.number <= 12
