"""Each method against a second count of small votes, written apart from its definition as plainly as can be."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Stop, Tail, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.knapsack import Item, TooHardError, best_set
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import Outcome, Verdict
from tests.core.small_votes import constraints, elections, order_of, rules_of, voters_of

Voters = list[dict[int, int]]

pytestmark = pytest.mark.slow


def costs_of(election: Election) -> dict[int, int]:
    return {plan.id: plan.cost_cents for plan in election.plans}


def worth_to(voter: Mapping[int, int], plan: int, cost: int, *, utility: Utility) -> int:
    by_points = utility in (Utility.POINTS, Utility.POINTS_COST)
    by_cost = utility in (Utility.COST, Utility.POINTS_COST)
    return (voter[plan] if by_points else 1) * (cost if by_cost else 1)


# Welfare: all subsets.


def is_allowed(chosen: tuple[Plan, ...], rules: CountingRules, election: Election) -> bool:
    ids = {plan.id for plan in chosen}
    for grouping, caps in ((Grouping.THEME, rules.theme_caps), (Grouping.AREA, rules.area_caps)):
        for group, cap in caps.items():
            if sum(plan.cost_cents for plan in chosen if plan.group(grouping) == group) > cap:
                return False
    return (
        sum(plan.cost_cents for plan in chosen) <= election.budget_cents
        and all(len(ids & set(group)) <= 1 for group in rules.incompatible)
        and all(other in ids for one, other in rules.requires if one in ids)
    )


@given(st.data())
def test_welfare_is_the_best_of_all_sets(data: st.DataObject) -> None:
    election, cast = data.draw(elections(points=True))
    changes = data.draw(constraints(list(election.votes), minimums=False))
    utility = data.draw(st.sampled_from(Utility))
    rules = rules_of(Method.WELFARE, **changes | {"utility": utility, "support_per_cost": None, "rest": RestRule.SKIP})
    voters = voters_of(cast)
    able = [plan for plan in election.plans if election.votes[plan.id] >= max(1, rules.min_votes)]

    def merit(chosen: tuple[Plan, ...]) -> tuple[int, int, list[bool]]:
        ids = {plan.id for plan in chosen}
        worth = sum(
            worth_to(voter, plan.id, plan.cost_cents, utility=utility)
            for plan in chosen
            for voter in voters
            if plan.id in voter
        )
        return worth, -sum(plan.cost_cents for plan in chosen), [plan.id in ids for plan in election.plans]

    sets = [s for size in range(len(able) + 1) for s in combinations(able, size) if is_allowed(s, rules, election)]
    best = max(sets, key=merit)
    assert dict(count(election, rules).funded).keys() == {plan.id for plan in best}


def test_a_search_that_grows_too_large_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.core.tally.knapsack.MOST_SETS", 100)
    items = [Item(index=number, id=number, cost=997 + number, value=997 + number) for number in range(40)]
    with pytest.raises(TooHardError, match="40 plans"):
        best_set(items, 20_000)


# Phragmén: time passes, everybody earns; a plan is bought when its supporters can pay.


def loads_by_hand(election: Election, voters: Voters, rest: RestRule) -> list[tuple[int, Fraction]]:
    costs, left, won = costs_of(election), election.budget_cents, list[tuple[int, Fraction]]()
    loads = [Fraction(0)] * len(voters)
    open_plans = [plan for plan in costs if costs[plan] <= left and any(plan in voter for voter in voters)]
    while open_plans:
        backing = {plan: [i for i, voter in enumerate(voters) if plan in voter] for plan in open_plans}
        level = {p: (costs[p] + sum(loads[i] for i in backing[p])) / Fraction(len(backing[p])) for p in open_plans}
        tied = [plan for plan in open_plans if level[plan] == min(level.values())]
        misfits = [plan for plan in tied if costs[plan] > left]
        if misfits:
            if rest is RestRule.STOP:
                break
            open_plans = [plan for plan in open_plans if plan not in misfits]
            continue
        plan = tied[0]
        won.append((plan, level[plan]))
        left -= costs[plan]
        open_plans.remove(plan)
        for i in backing[plan]:
            loads[i] = level[plan]
    return won


@pytest.mark.parametrize("rest", [RestRule.SKIP, RestRule.STOP])
@given(data=st.data())
def test_phragmen_is_the_race_of_loads(rest: RestRule, data: st.DataObject) -> None:
    election, cast = data.draw(elections())
    outcome = count(election, rules_of(Method.PHRAGMEN, rest=rest))
    voters = voters_of(cast)
    assert [(one.plan, one.level) for one in outcome.rounds] == loads_by_hand(election, voters, rest)
    for one in outcome.rounds:
        assert one.in_full * one.price + one.rest_cents == costs_of(election)[one.plan]
        assert one.in_full + one.with_rest == election.votes[one.plan]
        assert one.left_cents >= 0


def test_phragmen_pays_the_first_that_does_not_fit_in_part() -> None:
    plans = [Plan(id=1, cost_cents=60), Plan(id=2, cost_cents=60), Plan(id=3, cost_cents=60)]
    election = Election.from_rows(plans, [Row((1, 2), 2), Row((3,), 1)], budget_cents=100, seed=b"")
    outcome = count(election, rules_of(Method.PHRAGMEN, rest=RestRule.PART))
    assert outcome.funded == ((1, 60), (2, 40))
    assert outcome.judgements[2].verdict is Verdict.AFTER_STOP


# Maximin support: by Hall's theorem over all subsets.


def least_load(plans: list[int], costs: Mapping[int, int], voters: Voters) -> Fraction:
    sets = [chosen for size in range(1, len(plans) + 1) for chosen in combinations(plans, size)]
    backing = {chosen: sum(not voter.keys().isdisjoint(chosen) for voter in voters) for chosen in sets}
    return max(Fraction(sum(costs[plan] for plan in chosen), backing[chosen]) for chosen in sets)


@given(st.data())
def test_maximin_support_keeps_the_largest_load_least(data: st.DataObject) -> None:
    election, cast = data.draw(elections(most=5))
    voters, costs = voters_of(cast), costs_of(election)
    won, left = list[tuple[int, Fraction]](), election.budget_cents
    while True:
        bought = [plan for plan, _ in won]
        able = [p for p in costs if p not in bought and costs[p] <= left and any(p in voter for voter in voters)]
        if not able:
            break
        level, plan = min((least_load([*bought, plan], costs, voters), plan) for plan in able)
        won.append((plan, level))
        left -= costs[plan]
    outcome = count(election, rules_of(Method.MAXIMIN_SUPPORT))
    assert [(one.plan, one.level) for one in outcome.rounds] == won


# Exact Equal Shares: every number of payers, and the change that add-opt finds is one, and the first.


def exact_run(
    election: Election, voters: Voters, start: Fraction, *, utility: Utility
) -> list[tuple[int, frozenset[int]]]:
    costs, money, won = costs_of(election), [start] * len(voters), list[tuple[int, frozenset[int]]]()
    while True:
        best: tuple[Fraction, int, list[int], Fraction] | None = None
        for plan in [plan for plan in costs if costs[plan] and plan not in [one for one, _ in won]]:
            backing = sorted((i for i, voter in enumerate(voters) if plan in voter), key=lambda i: -money[i])
            for size in range(len(backing), 0, -1):
                price = Fraction(costs[plan], size)
                if money[backing[size - 1]] >= price:
                    level = price / (costs[plan] if utility is Utility.COST else 1)
                    best = min([one for one in (best, (level, plan, backing[:size], price)) if one])
                    break
        if best is None:
            return won
        _, plan, payers, price = best
        for i in payers:
            money[i] -= price
        won.append((plan, frozenset(payers)))


@pytest.mark.parametrize("utility", [Utility.COST, Utility.COUNT])
@given(data=st.data())
def test_exact_equal_shares_changes_at_its_increments_and_nowhere_between(
    utility: Utility, data: st.DataObject
) -> None:
    election, cast = data.draw(elections(free=False, most=4))
    voters = voters_of(cast)
    shares = EqualShares(utility=utility, stop=data.draw(st.sampled_from(Stop)), tail=Tail.KEEP)
    able = [plan for plan in election.plans if plan.cost_cents <= election.budget_cents]
    election = Election.from_rows(
        able,
        [row._replace(choices=tuple(one for one in row.choices if one in {plan.id for plan in able})) for row in cast],
        budget_cents=election.budget_cents,
        seed=b"",
    )
    voters = [kept for voter in voters if (kept := {plan: 1 for plan in voter if plan in election.votes})]
    if not voters:
        return
    outcome = count(election, rules_of(Method.EXACT_EQUAL_SHARES, equal_shares=shares))
    assert outcome.endowments[0].first == Fraction(election.budget_cents, len(voters))
    for span in outcome.endowments:
        for start in (span.first, span.last):
            won = exact_run(election, voters, start, utility=utility)
            assert sum(costs_of(election)[plan] for plan, _ in won) == span.spent_cents
    for lower, higher in zip(outcome.endowments, outcome.endowments[1:], strict=False):
        before = exact_run(election, voters, lower.last, utility=utility)
        for part in range(8):
            start = lower.last + (higher.first - lower.last) * Fraction(part, 8)
            assert exact_run(election, voters, start, utility=utility) == before
        assert exact_run(election, voters, higher.first, utility=utility) != before
    stayed = [span for span in outcome.endowments if span.spent_cents <= election.budget_cents][-1]
    assert order_of(outcome.rounds) == [plan for plan, _ in exact_run(election, voters, stayed.last, utility=utility)]


# BOS: every price at which a voter runs dry, and the one at which all is paid.


def bos_terms(money: list[Fraction], worth: list[int], cost: int) -> list[tuple[Fraction, Fraction]]:
    """All (r / a, -a) that the definition allows to look at."""

    def paid(at: Fraction) -> Fraction:
        return sum((min(has, at * one) for has, one in zip(money, worth, strict=True)), Fraction(0))

    prices = {has / one for has, one in zip(money, worth, strict=True)}
    for dry in [Fraction(0), *sorted(prices)]:
        lasting = sum(one for has, one in zip(money, worth, strict=True) if has > dry * one)
        spent = sum((has for has, one in zip(money, worth, strict=True) if has <= dry * one), Fraction(0))
        if lasting and paid(at := (cost - spent) / lasting) == cost:
            prices.add(at)
    parts = {at: min(Fraction(1), paid(at) / cost) for at in prices}
    return [(at / part**2, -part) for at, part in parts.items()]


def bos_by_hand(election: Election, voters: Voters, utility: Utility) -> list[tuple[int, Fraction]]:
    costs, left, won = costs_of(election), election.budget_cents, list[tuple[int, Fraction]]()
    money = [Fraction(left, max(1, len(voters)))] * len(voters)
    while True:
        best: Any = None
        for plan in [one for one in costs if one not in [plan for plan, _ in won] and costs[one] <= left]:
            payers = [i for i, voter in enumerate(voters) if plan in voter and money[i]]
            if payers:
                worth = [worth_to(voters[i], plan, costs[plan], utility=utility) for i in payers]
                level, part = min(bos_terms([money[i] for i in payers], worth, costs[plan]))
                best = min([one for one in (best, (level, plan, -level * part)) if one])
        if best is None:
            return won
        level, plan, price = best
        for i, voter in enumerate(voters):
            if plan in voter:
                money[i] -= min(money[i], price * worth_to(voter, plan, costs[plan], utility=utility))
        won.append((plan, level))
        left -= costs[plan]


@pytest.mark.parametrize("utility", list(Utility))
@given(data=st.data())
def test_bos_looks_at_every_price(utility: Utility, data: st.DataObject) -> None:
    election, cast = data.draw(elections(points=True, free=False, most=5))
    outcome = count(election, rules_of(Method.BOS, utility=utility))
    assert [(one.plan, one.level) for one in outcome.rounds] == bos_by_hand(election, voters_of(cast), utility)


# Majority judgment: grades are taken away one by one.


def taken_away(grades: list[int]) -> list[int]:
    left, taken = sorted(grades), []
    while left:
        taken.append(left.pop((len(left) - 1) // 2))
    return taken


def by_grades(outcome: Outcome) -> list[int]:
    return [one.plan for one in outcome.judgements]


@given(st.data())
def test_majority_judgment_takes_grades_away_one_by_one(data: st.DataObject) -> None:
    election, cast = data.draw(elections(points=True))
    voters = voters_of(cast)
    outcome = count(election, rules_of(Method.MAJORITY_JUDGMENT, min_votes=0))
    worth = {plan: taken_away([voter.get(plan, 0) for voter in voters]) for plan in election.votes}
    assert by_grades(outcome) == sorted(worth, key=lambda plan: ([-grade for grade in worth[plan]], plan))
    assert all(one.grade == (worth[one.plan] or [0])[0] for one in outcome.judgements)


def test_the_lowest_grade_goes_to_plans_that_a_ballot_does_not_name() -> None:
    plans = [Plan(id=1, cost_cents=10), Plan(id=2, cost_cents=10)]
    rows = [Row((1, 2), 1, (-1, 3)), Row((1,), 2, (1,))]
    election = Election.from_rows(plans, rows, budget_cents=10, seed=b"")
    first, second = count(election, rules_of(Method.MAJORITY_JUDGMENT)).judgements
    assert (first.plan, first.grade, second.plan, second.grade) == (1, 1, 2, -1)
