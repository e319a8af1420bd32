"""Reconstructed ballots: every total exact, every ballot legal, for real votes and small invented ones."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.demo.reconstruct import ImpossibleTotals, Limits, Plan, reconstruct
from tests.pace import within

pytestmark = pytest.mark.slow  # together they take seconds

LONGEST = "Amsterdam_631"
"""The vote that takes the most time, so the one to hold to a bar."""
PUBLISHED = Path(__file__).resolve().parents[2] / "buurtbegroot" / "demo" / "data" / "votes.json"


def published() -> list[dict[str, Any]]:
    if not PUBLISHED.exists():
        return []
    votes: list[dict[str, Any]] = json.loads(PUBLISHED.read_text(encoding="utf-8"))["verkiezingen"]
    return votes


BY_DAY = [
    pytest.param(vote, marks=[pytest.mark.nightly] if place % 4 else []) for place, vote in enumerate(published())
]


def plans_of(vote: dict[str, Any]) -> list[Plan]:
    return [
        Plan(int(plan["id"]), round(plan["kosten"] * 100), plan["stemmen"], plan.get("categorie") or "")
        for plan in vote["plannen"]
    ]


def limits_of(vote: dict[str, Any]) -> Limits:
    costs = vote.get("max_sum_cost_per_category")
    return Limits(
        min_choices=int(vote.get("min_length", 1)),
        max_choices=int(vote["max_length"]) if "max_length" in vote else None,
        max_cost_cents=round(vote["max_sum_cost"] * 100) if "max_sum_cost" in vote else None,
        group_max_cost_cents=dict(zip(vote["categories"], (int(cost) * 100 for cost in costs), strict=True))
        if costs
        else {},
    )


def check(plans: Sequence[Plan], ballots: list[tuple[int, ...]], limits: Limits) -> None:
    plan_of = {plan.id: plan for plan in plans}
    total = Counter(choice for ballot in ballots for choice in ballot)
    assert {plan.id: total[plan.id] for plan in plans} == {plan.id: plan.votes for plan in plans}
    for ballot in ballots:
        chosen = [plan_of[choice] for choice in ballot]
        assert len(set(ballot)) == len(ballot) >= limits.min_choices
        assert limits.max_choices is None or len(ballot) <= limits.max_choices
        assert limits.max_cost_cents is None or sum(p.cost_cents for p in chosen) <= limits.max_cost_cents
        for group, cap in limits.group_max_cost_cents.items():
            assert sum(plan.cost_cents for plan in chosen if plan.group == group) <= cap
        for group, cap in limits.group_max_choices.items():
            assert sum(plan.group == group for plan in chosen) <= cap


@pytest.mark.skipif(not published(), reason=f"the published votes are not in {PUBLISHED}")
@pytest.mark.parametrize("vote", BY_DAY, ids=lambda vote: vote["id"])
def test_published_totals_come_out_exactly(vote: dict[str, Any]) -> None:
    plans, limits = plans_of(vote), limits_of(vote)

    ballots = reconstruct(plans, voters=vote["aantalStemmers"], limits=limits, seed=1)

    assert len(ballots) == vote["aantalStemmers"]
    check(plans, ballots, limits)


@pytest.mark.speed
@pytest.mark.skipif(not published(), reason=f"the published votes are not in {PUBLISHED}")
def test_the_longest_vote_takes_about_two_seconds() -> None:
    vote = next(vote for vote in published() if vote["id"] == LONGEST)
    plans, limits = plans_of(vote), limits_of(vote)
    within(2.9, lambda: reconstruct(plans, voters=vote["aantalStemmers"], limits=limits, seed=1))


@pytest.mark.skipif(not published(), reason=f"the published votes are not in {PUBLISHED}")
def test_a_limit_that_the_published_votes_break_is_noticed() -> None:
    """Oud Oost 2020 states three plans per theme, but its totals hold more than three per voter."""
    vote = next(vote for vote in published() if vote["id"] == "Amsterdam_212")
    limits = Limits(group_max_choices=dict.fromkeys(vote["categories"], 3))

    with pytest.raises(ImpossibleTotals, match="exceed 3834 times the limit 3"):
        reconstruct(plans_of(vote), voters=vote["aantalStemmers"], limits=limits, seed=1)


@pytest.mark.skipif(not published(), reason=f"the published votes are not in {PUBLISHED}")
def test_people_differ_in_what_and_how_much_they_choose() -> None:
    vote = next(vote for vote in published() if vote["id"] == "Amsterdam_621")
    ballots = reconstruct(plans_of(vote), voters=vote["aantalStemmers"], limits=limits_of(vote), seed=1)

    sizes = sorted(map(len, ballots))
    assert len(set(ballots)) > 0.9 * len(ballots)
    assert sizes[len(sizes) // 10] <= 10
    assert sizes[-len(sizes) // 10] >= 22


@st.composite
def real_ballots(draw: st.DrawFn) -> tuple[list[Plan], int, Limits]:
    """Totals and the tightest limits of ballots that exist, so an answer exists too."""
    costs = draw(st.lists(st.integers(1, 60), min_size=1, max_size=7))
    groups = draw(st.lists(st.sampled_from("ab"), min_size=len(costs), max_size=len(costs)))
    ballots = draw(st.lists(st.sets(st.integers(0, len(costs) - 1)), min_size=1, max_size=10))
    total = Counter(choice for ballot in ballots for choice in ballot)
    plans = [Plan(n, cost, total[n], group) for n, (cost, group) in enumerate(zip(costs, groups, strict=True))]

    def most(weights: Sequence[int], group: str = "ab") -> int:
        return max(sum(weights[n] for n in ballot if groups[n] in group) for ballot in ballots)

    ones = [1] * len(costs)
    return (
        plans,
        len(ballots),
        draw(
            st.sampled_from(
                [
                    Limits(min_choices=min(map(len, ballots)), max_choices=most(ones)),
                    Limits(min_choices=min(map(len, ballots)), max_cost_cents=most(costs)),
                    Limits(min_choices=0, group_max_choices={g: most(ones, g) for g in "ab"}),
                    Limits(min_choices=0, group_max_cost_cents={g: most(costs, g) for g in "ab"}),
                ]
            )
        ),
    )


@given(real_ballots(), st.integers(0, 3))
def test_small_votes_with_the_tightest_limits(case: tuple[list[Plan], int, Limits], seed: int) -> None:
    plans, voters, limits = case
    try:
        ballots = reconstruct(plans, voters=voters, limits=limits, seed=seed)
    except ImpossibleTotals:
        # Packing costs to the last cent is a search that may give up; counts alone never fail.
        assert limits.max_cost_cents is not None or limits.group_max_cost_cents
    else:
        check(plans, ballots, limits)


def test_the_same_seed_gives_the_same_ballots_and_leaves_chance_alone() -> None:
    plans = [Plan(number, 1_000 * number, 10 + number) for number in range(1, 9)]
    limits = Limits(max_cost_cents=20_000)
    state = random.getstate()

    ballots = reconstruct(plans, voters=40, limits=limits, seed=7)

    assert random.getstate() == state
    assert ballots == reconstruct(plans, voters=40, limits=limits, seed=7)
    assert ballots != reconstruct(plans, voters=40, limits=limits, seed=8)


@pytest.mark.parametrize(
    ("votes", "limits", "reason"),
    [
        ((5, 1), Limits(), "plan 0 has 5 votes, with 4 voters"),
        ((2, 1), Limits(), "too few votes for 4 ballots of at least 1 plans"),
        ((4, 4), Limits(max_choices=1), "exceed 4 times the limit 1"),
        ((4, 4), Limits(max_cost_cents=250), "exceed 4 times the limit 250"),
        ((3, 1), Limits(group_max_cost_cents={"": 150}), "exceeds the limit 150 by itself"),
        ((4, 1), Limits(max_cost_cents=299), "could not be made legal"),
    ],
)
def test_totals_that_cannot_be_reached_are_refused(votes: tuple[int, int], limits: Limits, reason: str) -> None:
    plans = [Plan(0, 100, votes[0]), Plan(1, 200, votes[1])]

    with pytest.raises(ImpossibleTotals, match=reason):
        reconstruct(plans, voters=4, limits=limits, seed=1)
