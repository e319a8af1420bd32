"""Equal shares beside pabutools in exact arithmetic, on random elections; skipped where pabutools is not installed.

PEER_ELECTIONS says how many elections for each rule: 40 unless the long run asks for more.
"""

import os
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Score, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row

pytest.importorskip("gmpy2")
peer: Any = pytest.importorskip("pabutools.election")
rules_of_peer: Any = pytest.importorskip("pabutools.rules")
peer_fractions: Any = pytest.importorskip("pabutools.fractions")

ELECTIONS = int(os.environ.get("PEER_ELECTIONS", "40"))
SATISFACTION = {
    Utility.COST: "Cost_Sat",
    Utility.COUNT: "Cardinality_Sat",
    Utility.POINTS: "Additive_Cardinal_Sat",
}

pytestmark = pytest.mark.slow


@st.composite
def votes(draw: st.DrawFn, *, pointed: bool) -> tuple[list[Plan], list[Row], int]:
    budget = draw(st.integers(1, 30))
    costs = draw(st.lists(st.integers(1, min(budget, 12)), min_size=1, max_size=6))
    plans = [Plan(id=number, cost_cents=cost) for number, cost in enumerate(costs, start=1)]
    ids = st.lists(st.integers(1, len(plans)), min_size=1, unique=True)
    rows = [
        Row(tuple(choices), 1, tuple(draw(st.integers(1, 3)) for _ in choices) if pointed else None)
        for choices in draw(st.lists(ids, min_size=1, max_size=8))
    ]
    return plans, rows, budget


def theirs(vote: tuple[list[Plan], list[Row], int], utility: Utility, step: Fraction | None) -> list[int]:
    plans, rows, budget = vote
    projects = {plan.id: peer.Project(f"{plan.id:02}", plan.cost_cents) for plan in plans}
    instance = peer.Instance(projects.values(), budget_limit=budget)
    if utility is Utility.POINTS:
        ballots = [{projects[c]: p for c, p in zip(row.choices, row.points or (), strict=True)} for row in rows]
        profile = peer.CardinalProfile([peer.CardinalBallot(ballot) for ballot in ballots], instance=instance)
    else:
        profile = peer.ApprovalProfile(
            [peer.ApprovalBallot(projects[choice] for choice in row.choices) for row in rows], instance=instance
        )
    outcome = rules_of_peer.method_of_equal_shares(
        instance,
        profile,
        sat_class=getattr(peer, SATISFACTION[utility]),
        voter_budget_increment=None if step is None else peer_fractions.frac(step.numerator, step.denominator),
    )
    return [int(project.name) for project in outcome]


@pytest.mark.parametrize("step", [None, Fraction(1)], ids=["once", "add1"])
@pytest.mark.parametrize("utility", SATISFACTION)
@settings(max_examples=ELECTIONS)
@given(data=st.data())
def test_the_same_plans_in_the_same_order(utility: Utility, step: Fraction | None, data: st.DataObject) -> None:
    assert peer_fractions.FRACTION == "gmpy2"
    vote = data.draw(votes(pointed=utility is Utility.POINTS))
    plans, rows, budget = vote
    rules = CountingRules(
        method=Method.EQUAL_SHARES,
        ties=(TieKey.LISTED_FIRST, TieKey.LOT),
        score=Score.POINTS if utility is Utility.POINTS else Score.VOTES,
        min_votes=0,
        equal_shares=EqualShares(utility=utility, step_cents=None if step is None else int(step), tail=Tail.KEEP),
    )
    outcome = count(Election.from_rows(plans, rows, budget_cents=budget, seed=b""), rules)
    assert [one.plan for one in outcome.rounds] == theirs(vote, utility, step)
