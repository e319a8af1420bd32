"""What other rules would have given: in words, as stored when the round was counted, under any address."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset
from buurtbegroot.core.tally import comparing
from buurtbegroot.results.domain.outcome import result_of_round
from buurtbegroot.results.domain.what_if import what_ifs
from tests.factories.areas import small_city
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, Page, QueryCount

COSTS = (60_000, 40_000, 30_000)
BALLOTS = [[0, 1]] * 6 + [[2]] * 4  # by most votes plan 0 and 1 take all € 1.000


def vote_in(session: Session, folder: Path, now: datetime, **counting: object) -> Vote:
    rules = Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=3)),
        counting=CountingRules(**counting),  # type: ignore[arg-type]
    )
    vote = open_vote(session, folder, areas=small_city(session), now=now, costs=COSTS, rules=rules)
    return vote.cast_all(BALLOTS)


@pytest.fixture
def vote(session: Session, tmp_path: Path, now: datetime) -> Vote:
    return vote_in(session, tmp_path, now).finish()


def section(page: Page) -> str:
    return page.text_of(".//div[@id='wat-als']").replace("\u00a0", " ")


def chosen(page: Page) -> list[str]:
    return [each.get("value") or "" for each in page.find(".//select[@id='regel']/option[@selected]")]


def test_says_in_words_what_equal_shares_would_have_given(vote: Vote, browser: Browser) -> None:
    page = browser.get("results.show", slug=vote.round.slug)
    told = section(page)
    assert chosen(page) == ["equal_shares"]
    assert "Dan kregen 2 plannen geld. Met de echte regel zijn dat er 2." in told
    assert "100,0% van de stemmers zag dan minstens één gekozen plan doorgaan, met de echte regel 60,0%." in told
    assert "Gemiddeld gingen 1 gekozen plannen per stemmer door, met de echte regel 1,2." in told
    assert "Voor 4 stemmers gingen dan meer gekozen plannen door, voor 6 minder." in told
    assert "Er bleef € 300 over, met de echte regel € 0." in told
    gained, lost = (page.find(f".//ul[@class='bb-diff{kind} bb-plain']") for kind in ("", " bb-diff--no"))
    titles = [" ".join("".join(one.itertext()).split()) for lists in (gained, lost) for one in lists]
    assert [title.replace("\u00a0", " ") for title in titles] == ["Plan 3€ 300", "Plan 1€ 600"]


def test_beside_equal_shares_most_votes_come_first(
    session: Session, browser: Browser, tmp_path: Path, now: datetime
) -> None:
    vote = vote_in(session, tmp_path, now, method=Method.EQUAL_SHARES, equal_shares=EqualShares()).finish()
    assert chosen(browser.get("results.show", slug=vote.round.slug)) == ["skip"]


def test_tells_of_plans_that_get_more_or_less(vote: Vote, session: Session, browser: Browser) -> None:
    """The same plans win, and the last of them gets what was left."""
    result = result_of_round(session, vote.round.slug)
    assert result is not None
    own = result.figures.what_if["skip"]
    assert own.counting is not None
    last = next(plan for plan, cents in own.funded.items() if cents == 40_000)
    less = replace(own, funded={**own.funded, last: 30_000}, counting=replace(own.counting, rest=RestRule.PART))
    figures = replace(result.figures, what_if={"skip": own, "part": less})
    found = what_ifs(session, replace(result, figures=figures), asked="part").shown
    assert found is not None
    assert (found.gained, found.lost, found.changed) == ([], [], [("Plan 2", 30_000, 40_000)])


def test_says_in_one_sentence_that_nothing_would_change(vote: Vote, browser: Browser) -> None:
    told = section(browser.get("results.show", slug=vote.round.slug, regel="stop"))
    assert "Dan kregen dezelfde plannen hetzelfde geld." in told
    assert "Krijgen dan wel geld" not in told
    assert "met de echte regel € 0" not in told


@pytest.mark.parametrize("asked", ["stop", "phragmen", "welfare"])
def test_shows_the_rule_asked_for(vote: Vote, browser: Browser, asked: str) -> None:
    assert chosen(browser.get("results.show", slug=vote.round.slug, regel=asked)) == [asked]


@pytest.mark.parametrize("asked", ["skip", "onzin", "\x00", "own", "<b>"])
def test_anything_else_shows_equal_shares(vote: Vote, browser: Browser, asked: str) -> None:
    assert chosen(browser.get("results.show", slug=vote.round.slug, regel=asked)) == ["equal_shares"]


def test_nothing_is_counted_for_a_page(vote: Vote, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.core.tally.COUNTS", {})
    with QueryCount() as queries:
        browser.get("results.show", slug=vote.round.slug, regel="phragmen")
    assert queries.number <= 8, queries.statements


def test_a_rule_that_takes_too_long_is_told(
    session: Session, browser: Browser, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_WORK", dict.fromkeys(comparing.MOST_WORK, 1))
    page = browser.get("results.show", slug=vote_in(session, tmp_path, now).finish().round.slug)
    assert "duurt te lang met zoveel stembiljetten: Gelijke delen;" in section(page)
    assert chosen(page) == ["stop"]
