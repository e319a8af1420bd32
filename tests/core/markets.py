"""Random small elections in which ties, exact budgets, weights and points are frequent."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row

SEED = b"seed"


@st.composite
def plan_lists(draw: st.DrawFn) -> list[Plan]:
    ids = draw(st.lists(st.integers(1, 8), min_size=1, max_size=6, unique=True))
    return [
        Plan(
            id=number,
            cost_cents=draw(st.sampled_from([0, 6, 12, 12, 20, 30, 31, 60])),
            theme=draw(st.sampled_from(["a", "b", None])),
            area=draw(st.sampled_from(["x", None])),
        )
        for number in ids
    ]


@st.composite
def row_lists(draw: st.DrawFn, plans: Sequence[Plan], *, plain: bool = False) -> list[Row]:
    ids = [plan.id for plan in plans]
    pointed = not plain and draw(st.booleans())
    rows = []
    for _ in range(draw(st.integers(0, 7))):
        choices = tuple(draw(st.lists(st.sampled_from(ids), unique=True)))
        points = tuple(draw(st.integers(0, 3)) for _ in choices) if pointed else None
        weight = Fraction(1) if plain else draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2, 3)]))
        rows.append(Row(choices, voters=draw(st.integers(1, 3)), points=points, weight=weight))
    return rows


@st.composite
def elections(draw: st.DrawFn, *, plain: bool = False) -> Election:
    plans = draw(plan_lists())
    rows = draw(row_lists(plans, plain=plain))
    budget = draw(st.sampled_from([0, 30, 60, 61, 84, 100, 200]))
    return Election.from_rows(plans, rows, budget_cents=budget, seed=SEED)


@st.composite
def parameters(draw: st.DrawFn) -> EqualShares:
    return EqualShares(
        utility=draw(st.sampled_from(Utility)),
        start=draw(st.sampled_from(Start)),
        unit_cents=draw(st.sampled_from([1, 5])),
        step_cents=draw(st.sampled_from([None, 1, 7])),
        step_share=draw(st.none() | st.just(Share(num=1, den=10))),
        stop=draw(st.sampled_from(Stop)),
        tail=draw(st.sampled_from(Tail)),
        compare=draw(st.booleans()),
    )


@st.composite
def shares_rules(draw: st.DrawFn, *, constrained: bool = True) -> CountingRules:
    rules = CountingRules(
        method=Method.EQUAL_SHARES,
        equal_shares=draw(parameters()),
        rest=draw(st.sampled_from(RestRule)),
        min_votes=draw(st.integers(0, 2)),
        score=draw(st.sampled_from([Score.VOTES, Score.POINTS, Score.BORDA])),
        ties=draw(st.sampled_from([(TieKey.LOT,), (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LOT)])),
    )
    if not constrained:
        return rules
    pairs = st.lists(st.integers(1, 8), min_size=2, max_size=2, unique=True).map(tuple)
    added: dict[str, Any] = {
        "theme_caps": draw(st.dictionaries(st.sampled_from("ab"), st.integers(1, 60))),
        "incompatible": tuple(draw(st.lists(pairs, max_size=3))),
        "requires": tuple(draw(st.lists(pairs, max_size=3, unique=True))),
        "support_per_cost": draw(st.none() | st.just(Share(num=1, den=2))),
    }
    return replace(rules, **added)
