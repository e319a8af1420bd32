"""Outcomes that other programs published for the same votes; skipped where the files are not beside the checkout."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from buurtbegroot.core.methods import Method, Score
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row
from tests.core.real_ballots import FOLDER, RealElection, folder, real_election
from tests.core.small_votes import rules_of

CHEAPEST = (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LISTED_FIRST, TieKey.LOT)
RUBY = FOLDER / "expected" / "ruby-equalshares"

pytestmark = pytest.mark.slow


@cache
def real(path: Path) -> RealElection:
    return real_election(path)


def winners(found: RealElection, rules: CountingRules) -> list[str]:
    return found.names([plan for plan, _ in count(found.election, rules).funded])


def pabutools_cases() -> Iterator[Any]:
    path = FOLDER / "expected" / "pabutools_1.2.3_exact.json"
    for name, outcomes in json.loads(path.read_text()).items() if path.exists() else ():
        for rule in ("greedy_votes", "greedy_votes_per_cost", "phragmen"):
            if "winners" in outcomes.get(rule, {}):
                yield pytest.param(name, rule, outcomes[rule], id=f"{name[:-3]}-{rule}")


PEER_RULES = {
    "greedy_votes": CountingRules(method=Method.MOST_VOTES, ties=CHEAPEST),
    "greedy_votes_per_cost": CountingRules(method=Method.VOTES_PER_EURO, ties=CHEAPEST),
    "phragmen": CountingRules(method=Method.PHRAGMEN, rest=RestRule.STOP, ties=CHEAPEST),
}


@pytest.mark.parametrize(("name", "rule", "expected"), list(pabutools_cases()))
def test_pabutools_exact_agrees(name: str, rule: str, expected: dict[str, Any]) -> None:
    found = winners(real(folder() / name), PEER_RULES[rule])
    assert sorted(found) == sorted(expected["winners"])
    if rule != "phragmen":  # the peer returns that one sorted
        assert found == expected["order"]


def ruby(name: str) -> dict[str, Any]:
    """Expected outcomes by the file that they are of; empty where the files are missing."""
    path = RUBY / f"pabutools_{name}_reference.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    return {Path(file).name: outcomes for file, outcomes in found.items()}


@pytest.mark.parametrize("file", list(ruby("rules")))
@pytest.mark.parametrize(
    ("key", "method"),
    [("greedy_cost", Method.MOST_VOTES), ("greedy_cardinality", Method.VOTES_PER_EURO), ("phragmen", Method.PHRAGMEN)],
)
def test_the_outcomes_beside_the_ruby_program_are_ours(file: str, key: str, method: Method) -> None:
    folder()
    rest = RestRule.STOP if method is Method.PHRAGMEN else RestRule.SKIP
    assert sorted(winners(real(RUBY / "pb" / file), rules_of(method, rest=rest))) == sorted(ruby("rules")[file][key])


@pytest.mark.parametrize("file", list(ruby("maximin")))
def test_maximin_support_beside_the_ruby_program_is_ours(file: str) -> None:
    folder()
    found = winners(real(RUBY / "pb" / file), rules_of(Method.MAXIMIN_SUPPORT))
    assert sorted(found) == sorted(ruby("maximin")[file]["winners"])


ABC = {"av": Method.MOST_VOTES, "seqphragmen": Method.PHRAGMEN, "maximin-support": Method.MAXIMIN_SUPPORT}


def committees(text: str) -> tuple[Election, dict[str, list[set[int]]]]:
    """The vote in which each candidate costs 1, and all tied committees of each rule."""
    profile = ast.literal_eval(match(r"profile: (\[.*?\])\s*\nnum_cand", text))
    plans = [Plan(id=number, cost_cents=1) for number in range(int(match(r"num_cand: (\d+)", text)))]
    seats = int(match(r"committeesize: (\d+)", text))
    rows = [Row(tuple(ballot)) for ballot in profile]
    tied = {}
    for block in text.split("- rule_id: ")[1:]:
        rule, _, rest = block.partition("\n")
        if rule in ABC and "resolute: false" in rest:
            tied[rule] = [set(one) for one in ast.literal_eval(match(r"result: (.*?)\s+resolute", rest))]
    return Election.from_rows(plans, rows, budget_cents=seats, seed=b""), tied


def match(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("rule", ABC)
def test_committees_are_among_those_of_abcvoting(rule: str) -> None:
    files = sorted((folder() / "expected" / "abcvoting").glob("*.yaml"))
    checked = 0
    for file in files:
        election, tied = committees(file.read_text())
        for rest in (RestRule.SKIP, RestRule.STOP):
            won = dict(count(election, rules_of(ABC[rule], rest=rest)).funded).keys()
            approved = {plan for plan, votes in election.votes.items() if votes}
            # Seats that no approved candidate is left for stay empty here.
            assert any(won == one & approved for one in tied[rule]), (file.name, won, tied[rule])
            checked += 1
    assert checked > 200


@pytest.mark.parametrize("name", ["Poland_Krakow_2018", "Poland_Krakow_2022_Podgorze_Duchackie"])
def test_krakow_counts_three_two_one(name: str) -> None:
    found = real(folder() / f"{name}.pb")
    rules = rules_of(Method.MOST_VOTES, score=Score.POSITIONS, positions=(3, 2, 1))
    scores = {project.project_id: project.score for project in found.file.projects}
    ours = {found.names([one.plan])[0]: one.votes for one in count(found.election, rules).judgements}
    assert ours == scores


@pytest.mark.parametrize("name", ["Poland_Czestochowa_2024", "Poland_Katowice_2021_Osiedle_Witosa"])
def test_points_add_up_to_the_published_scores(name: str) -> None:
    found = real(folder() / f"{name}.pb")
    rules = rules_of(Method.MOST_VOTES, score=Score.POINTS)
    scores = {project.project_id: project.score for project in found.file.projects}
    ours = {found.names([one.plan])[0]: one.votes for one in count(found.election, rules).judgements}
    assert ours == scores
