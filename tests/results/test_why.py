"""Why a plan won or lost, on its own page: true to the count, only once certified, and in few queries."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Share, Tail
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset
from buurtbegroot.core.tally.probes import Guess
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.proposals.words import VERDICTS
from buurtbegroot.results.queries import why_of_plan
from buurtbegroot.tally.domain.explaining import FLOWS
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.tally.queries import tally_of
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, QueryCount

COSTS = (60_000, 50_000, 40_000, 10_000)
BALLOTS = [[0], [0], [0], [1], [1], [2], [2, 3], [3], [0, 3], [1]]
Hold = Callable[..., Vote]
SHARES = EqualShares(step_cents=100, tail=Tail.KEEP)


@pytest.fixture
def voted(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Hold:
    """Hold a vote by these rules, not yet counted."""

    def vote(*, ballots: list[list[int]] = BALLOTS, costs: tuple[int, ...] = COSTS, **counting: object) -> Vote:
        rules = Ruleset(
            pots=(Pot(id="alles", name="Alles", cents=100_000),),
            ballot=BallotRules(whole=Limits(min_choices=1, max_choices=4)),
            counting=CountingRules(**counting),  # type: ignore[arg-type]
        )
        return open_vote(session, tmp_path, areas=areas, now=now, costs=costs, rules=rules).cast_all(ballots)

    return vote


def told(browser: Browser, vote: Vote, place: int) -> str:
    return browser.get("proposals.show", proposal_id=vote.plans[place].id).text.replace("\u00a0", " ")


def test_every_verdict_has_its_words() -> None:
    assert VERDICTS.keys() == set(Verdict)


@pytest.mark.parametrize(
    ("counting", "place", "words"),
    [
        (
            {},
            1,
            [
                "Waarom won dit plan niet?",
                "Past niet meer. Plaats 3 van 4, met 3 stemmen.",
                "was er nog € 300. Het kost € 500: € 200 te veel.",
                "Was het plan € 200 goedkoper geweest, dan had het geld gekregen.",
                "Eén euro of één stembiljet minder was niet genoeg.",
            ],
        ),
        ({}, 0, ["Waarom won dit plan?", "was er nog € 1.000. Het kost € 600."]),
        ({"rest": RestRule.STOP}, 2, ["Niet aan de beurt", "De telling was al gestopt: er was nog € 300."]),
        ({"rest": RestRule.PART}, 1, ["Waarom won dit plan?", "dit plan krijgt wat er nog is, € 300."]),
        (
            {"rest": RestRule.PART, "top_up_from": Share(num=1, den=2)},
            1,
            ["Het ontbrekende bedrag, € 200, kwam erbij."],
        ),
        ({"min_votes": 4}, 1, ["Te weinig stemmen", "Nodig zijn 4 stemmen. Dit plan heeft er 1 te weinig."]),
        ({"support_per_cost": Share(num=1, den=1)}, 2, ["Te duur voor zo weinig stemmen", "2 stemmen te weinig."]),
        ({"theme_caps": {"Groen": 70_000}}, 1, ["Grens bereikt", "overheen."]),
        ({"method": Method.WELFARE}, 3, ["Het hoort bij de plannen die samen het meeste waard zijn."]),
        ({"method": Method.EQUAL_SHARES, "equal_shares": SHARES}, 3, ["Zijn stemmers betaalden het in ronde"]),
        (
            {"method": Method.EQUAL_SHARES, "equal_shares": SHARES},
            1,
            [
                "Stemmers hadden te weinig.",
                "Aan het eind hadden zijn stemmers samen nog",
                "Op zijn best kwam het plan tot",
                "% van de kosten",
            ],
        ),
    ],
)
def test_the_page_of_a_plan_says_why(
    voted: Hold, browser: Browser, counting: dict[str, object], place: int, words: list[str]
) -> None:
    vote = voted(**counting).finish()
    text = told(browser, vote, place)
    for each in words:
        assert each in text, text


def test_a_tie_names_the_other_plan_and_the_rule(voted: Hold, browser: Browser) -> None:
    vote = voted(costs=(60_000, 60_000), ballots=[[0], [1]]).finish()
    texts = [told(browser, vote, place) for place in (0, 1)]
    assert all("Het lot bepaalde de volgorde." in text for text in texts)
    assert f"Evenveel stemmen als ‘{vote.plans[1].title}’" in texts[0]


def test_rivals_and_needed_plans_are_named(session: Session, voted: Hold, browser: Browser) -> None:
    vote = voted()
    rival, plan = vote.plans[0], vote.plans[3]
    assert why_of_plan(session, plan.id) is None
    vote.finish()
    found = why_of_plan(session, plan.id)
    assert found is not None
    assert rival.id not in found.plans


def test_says_what_was_not_enough_where_nothing_was(voted: Hold, browser: Browser) -> None:
    """Nobody chose the plan, which costs more than there is: only twice the ballots are tried."""
    vote = voted(costs=(60_000, 200_000), ballots=[[0], [0]], min_votes=3).finish()
    text = told(browser, vote, 1)
    assert "Ook voor € 1 had het geen geld gekregen." in text
    assert "Ook met 2 stembiljetten erbij, met alleen dit plan, had het geen geld gekregen." in text
    assert "minder was niet genoeg" not in text


def test_says_so_when_nothing_is_known(voted: Hold, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.tally.domain.explaining.recounts_for", lambda *_asked: 0)
    vote = voted().finish()
    assert "Wat voor dit plan genoeg was geweest, is niet bekend." in told(browser, vote, 1)


def test_says_so_when_it_may_be_less(voted: Hold, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.tally.domain.explaining.recounts_for", lambda *_asked: 1)
    vote = voted().close().open().count()
    monkeypatch.setattr("buurtbegroot.tally.domain.explaining.guess_from", lambda *_asked: Guess(30_000, 5))
    text = told(browser, vote.explain().certify(), 1)
    assert "Was het plan € 300 goedkoper geweest, dan had het geld gekregen." in text
    assert "Misschien was iets minder ook genoeg" in text


def test_what_was_enough_follows_after_certification(session: Session, voted: Hold, browser: Browser) -> None:
    vote = voted().close().open().count().certify()
    assert "rekenen wij nog uit" in told(browser, vote, 1)
    assert "rekenen wij nog uit" not in told(browser, vote, 0), "a winner needs nothing more"
    vote.explain()
    text = told(browser, vote, 1)
    assert "rekenen wij nog uit" not in text
    assert "Was het plan € 200 goedkoper geweest" in text


def test_nothing_is_told_before_certification(session: Session, voted: Hold, browser: Browser) -> None:
    vote = voted().close().open().count()
    assert why_of_plan(session, vote.plans[0].id) is None
    assert "Waarom won dit plan" not in told(browser, vote, 0)
    vote.certify()
    assert "Waarom won dit plan" in told(browser, vote, 0)


def test_older_counts_without_reasons_keep_their_page(session: Session, voted: Hold, browser: Browser) -> None:
    vote = voted().close().open().count()
    tally = tally_of(session, vote.round.id)
    assert tally is not None
    tally.figures = {name: value for name, value in tally.figures.items() if name != FLOWS}
    session.execute(update(PlanResult).values(why=None))
    session.commit()
    vote.certify()
    assert "De uitslag" in told(browser, vote, 0)
    assert "Van stemmers naar plannen" not in browser.get("results.show", slug=vote.round.slug).text


def test_a_plan_takes_few_queries(session: Session, voted: Hold, browser: Browser) -> None:
    vote = voted(costs=(60_000, 60_000), ballots=[[0], [1]]).finish()
    session.expire_all()
    plan = vote.plans[0].id
    with QueryCount() as queries:
        browser.get("proposals.show", proposal_id=plan)
    assert queries.number <= 8, queries.statements
