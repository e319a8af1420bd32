"""The files that prove an outcome: they read back as what was counted, and the public checker accepts the votes."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Share
from buurtbegroot.core.pabulib import read as parse_pb
from buurtbegroot.core.pabulib import read_beside
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, RestRule, Ruleset, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.comparing import EURO_BY_EURO, UNTIL_SPENT
from buurtbegroot.core.tally.election import Election
from buurtbegroot.tally.queries import plan_results, tally_of
from tests.datasets.checker import faults_of_checker
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.tally import Vote, open_vote, start_vote
from tests.pages import Browser

BALLOTS = [[0], [0], [0], [1], [1], [2], [2], [1], [0], [1], [2]]
COSTS = (60_000, 50_050, 40_000, 10_000)


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS).cast_all(BALLOTS).finish()


def url(vote: Vote, name: str) -> str:
    return f"/open-data/rondes/{vote.round.slug}/{name}"


def read(browser: Browser, path: str) -> str:
    response = browser.raw(path)
    assert response.status_code == 200, path
    return response.get_data().decode()


def approval(**counting: Any) -> Ruleset:
    return Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=2)),
        counting=CountingRules(**counting),
    )


def test_files_are_served_as_what_they_are(browser: Browser, vote: Vote) -> None:
    kinds = {
        "uitslag.json": "application/json",
        "telling.json": "application/json",
        "stemmen.pb": "text/plain",
        "stemmen-erbij.json": "application/json",
        "stembiljetten.jsonl": "application/x-ndjson",
    }
    for name, kind in kinds.items():
        response = browser.raw(url(vote, name))
        assert response.mimetype == kind
        assert f'filename="{vote.round.slug}-{name}"' in response.headers["Content-Disposition"]
        response.get_data()


def test_hashes_on_the_page_are_those_of_the_files(browser: Browser, vote: Vote) -> None:
    page = browser.get("results.show", slug=vote.round.slug).text.replace(" ", "")
    for name in ("telling.json", "stembiljetten.jsonl"):
        assert hashlib.sha256(read(browser, url(vote, name)).encode()).hexdigest() in page


def test_ballots_add_up_to_the_result(browser: Browser, vote: Vote) -> None:
    ballots = [json.loads(line) for line in read(browser, url(vote, "stembiljetten.jsonl")).splitlines()]
    votes = Counter(plan for ballot in ballots for plan in ballot["choices"])
    assert {plan: row.votes for plan, row in plan_results(vote.session, vote.round.id).items() if row.votes} == votes
    assert [ballot["tracker"] for ballot in ballots] == sorted(ballot["tracker"] for ballot in ballots)
    whole = json.loads(read(browser, url(vote, "uitslag.json")))
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert (whole["valid_ballots"], whole["trace_sha256"]) == (len(ballots), tally.trace_hash)


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        (budget_rules(100_000), "greedy-threshold"),  # a plan without votes gets nothing
        (approval(min_votes=0), "greedy"),
        (approval(rest=RestRule.STOP), "greedy-no-skip"),
        (approval(rest=RestRule.PART), "greedy-no-skip"),
        (approval(min_votes=4), "greedy-threshold"),
        (approval(min_share=Share(num=1, den=3), rest=RestRule.STOP), "greedy-no-skip"),
        (approval(theme_caps={"Groen": 70_000}), "greedy-custom"),
        (
            replace(
                approval(),
                pots=(Pot(id="Groen", name="Groen", cents=60_000), Pot(id="Samen", name="Samen", cents=40_000)),
                pots_by=Grouping.THEME,
            ),
            "greedy-custom",
        ),
        (approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, step_cents=None)), "equalshares"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT), "equalshares/add1"),
        (
            approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, compare=True)),
            "equalshares/add1-comparison",
        ),
        (approval(method=Method.EQUAL_SHARES, equal_shares=replace(UNTIL_SPENT, step_cents=10)), "unknown"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT, min_votes=2), "unknown"),
        (approval(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO), "unknown"),
        (approval(method=Method.PHRAGMEN), "unknown"),
    ],
)
def test_the_public_checker_accepts_the_votes(
    rules: Ruleset,
    rule: str,
    session: Session,
    browser: Browser,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
) -> None:
    costs = (60_000, 50_000, 40_000, 10_000)  # whole euros: the checker loses cents when it adds up what is left
    vote = open_vote(session, tmp_path, areas=areas, now=now, costs=costs, rules=rules).cast_all(BALLOTS).finish()
    text = read(browser, url(vote, "stemmen.pb"))
    assert faults_of_checker(text) == {}, text
    assert f"rule;{rule}\n" in text


def test_the_public_checker_accepts_plans_without_a_theme_or_a_buurt(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=approval())
    plans = [plan(session, round_, now=now, cents=cents) for cents in (60_000, 50_000, 40_000, 10_000)]
    plans[0].theme = plans[3].theme = plans[1].buurt = plans[3].buurt = None
    session.flush()
    vote = start_vote(session, round_, plans, folder=tmp_path, voters=12, now=now).cast_all(BALLOTS).finish()
    text = read(browser, url(vote, "stemmen.pb"))
    assert faults_of_checker(text) == {}, text
    assert not re.search(r";(0|\"\")(;|$)", text.partition("PROJECTS")[0], re.MULTILINE), "what is unknown is left out"


def test_the_file_and_the_json_beside_it_give_the_count_again(
    session: Session, browser: Browser, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    counting = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO, ties=(TieKey.LOT,))
    rules = replace(approval(), counting=counting)
    vote = open_vote(session, tmp_path, areas=areas, now=now, rules=rules).cast_all([[0], [0], [1], [1], [2], [1, 2]])
    vote.finish()
    pb = browser.raw(url(vote, "stemmen.pb")).get_data()
    beyond = read_beside(browser.raw(url(vote, "stemmen-erbij.json")).get_data(), pb)
    assert from_plain(EqualShares, json.loads(beyond.parameters["equal_shares"])) == EURO_BY_EURO
    assert (beyond.parameters["method"], beyond.parameters["ties"]) == ("equal_shares", '["lot"]')
    file = parse_pb(pb.decode())
    again = count(
        Election.from_ballots(
            [Plan(id=int(project.project_id), cost_cents=project.cost) for project in file.projects],
            Counter(tuple(map(int, ballot.choices)) for ballot in file.votes),
            budget_cents=file.budget,
            seed=bytes.fromhex(beyond.seed),
        ),
        counting,
    )
    stored = {plan: row.awarded_cents for plan, row in plan_results(session, vote.round.id).items()}
    assert {one.plan: one.awarded_cents for one in again.judgements} == stored
    ranked = {plan: place for place, plan in enumerate(beyond.tie_order)}
    assert sorted(ranked, key=ranked.__getitem__) == [str(plan) for plan in again.lot]


def test_the_list_of_files(browser: Browser, vote: Vote) -> None:
    page = browser.get("datasets.index")
    links = [link.get("href") or "" for link in page.find(".//main//a")]
    files = [link for link in links if link.startswith("/open-data/") and "." in link]
    assert len(files) == 7
    for link in files:
        assert browser.raw(link).status_code == 200


def test_no_files_of_an_unknown_round(browser: Browser) -> None:
    for name in ("uitslag.json", "stemmen.pb", "stembiljetten.jsonl"):
        browser.get(f"/open-data/rondes/bestaat-niet/{name}", status=404)
