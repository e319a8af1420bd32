"""A file names a rule only where who counts it by that name finds the winners that were certified."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset
from buurtbegroot.core.tally.document import Votes, document_of
from buurtbegroot.core.tally.presets import ASSEN_2024, PRESETS
from buurtbegroot.results.domain.pabulib_rule import EXACT, RuleName, rule_name

Ballots = Mapping[tuple[int, ...], int]
VOTES: Ballots = {(1,): 4, (2,): 2, (3,): 3}
PLAIN = CountingRules(min_votes=0)
STOP = replace(PLAIN, rest=RestRule.STOP)
ONCE = replace(ASSEN_2024, equal_shares=replace(ASSEN_2024.equal_shares, step_cents=None))  # type: ignore[type-var]


def named(counting: CountingRules, budget: int, costs: list[int], votes: Ballots, *, gone: int = 0) -> RuleName:
    """Return the name for a count of plans 1, 2, … with these costs in cents."""
    source = Votes(
        round="ronde",
        rules=Ruleset(pots=(Pot(id="alles", name="Alles", cents=budget),), counting=counting),
        plans=tuple(Plan(id=number, cost_cents=cents) for number, cents in enumerate(costs, 1)),
        ballots=Counter(votes),
        seed=b"",
        ballots_sha256="",
        withdrawn=frozenset({gone} - {0}),
    )
    return rule_name(document_of(source), source.rules, source.election)


@pytest.mark.parametrize("counting", [PLAIN, STOP])
def test_what_floats_would_lose_is_told_in_words(counting: CountingRules) -> None:
    """In floats 100.30 - 50.10 is less than 50.20."""
    found = named(counting, 10_030, [5_010, 5_020], {(1, 2): 1, (1,): 1})
    assert found.rule == "greedy-custom"
    assert found.comments[0] == EXACT
    assert named(counting, 10_000, [5_000, 5_000], {(1, 2): 1, (1,): 1}).rule.startswith("greedy")


def test_what_whole_euros_would_leave_over_is_told_in_words() -> None:
    """Of 100 euros 50.90 is spent: 49.10 is left, and not the 50 that whole euros say."""
    assert named(PLAIN, 10_000, [5_090, 5_000], {(1, 2): 1, (1,): 1}).rule == "greedy-custom"
    assert named(STOP, 10_000, [5_090, 5_000], {(1, 2): 1, (1,): 1}).rule == "greedy-no-skip"


@pytest.mark.parametrize(
    ("why", "rule", "costs", "ballots"),
    [
        ("plain", "equalshares/add1", [6_000, 5_000, 4_000], VOTES),
        ("cents", "unknown", [6_010, 5_000, 4_000], VOTES),
        ("two that nothing tells apart", "unknown", [6_000, 5_000, 5_000], {(1,): 4, (2,): 3, (3,): 3}),
        ("all can be had, so that raising never ends", "unknown", [3_000, 3_000, 4_000], VOTES),
        ("nobody voted for what is like another", "equalshares/add1", [6_000, 5_000, 5_000], {(1,): 4, (2,): 3}),
    ],
)
def test_equal_shares_have_a_name_where_the_checker_can_count_them(
    why: str, rule: str, costs: list[int], ballots: Ballots
) -> None:
    assert named(ASSEN_2024, 10_000, costs, ballots).rule == rule, why


def test_a_comparison_is_named_where_most_votes_are_the_same_plans() -> None:
    counting = PRESETS["wieliczka_2023"]
    assert named(counting, 10_000, [6_000, 5_000, 4_000], VOTES).rule.endswith("add1-comparison")


def test_shares_with_a_withdrawn_plan_have_no_name() -> None:
    """Who chose that plan alone gets no share here, and one of the checker."""
    costs, ballots = [6_000, 5_000, 4_000], VOTES
    assert named(ONCE, 10_000, costs, ballots).rule == "equalshares"
    assert named(ONCE, 10_000, costs, ballots, gone=3).rule == "unknown"
