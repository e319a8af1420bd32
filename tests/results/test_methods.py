"""The result page of every method of counting: rounds, start money and comparison in words, and the money's way."""

import re
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Start, Stop, Tail
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, Ruleset
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.results.domain.outcome import result_of_round
from buurtbegroot.results.domain.rounds import round_rows
from buurtbegroot.tally.queries import tally_of
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, Page, QueryCount

COSTS = (60_000, 50_000, 40_000, 10_000)
BALLOTS = [[0], [0], [0], [1], [1], [2], [2, 3], [3], [0, 3], [1], [0, 2]]
Hold = Callable[..., Vote]
BY_STEPS = EqualShares(step_cents=100, stop=Stop.OVERSPENT, tail=Tail.KEEP)


@pytest.fixture
def held(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Hold:
    """Hold the vote and count it in this way."""

    def hold(**counting: object) -> Vote:
        rules = Ruleset(
            pots=(Pot(id="alles", name="Alles", cents=100_000),),
            ballot=BallotRules(whole=Limits(min_choices=1, max_choices=4)),
            counting=CountingRules(**counting),  # type: ignore[arg-type]
        )
        vote = open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS, rules=rules)
        return vote.cast_all(BALLOTS).finish()

    return hold


def read(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


@pytest.mark.parametrize("method", sorted(Method))
def test_every_method_has_a_whole_page(held: Hold, browser: Browser, method: Method) -> None:
    vote = held(method=method)
    page = browser.get("results.show", slug=vote.round.slug)
    for plan in vote.plans:
        assert plan.title in page.text
    assert "Van stemmers naar plannen" in page.text
    is_real = method is Method.EQUAL_SHARES
    assert ("echt betaalden" in page.text) == is_real
    assert ("gelijk verdeeld over zijn stemmers" in page.text) != is_real
    levels = [int(one.tag[1]) for one in page.find(".//main//*") if re.fullmatch("h[1-6]", str(one.tag))]
    assert all(after <= before + 1 for before, after in pairwise(levels)), "a heading skips a level"


def test_equal_shares_are_told_round_by_round(session: Session, held: Hold, browser: Browser) -> None:
    vote = held(method=Method.EQUAL_SHARES, equal_shares=BY_STEPS)
    page = browser.get("results.show", slug=vote.round.slug)
    tally = tally_of(session, vote.round.id)
    assert tally is not None
    rows = round_rows(document_from(tally.trace).outcomes[0])
    assert rows
    for row in rows:
        assert re.search(rf"Ronde {row.number}: .*?{row.payers} stemmers? beta", read(page))
    assert "Elke stemmer begon met € 90,91." in read(page)
    assert re.search(r"In \d+ stappen groeide dat tot €", read(page))
    assert "Klaar na" not in page.text


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (EqualShares(step_cents=None, tail=Tail.KEEP), ["Daar kwam niets bij."]),
        (EqualShares(step_cents=None, tail=Tail.MOST_VOTES), ["Daarna: wat over was", "Klaar na"]),
        (EqualShares(step_cents=None, start=Start.WHOLE, unit_cents=1000), ["Elke stemmer begon met € 90."]),
        (EqualShares(step_cents=None, compare=True), ["Ook is op meeste stemmen geteld."]),
        (BY_STEPS, ["Met nog een stap zouden de plannen samen te veel kosten.", "Toon hoe het begingeld groeide"]),
    ],
)
def test_start_money_tail_and_comparison_are_explained(
    held: Hold, browser: Browser, shares: EqualShares, words: list[str]
) -> None:
    vote = held(method=Method.EQUAL_SHARES, equal_shares=shares)
    page = browser.get("results.show", slug=vote.round.slug)
    for each in words:
        assert each in read(page), page.text


def test_minimums_are_told_first(held: Hold, browser: Browser) -> None:
    vote = held(theme_minimums={"Groen": 50_000})
    assert "Eerst was € 500 bestemd voor ‘Groen’." in read(browser.get("results.show", slug=vote.round.slug))


def test_an_area_with_only_a_minimum_is_named(held: Hold, browser: Browser) -> None:
    told = read(browser.get("results.show", slug=held(area_minimums={"EA02": 50_000}).round.slug))
    assert "Eerst was € 500 bestemd voor ‘Westbuurt 2’." in told
    assert "Voor Westbuurt 2 is € 500 apart gezet." in told
    assert "EA02" not in told


def test_who_wins_by_leftovers_is_in_sight(
    session: Session, areas: dict[str, Area], browser: Browser, now: datetime, tmp_path: Path
) -> None:
    rules = Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=12)),
        counting=CountingRules(theme_caps={"Groen": 20_000}, leftovers_ignore_caps=True),
    )
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=(10_000,) * 12, rules=rules)
    vote.cast_all([list(range(most)) for most in range(1, 13)]).finish()
    result = result_of_round(session, vote.round.slug)
    assert result is not None
    runs = result.pots[0].steps
    again = [run.is_folded for run in runs for step in run.rows if step.for_leftovers and step.judgement.awarded_cents]
    assert again == [False] * 8
    assert any(run.is_folded for run in runs)


def test_an_order_that_is_not_by_votes_is_told(held: Hold, browser: Browser) -> None:
    words = "Dit is de volgorde van de telling."
    assert words in browser.get("results.show", slug=held(method=Method.EQUAL_SHARES).round.slug).text


def test_the_drawing_has_a_twin_with_the_same_money(session: Session, held: Hold, browser: Browser) -> None:
    vote = held(method=Method.EQUAL_SHARES, equal_shares=BY_STEPS)
    page = browser.get("results.show", slug=vote.round.slug)
    tally = tally_of(session, vote.round.id)
    assert tally is not None
    (table,) = [one for one in page.find(".//table") if "Geld van elke groep" in "".join(one.itertext())]
    *rows, total = table.findall(".//tbody/tr")
    assert len(rows) == len(document_from(tally.trace).outcomes[0].funded)
    assert (
        "".join(total.itertext()).replace("\u00a0", " ").endswith(f"€ {tally.spent_cents // 100:,}".replace(",", "."))
    )


def test_no_more_queries_by_equal_shares(session: Session, held: Hold, browser: Browser) -> None:
    vote = held(method=Method.EQUAL_SHARES, equal_shares=BY_STEPS)
    session.expire_all()
    with QueryCount() as queries:
        browser.get("results.show", slug=vote.round.slug)
    assert queries.number <= 8, queries.statements


@pytest.mark.parametrize("method", [Method.EQUAL_SHARES, Method.WELFARE, Method.PHRAGMEN])
def test_files_hold_every_plan_also_without_steps(held: Hold, browser: Browser, method: Method) -> None:
    vote = held(method=method)
    slug = vote.round.slug
    rounds = [f"/open-data/rondes/{slug}/{name}" for name in ("uitslag.json", "stemmen.pb")]
    for name in (f"/open-data/uitslag.csv?ronde={slug}", f"/open-data/uitslag-machine.csv?ronde={slug}", *rounds):
        response = browser.raw(name)
        assert response.status_code == 200, name
        assert all(plan.title in response.get_data(as_text=True) for plan in vote.plans), name
