"""What the workplace tells of certified votes: other rules tried on them, and their figures for staff."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import Method, Share
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, Pot, Ruleset, to_json
from buurtbegroot.core.tally.comparing import EURO_BY_EURO, RuleName, WhatIf
from buurtbegroot.rounds.models import Round
from buurtbegroot.rules.domain.alternatives import Alternative, Named
from buurtbegroot.rules.domain.trial import TRIED, EarlierVote, trial_of
from buurtbegroot.rules.organiser_views import MOST_OFFERED
from buurtbegroot.tally.models import Tally
from buurtbegroot.tally.queries import certified_rounds
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote, open_vote, start_vote
from tests.pages import Browser, Page, QueryCount, SignIn

BALLOTS = [[0], [0], [0], [1], [1], [2]]  # of plans of € 600, € 500 and € 400, with € 1.000 in the pot


NAMES = {1: Named("Speeltuin", "Groen", "Noord"), 2: Named("Lamp", "Groen", "Zuid")}
EVIL = "<script>alert(1)</script>"


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
def desk(vote: Vote, signed_in: SignIn) -> Browser:
    return signed_in(vote.people[0])


def section(page: Page) -> str:
    return page.text_of(".//section[@id='probeer']").replace("\u00a0", " ")


def rows_of(page: Page) -> list[str]:
    rows = page.find(".//section[@id='probeer']//table")[-1:]
    return [" ".join(" ".join(row.itertext()).split()) for table in rows for row in table.iterfind("tbody/tr")]


def test_shows_what_each_rule_gives_on_a_certified_vote(desk: Browser, vote: Vote, draft: Round) -> None:
    vote.finish()
    with QueryCount() as plain:
        offered = desk.get("rules_organiser.show", slug=draft.slug)
    values = [each.get("value") for each in offered.find(".//select[@id='stemming']/option")]
    assert values == ["", vote.round.slug]
    assert rows_of(offered) == []
    with QueryCount() as count:
        page = desk.get("rules_organiser.show", slug=draft.slug, stemming=vote.round.slug)
    assert rows_of(page) == [
        "Meeste stemmen, daarna verder met wat past Uw regels 2 66,7% 0,7 € 1.000 € 0",
        "Meeste stemmen, stop bij wat niet past 1 50,0% 0,5 € 600 € 400",
        "Meeste stemmen, het laatste plan krijgt de rest 2 83,3% 0,8 € 1.000 € 0",
        "Meeste stemmen per euro 2 66,7% 0,7 € 1.000 € 0",
        "Gelijke delen 2 66,7% 0,7 € 1.000 € 0",
        "Gelijke delen, de rest blijft over 1 50,0% 0,5 € 600 € 400",
        "Samen sparen (Phragmén) 2 66,7% 0,7 € 1.000 € 0",
    ]
    assert "Met de regels die u nu kiest kregen toen 2 plannen geld." in section(page)
    assert "Dan kregen dezelfde plannen hetzelfde geld." in section(page)
    assert count.number - plain.number <= 5, count.statements


def test_tells_who_gains_and_loses_beside_the_drafted_rules(
    desk: Browser, session: Session, areas: dict[str, Area], tmp_path: Path, draft: Round, now: datetime
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=budget_rules(100_000))
    plans = [plan(session, round_, now=now, cents=cents) for cents in (60_000, 50_000, 40_000)]
    plans[1].theme, plans[2].title = round_.themes[1], EVIL
    session.commit()
    start_vote(session, round_, plans, folder=tmp_path / "b", voters=9, now=now).cast_all(BALLOTS).finish()
    page = desk.get("rules_organiser.show", slug=draft.slug, stemming=round_.slug, regel="part")
    told = section(page)
    for words in (
        "Dan kregen 2 plannen geld. Met de regels die u nu kiest zijn dat er 2.",
        "83,3% van de stemmers zag dan minstens één gekozen plan doorgaan, met de regels die u nu kiest 66,7%.",
        "Krijgen dan wel geld Plan 2€ 400",
        f"Krijgen dan geen geld {EVIL}€ 400",
        "Geld per thema",
    ):
        assert words in told
    assert "de echte regel" not in told
    assert "<script>alert" not in page.html
    (chosen,) = page.find(".//select[@id='regel']/option[@selected]")
    assert chosen.get("value") == "part"


def test_tries_what_is_typed_without_saving_it(desk: Browser, vote: Vote, draft: Round) -> None:
    vote.finish()
    before = draft.rules
    typed = {"type": "knapsack", "least": "1", "grouping": "whole", "rest": "stop", "ties": "lot", "actie": "voorbeeld"}
    asked: dict[str, Any] = {"stemming": vote.round.slug, "regel": "skip"}
    page = desk.post("rules_organiser.show", typed | asked, slug=draft.slug, status=200)
    assert "Met de regels die u nu kiest kreeg toen 1 plan geld." in section(page)
    assert "Krijgen dan wel geld Plan 3€ 400 Krijgen dan geen geld Geen enkel plan." in section(page)
    page = desk.post("rules_organiser.show", typed | asked | {"least": "x"}, slug=draft.slug, status=422)
    assert "Pas eerst de regels hierboven aan." in section(page)
    assert rows_of(page) == []
    assert draft.rules == before
    shown = desk.get("rules_organiser.show", slug=draft.slug, **asked)
    assert shown.find(".//form[@id='formulier'][@method='post']")
    assert [each.get("form") for each in shown.find(".//section[@id='probeer']//select")] == ["formulier", "formulier"]


def test_who_may_only_read_tries_the_rules_too(session: Session, signed_in: SignIn, vote: Vote, draft: Round) -> None:
    vote.finish()
    staff = signed_in(person(session, Role.STAFF, "E"))
    page = staff.get("rules_organiser.show", slug=draft.slug, stemming=vote.round.slug)
    assert len(rows_of(page)) == len(TRIED)
    assert page.find(".//section[@id='probeer']//form[@method='get']//select[@id='regel']")


@pytest.mark.parametrize("asked", ["", "bestaat-niet", "\x00", "<script>alert(1)</script>"])
def test_offers_nothing_but_certified_votes(desk: Browser, vote: Vote, draft: Round, asked: str) -> None:
    page = desk.get("rules_organiser.show", slug=draft.slug, stemming=asked or vote.round.slug)
    assert not page.find(".//section[@id='probeer']")
    vote.finish()
    assert rows_of(desk.get("rules_organiser.show", slug=draft.slug, stemming=asked)) == []


def test_offers_the_latest_votes_and_the_one_asked_for(
    session: Session, desk: Browser, vote: Vote, draft: Round, areas: dict[str, Area]
) -> None:
    certified_at = vote.finish().round.certified_at
    assert certified_at
    for number in range(MOST_OFFERED + 1):
        later = round_in(session, Phase.REALISATION, areas=areas, now=vote.now)
        session.add(Tally(round_id=later.id, envelopes=0))
        session.flush()
        later.certified_at = later.published_at = certified_at + timedelta(minutes=number + 1)
    session.commit()

    def offered(**asked: Any) -> list[str]:
        page = desk.get("rules_organiser.show", slug=draft.slug, **asked)
        return [str(each.get("value")) for each in page.find(".//select[@id='stemming']/option") if each.get("value")]

    assert len(offered()) == MOST_OFFERED
    assert later.slug == offered()[0]
    assert vote.round.slug not in offered()
    assert offered(stemming=vote.round.slug)[0] == vote.round.slug
    assert len(certified_rounds(session, most=2)) == 2
    assert len(certified_rounds(session, most=2, first=vote.round.slug)) == 2


def test_counts_with_the_drafted_thresholds_and_without_caps() -> None:
    plans = (Plan(id=1, cost_cents=60, theme="Groen"), Plan(id=2, cost_cents=30, theme="Groen"))
    rules = Ruleset(pots=(Pot(id="all", name="Alles", cents=100),))
    vote = EarlierVote(rules=rules, plans=plans, votes={1: 9, 2: 1}, valid_ballots=10, seed=b"")
    drafted = CountingRules(
        min_share=Share(num=1, den=2), theme_caps={"Groen": 1}, leftovers_ignore_caps=True, incompatible=((7, 8),)
    )
    trial = trial_of(drafted, vote, plans=NAMES, asked="part")
    assert trial is not None
    assert trial.by_totals
    assert {(len(one.what_if.funded), one.what_if.left_cents) for one in trial.all} == {(1, 40)}
    assert [one.name for one in trial.all] == ["skip", "stop", "part", "votes_per_euro"]
    assert trial.shown is trial.all[2]


def _own_first(name: RuleName) -> tuple[bool, int]:
    return name is not RuleName.EQUAL_SHARES, list(RuleName).index(name)


def test_ballots_do_for_every_rule_and_totals_only_for_some() -> None:
    plans = (Plan(id=1, cost_cents=60), Plan(id=2, cost_cents=30))
    rules = Ruleset(pots=(Pot(id="all", name="Alles", cents=100),))
    box = EarlierVote(
        rules=rules, plans=plans, votes={1: 9, 2: 1}, valid_ballots=10, seed=b"", ballots={(1,): 9, (2,): 1}
    )
    drafted = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO)
    trial = trial_of(drafted, box, plans=NAMES, asked="")
    assert trial is not None
    assert not trial.by_totals
    assert [one.name for one in trial.all] == sorted(TRIED, key=_own_first)
    assert trial_of(drafted, replace(box, ballots=None), plans=NAMES, asked="") is None


def test_rows_are_those_of_groups_that_matter_most() -> None:
    measured: dict[str, Any] = {"sums": None, "counting": CountingRules(), "more_for": 0, "fewer_for": 0}
    here = WhatIf(funded={"1": 60, "3": 30}, spent_cents=90, left_cents=0, **measured)
    own = WhatIf(funded={"1": 50, "2": 20}, spent_cents=70, left_cents=20, **measured)
    one = Alternative(RuleName.PART, here, own, NAMES | {3: Named("Bank", "Samen", ""), 4: Named("Boom", "Weg", "")})
    assert one.gained == [("Bank", 30)]
    assert one.lost == [("Lamp", 20)]
    assert one.groups[Grouping.THEME] == [("Samen", 30, 0), ("Groen", 60, 70)]
    assert one.groups[Grouping.AREA] == [("", 30, 0), ("Zuid", 0, 20), ("Noord", 60, 50)]


@pytest.mark.nightly
def test_long_lists_are_cut_with_their_number(
    desk: Browser, draft: Round, session: Session, tmp_path: Path, areas: dict[str, Area], now: datetime
) -> None:
    """By most votes one dear plan gets nearly all; by votes per euro 75 cheap ones fit."""
    vote = open_vote(session, tmp_path / "b", areas=areas, now=now, costs=[99_000, *[100] * 75])
    vote.cast_all([[0], [0], range(1, 76)]).finish()
    page = desk.get("rules_organiser.show", slug=draft.slug, stemming=vote.round.slug, regel="votes_per_euro")
    gained = page.find(".//section[@id='probeer']//ul[@class='bb-diff bb-plain']")
    assert [len(rows) for rows in gained] == [6, 54]
    assert "Toon de andere 59" in section(page)
    assert "En nog 5." in section(page)


def test_says_so_when_a_trial_takes_too_long(
    desk: Browser, vote: Vote, draft: Round, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote.finish()
    monkeypatch.setattr("buurtbegroot.tally.queries.MOST_CHOICES", 2)
    page = desk.get("rules_organiser.show", slug=draft.slug, stemming=vote.round.slug)
    assert "Er zijn te veel stembiljetten om ze hier te tellen." in page.text
    by_shares = replace(
        budget_rules(100_000), counting=CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO)
    )
    draft.rules = to_json(by_shares).decode()
    session.commit()
    page = desk.get("rules_organiser.show", slug=draft.slug, stemming=vote.round.slug)
    assert "duurt het tellen van deze stemming te lang" in page.text


def test_tells_staff_what_each_round_holds(session: Session, signed_in: SignIn, vote: Vote, draft: Round) -> None:
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
