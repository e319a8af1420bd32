"""Equal shares on real votes: official winners, and what other implementations found for the same rule."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from buurtbegroot.core.methods import EqualShares, Method, Score, Start, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import Outcome
from tests.core.real_ballots import FOLDER, RealElection, folder, real_election

pytestmark = pytest.mark.slow  # together they take seconds

OFFICIAL = {
    "wieliczka_2023": "Poland_Wieliczka_2023_Green_Budget.pb",
    "swiecie_2023": "Poland_Swiecie_2023.pb",
    "assen_2024": "Netherlands_Assen_2024.pb",
}
ONCE = EqualShares(step_cents=None, tail=Tail.KEEP)
PEER_TIES = (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LISTED_FIRST, TieKey.LOT)
LISTED = (TieKey.LISTED_FIRST, TieKey.LOT)


@cache
def election_of(path: Path) -> RealElection:
    return real_election(path)


def counted(real: RealElection, shares: EqualShares, ties: tuple[TieKey, ...] = PEER_TIES, **more: Any) -> Outcome:
    rules = CountingRules(method=Method.EQUAL_SHARES, equal_shares=shares, ties=ties, min_votes=0, **more)
    return count(real.election, rules)


def winners(real: RealElection, outcome: Outcome) -> list[str]:
    """The winners in the order in which they won."""
    return real.names([plan for plan, _ in outcome.funded])


@pytest.mark.parametrize("preset", OFFICIAL)
def test_the_official_winners_are_those_of_the_preset(preset: str) -> None:
    real = election_of(folder() / OFFICIAL[preset])
    outcome = count(real.election, PRESETS[preset])
    assert set(winners(real, outcome)) == real.selected


def test_the_comparison_is_as_close_as_it_was() -> None:
    votes = {}
    for preset, name in OFFICIAL.items():
        outcome = count(election_of(folder() / name).election, PRESETS["wieliczka_2023"])
        assert outcome.preference is not None
        votes[preset] = (outcome.preference.this, outcome.preference.most_votes)
    assert (votes["wieliczka_2023"], votes["assen_2024"]) == ((1615, 873), (21, 21))


def test_another_stop_gives_wieliczka_other_winners() -> None:
    real = election_of(folder() / OFFICIAL["wieliczka_2023"])
    exhaustive = winners(real, count(real.election, PRESETS["equalshares_net"]))
    assert (len(exhaustive), len(set(exhaustive) - real.selected), len(real.selected - set(exhaustive))) == (31, 2, 1)


def test_a_tail_gives_assen_a_tenth_plan() -> None:
    real = election_of(folder() / OFFICIAL["assen_2024"])
    assert len(count(real.election, PRESETS["equalshares_net"]).funded) == 10


# Every outcome by pabutools in exact arithmetic, order included.

BY_PABUTOOLS = {
    "mes_cost": ONCE,
    "mes_cardinality": replace(ONCE, utility=Utility.COUNT),
    "mes_cost_add1": EqualShares(step_cents=100, tail=Tail.KEEP),
    "mes_cost_add1u": EqualShares(step_cents=100),
}


def expected(name: str) -> Any:
    """What a file of expected outcomes holds; nothing without the files, which leaves its tests skipped."""
    path = FOLDER / "expected" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


BY_NAME_AND_RULE = [
    pytest.param(name, rule, outcomes[rule], id=f"{name}-{rule}")
    for name, outcomes in expected("pabutools_1.2.3_exact.json").items()
    for rule in BY_PABUTOOLS
    if "order" in outcomes.get(rule, {})
]


@pytest.mark.parametrize(("name", "rule", "found"), BY_NAME_AND_RULE)
def test_what_pabutools_finds(name: str, rule: str, found: Mapping[str, Any]) -> None:
    real = election_of(FOLDER / name)
    outcome = counted(real, BY_PABUTOOLS[rule])
    assert winners(real, outcome) == found["order"]
    assert sum(cents for _, cents in outcome.funded) == int(found["cost"]) * 100


# What the tool of equalshares.net and pabutools found on other files, told by a port of them to Ruby.

RUBY = "ruby-equalshares"
NET_TIES = {"maxVotes": TieKey.MOST_VOTES_FIRST, "minCost": TieKey.CHEAPEST_FIRST}
NET = [
    pytest.param(one.get("fixture", "poland_wieliczka_2023_green-budget.pb"), one["params"], one["result"], id=name)
    for source in ("js_reference.json", "pb_reference.json")
    for name, one in expected(f"{RUBY}/{source}").items()
    if "result" in one and NET_TIES.keys() >= set(one["params"]["tieBreaking"])
]


@pytest.mark.parametrize(("name", "asked", "found"), NET)
def test_what_the_tool_of_equalshares_net_finds(name: str, asked: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    real = election_of(FOLDER / "expected" / RUBY / "pb" / name)
    increments, greedy = asked["completion"].startswith("add1"), asked["completion"] in {"add1u", "utilitarian"}
    shares = EqualShares(
        start=Start.WHOLE if increments else Start.SHARE,
        step_cents=asked["increment"] * 100 if increments else None,
        tail=Tail.MOST_VOTES if greedy else Tail.KEEP,
        compare=asked["comparison"] == "satisfaction",
    )
    outcome = counted(real, shares, (*(NET_TIES[key] for key in asked["tieBreaking"]), TieKey.LOT))
    assert set(winners(real, outcome)) == set(found["winners"])
    assert sum(cents for _, cents in outcome.funded) == found["totalCost"] * 100
    if increments:
        feasible = [one for one in outcome.endowments if one.spent_cents <= outcome.budget_cents]
        assert feasible[-1].last == found["endowment"] * 100


BY_UTILITY = [
    pytest.param(path.rsplit("/", 1)[-1], utility, found[key], id=f"{path}-{key}")
    for source, utilities in {
        "pabutools_reference.json": {"winners": Utility.COST},
        "pabutools_satisfaction_reference.json": {"cost": Utility.COST, "cardinality": Utility.COUNT},
        "pabutools_cardinal_reference.json": {"winners": Utility.POINTS},
        "pabutools_ordinal_reference.json": {"winners": Utility.POINTS},
    }.items()
    for path, found in expected(f"{RUBY}/{source}").items()
    for key, utility in utilities.items()
]


@pytest.mark.parametrize(("name", "utility", "found"), BY_UTILITY)
def test_what_pabutools_finds_with_each_utility(name: str, utility: Utility, found: Sequence[str]) -> None:
    real = election_of(FOLDER / "expected" / RUBY / "pb" / name)
    if real.file.vote_type == "ordinal":
        real = replace(real, election=borda_of_each_length(real.election))
    outcome = counted(real, replace(ONCE, utility=utility), LISTED, score=Score.POINTS)
    assert sorted(winners(real, outcome)) == sorted(found)


def borda_of_each_length(election: Election) -> Election:
    """The Borda points of pabutools: the first of k ranked plans gets k - 1, however many there are."""
    assert election.profile is not None
    ids = election.profile.plans
    rows = [
        Row(tuple(ids[one] for one in choices), votes, tuple(reversed(range(len(choices)))))
        for choices, _, votes in election.profile.ballots()
    ]
    return Election.from_rows(election.plans, rows, budget_cents=election.budget_cents, seed=b"")


# Committees of abcvoting: plans of one cost, and all outcomes that some order of ties gives.

COMMITTEES = sorted((FOLDER / "expected" / "abcvoting").glob("*.yaml"))


@pytest.mark.parametrize("path", COMMITTEES, ids=[path.stem for path in COMMITTEES])
def test_a_committee_is_one_that_abcvoting_finds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ballots = json.loads(one_line(text, r"profile: (\[.*?\]\])"))
    size = int(one_line(text, r"committeesize: (\d+)"))
    plans = [Plan(id=number + 1, cost_cents=1) for number in range(int(one_line(text, r"num_cand: (\d+)")))]
    rows = [Row(tuple(one + 1 for one in choices)) for choices in ballots]
    election = Election.from_rows(plans, rows, budget_cents=size, seed=b"")
    for rule, shares in (("-with-av-completion", replace(ONCE, tail=Tail.MOST_VOTES)), ("", ONCE)):
        outcome = count(election, CountingRules(method=Method.EQUAL_SHARES, equal_shares=shares, min_votes=0))
        committee = {plan - 1 for plan, _ in outcome.funded}
        block = rf"rule_id: equal-shares{rule}\n  result: ([^a-z]*)\n  resolute: false"
        # Committees are always filled; here a plan that nobody chose never wins.
        chosen = {one for choices in ballots for one in choices}
        committees = [set(one) & chosen for one in json.loads(one_line(text, block))]
        # Without a completion of ours, theirs (by Phragmén) goes on where ours has ended.
        assert any(committee == one if rule else committee <= one for one in committees)


def one_line(text: str, pattern: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None
    return found[1]


# Where fast peers go wrong, for want of exact arithmetic.


def by_votes(*rows: tuple[tuple[int, ...], int], costs: Mapping[int, int], budget: int) -> Election:
    plans = [Plan(id=number, cost_cents=cost) for number, cost in costs.items()]
    return Election.from_ballots(plans, dict(rows), budget_cents=budget, seed=b"")


def test_one_vote_in_120_000_decides() -> None:
    election = by_votes(((2,), 120_001), ((1,), 120_000), costs={1: 100, 2: 100}, budget=240_001)
    outcome = count(election, CountingRules(method=Method.EQUAL_SHARES, equal_shares=ONCE, ties=LISTED))
    assert [(one.plan, one.tie) for one in outcome.rounds] == [(2, None), (1, None)]


def test_a_unanimous_plan_that_costs_the_budget_is_bought() -> None:
    election = by_votes(((1,), 7), costs={1: 1200}, budget=1200)
    outcome = count(election, CountingRules(method=Method.EQUAL_SHARES, equal_shares=ONCE))
    assert outcome.funded == ((1, 1200),)
    assert outcome.rounds[0].left_cents == 0


def test_a_tie_that_floats_cannot_see_is_a_tie() -> None:
    """Voters of plan 3 spend 1/3 and 1/7 of a cent in two sums; what is left ties exactly, not in doubles."""
    costs = {1: 10, 2: 10, 3: 3}
    election = by_votes(((1, 3), 7), ((2, 3), 7), costs=costs, budget=140)
    outcome = count(election, CountingRules(method=Method.EQUAL_SHARES, equal_shares=ONCE, ties=LISTED))
    assert [one.plan for one in outcome.rounds] == [3, 1, 2]
    assert outcome.rounds[1].tie is not None
    assert outcome.rounds[1].tie.plans == (1, 2)
