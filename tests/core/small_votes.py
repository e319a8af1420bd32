"""Small random elections in which ties, exact budgets and lonely plans are common."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from buurtbegroot.core.ballots import canonical_choices
from buurtbegroot.core.methods import EqualShares, Method, Share, Stop, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row

LISTED = (TieKey.LISTED_FIRST, TieKey.LOT)


@st.composite
def plans(draw: st.DrawFn, *, most: int = 6, free: bool = True) -> list[Plan]:
    """Plans 1, 2, … with small costs, in themes a, b and areas x, y or in none."""
    costs = draw(st.lists(st.integers(0 if free else 1, 12), min_size=1, max_size=most))
    return [
        Plan(
            id=number,
            cost_cents=cost,
            theme=draw(st.sampled_from(["a", "b", None])),
            area=draw(st.sampled_from(["x", "y", None])),
        )
        for number, cost in enumerate(costs, start=1)
    ]


@st.composite
def rows(draw: st.DrawFn, ids: list[int], *, points: bool = False, most: int = 6) -> list[Row]:
    """Ballots on these plans, best first; with points each choice has 1, 2 or 3."""
    ballots = draw(st.lists(st.lists(st.sampled_from(ids), unique=True, max_size=len(ids)), min_size=1, max_size=most))
    return [
        Row(
            tuple(choices),
            draw(st.integers(1, 2)),
            tuple(draw(st.lists(st.integers(1, 3), min_size=len(choices), max_size=len(choices)))) if points else None,
        )
        for choices in ballots
    ]


@st.composite
def elections(draw: st.DrawFn, *, points: bool = False, free: bool = True, most: int = 6) -> tuple[Election, list[Row]]:
    """An election with the ballots that it came from."""
    listed = draw(plans(most=most, free=free))
    cast = draw(rows([plan.id for plan in listed], points=points))
    budget = draw(st.integers(0, 40))
    return Election.from_rows(listed, cast, budget_cents=budget, seed=draw(st.binary(max_size=2))), cast


def full_elections(
    plans: int, *, most_choices: int, most_voters: int, most_ballots: int, most_budget: int
) -> st.SearchStrategy[Election]:
    """Approvals on so many plans that all cost something, in whole euros; no ballot is blank."""
    ballots = st.dictionaries(
        st.lists(st.integers(1, plans), min_size=1, max_size=most_choices, unique=True).map(canonical_choices),
        st.integers(1, most_voters),
        min_size=1,
        max_size=most_ballots,
    )
    return st.builds(
        lambda costs, found, budget: Election.from_ballots(
            [Plan(id=place, cost_cents=cost * 100) for place, cost in enumerate(costs, start=1)],
            found,
            budget_cents=budget * 100,
            seed=bytes(32),
        ),
        st.lists(st.integers(1, 12), min_size=plans, max_size=plans),
        ballots,
        st.integers(4, most_budget),
    )


def rules_of(method: Method, **changes: Any) -> CountingRules:
    """The rules of a method with the parameters that it needs; equal plans in the order of the list."""
    needs_shares = method in (Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES)
    shares = EqualShares(unit_cents=1, stop=Stop.OVERSPENT, tail=Tail.KEEP) if needs_shares else None
    return replace(CountingRules(method=method, ties=LISTED, equal_shares=shares), **changes)


@st.composite
def constraints(draw: st.DrawFn, ids: list[int], *, minimums: bool = True) -> dict[str, Any]:
    """Caps, rivals, plans that need others (of a lower id), thresholds and minimums, as fields of `CountingRules`."""
    cents = st.integers(1, 20)
    pairs = [(one, other) for one in ids for other in ids if other < one]
    return {
        "rest": draw(st.sampled_from(RestRule)),
        "min_votes": draw(st.integers(0, 2)),
        "theme_caps": draw(st.dictionaries(st.sampled_from("ab"), cents)),
        "area_caps": draw(st.dictionaries(st.sampled_from("xy"), cents)),
        "incompatible": tuple(draw(st.lists(st.sampled_from(pairs), max_size=2))) if pairs else (),
        "requires": tuple(draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True))) if pairs else (),
        "support_per_cost": draw(st.none() | st.builds(Share, num=st.integers(1, 3), den=st.just(2))),
        "theme_minimums": draw(st.dictionaries(st.sampled_from("ab"), cents)) if minimums else {},
        "utility": draw(st.sampled_from([Utility.COUNT, Utility.COST])),
    }


def voters_of(cast: list[Row]) -> list[dict[int, int]]:
    """One dict of points (1 without) by plan for each voter who chose anything."""
    return [
        dict(zip(row.choices, row.points or [1] * len(row.choices), strict=True))
        for row in cast
        if row.choices
        for _ in range(row.voters)
    ]


def order_of(outcome_rounds: Any) -> list[int]:
    """The plans in the order in which they were bought."""
    return [one.plan for one in outcome_rounds]
