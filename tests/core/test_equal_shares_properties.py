"""What must hold for every count by equal shares, whatever the votes and the parameters."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import SharesCount, equal_shares
from buurtbegroot.core.tally.increments import cost_of, endowments, schedule, spans
from buurtbegroot.core.tally.market import Market
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.core.tally.trace import WINNING, Outcome, Verdict, trace_json
from tests.core.markets import SEED, elections, plan_lists, row_lists, shares_rules
from tests.examples import examples

REFERENCE = ReferencePath()

pytestmark = pytest.mark.slow


def shares(election: Election, rules: CountingRules) -> Outcome:
    return equal_shares(election, rules, path=REFERENCE)


@examples(25)
@given(elections(), shares_rules())
def test_the_money_adds_up_and_every_plan_is_judged_once(election: Election, rules: CountingRules) -> None:
    outcome = shares(election, rules)
    paid = sum(one.awarded_cents - one.extra_cents for one in outcome.judgements)
    assert paid + outcome.left_cents == election.budget_cents
    assert outcome.left_cents >= 0
    assert sorted(one.plan for one in outcome.judgements) == [plan.id for plan in election.plans]
    assert [one.rank for one in outcome.judgements] == list(range(1, len(election.plans) + 1))
    for one in outcome.judgements:
        assert (one.awarded_cents == one.cost_cents) or one.verdict is not Verdict.FUNDED
        assert one.short_cents >= 0


@examples(25)
@given(elections(), shares_rules())
def test_a_plan_that_nobody_chose_never_wins(election: Election, rules: CountingRules) -> None:
    rules = replace(rules, min_votes=max(rules.min_votes, 1))
    won = {plan for plan, _ in shares(election, rules).funded}
    assert all(election.votes[plan] for plan in won)


@examples(25)
@given(elections(), shares_rules())
def test_constraints_are_honoured(election: Election, rules: CountingRules) -> None:
    outcome = shares(election, replace(rules, rest=RestRule.SKIP))
    won = dict(outcome.funded)
    for plans in rules.incompatible:
        assert len(set(plans) & won.keys()) <= 1
    for one, other in rules.requires:
        assert one not in won or other in won
    for theme, cap in rules.theme_caps.items():
        assert sum(won.get(plan.id, 0) for plan in election.plans if plan.theme == theme) <= cap
    for judged in outcome.judgements:
        assert judged.verdict not in WINNING or judged.votes >= outcome.votes_needed


@examples(25)
@given(elections(), shares_rules())
def test_the_rounds_of_the_last_run_add_up(election: Election, rules: CountingRules) -> None:
    outcome = shares(election, rules)
    costs = {plan.id: plan.cost_cents for plan in election.plans}
    votes = sum(votes for choices, _, votes in profile_of(election) if choices)
    money = Fraction(votes, election.parts) * last_endowment(outcome, election)
    for number, one in enumerate(outcome.rounds, start=1):
        money -= costs[one.plan]
        assert (one.number, one.left_cents) == (number, money)
        assert one.in_full + one.with_rest <= election.votes[one.plan]
        assert 0 <= one.rest_cents <= costs[one.plan]
    if rules.equal_shares and not rules.equal_shares.utility.startswith("points"):
        for one in outcome.rounds:
            assert one.price * one.in_full / election.parts + one.rest_cents == costs[one.plan]
    assert {one.plan for one in outcome.missed}.isdisjoint(one.plan for one in outcome.rounds)


def profile_of(election: Election) -> Iterable[tuple[tuple[int, ...], tuple[int, ...] | None, int]]:
    assert election.profile is not None
    return election.profile.ballots()


def last_endowment(outcome: Outcome, election: Election) -> Fraction:
    return [one.last for one in outcome.endowments if one.spent_cents <= election.budget_cents][-1]


@examples(25)
@given(elections(), shares_rules(), st.data())
def test_each_round_takes_the_lowest_level(election: Election, rules: CountingRules, data: st.DataObject) -> None:
    market = SharesCount(election, rules).market([])
    endowment = Fraction(data.draw(st.integers(0, 60)), data.draw(st.integers(1, 4)))
    ballots = list(market.profile.ballots())
    money = [endowment] * len(ballots)
    done: list[int] = []
    bought = REFERENCE.bought(market, endowment)
    for winner in (*bought, None):
        levels = {
            plan: level
            for plan in market.for_sale - set(done)
            if market.allows(plan, beside=done) and (level := brute_level(market, plan, money)) is not None
        }
        assert winner == min(levels, key=lambda plan: (levels[plan], market.precedence[plan]), default=None)
        if winner is not None:
            money = [
                left - min(left, levels[winner] * worth_to(market, winner, ballot))
                for left, ballot in zip(money, ballots, strict=True)
            ]
            done.append(winner)


def worth_to(market: Market, plan: int, ballot: tuple[tuple[int, ...], tuple[int, ...] | None, int]) -> int:
    choices, points, _ = ballot
    if plan not in choices:
        return 0
    return market.units[plan] * (points[choices.index(plan)] if market.by_points and points else 1)


def brute_level(market: Market, plan: int, money: list[Fraction]) -> Fraction | None:
    """Find the level between the two neighbouring break points that the cost is paid between."""
    payers = [
        (ballot[2], left, worth)
        for ballot, left in zip(market.profile.ballots(), money, strict=True)
        if (worth := worth_to(market, plan, ballot))
    ]

    def paid(level: Fraction) -> Fraction:
        return sum((votes * min(left, level * worth) for votes, left, worth in payers), Fraction(0))

    cost = market.costs[plan] * market.profile.parts
    below = Fraction(0)
    for point in sorted({left / worth for _, left, worth in payers}):
        if paid(point) >= cost:
            return below + (point - below) * (cost - paid(below)) / (paid(point) - paid(below))
        below = point
    return None


@examples(25)
@given(elections(), shares_rules())
def test_certified_jumps_change_nothing(election: Election, rules: CountingRules) -> None:
    class StepByStep(ReferencePath):
        def same_between(self, *_: object, **__: object) -> bool:
            return False

    assert trace_json(shares(election, rules)) == trace_json(equal_shares(election, rules, path=StepByStep()))


@examples(25)
@given(elections(), shares_rules(), st.randoms(use_true_random=False))
def test_the_order_of_plans_and_voters_changes_nothing(
    election: Election, rules: CountingRules, shuffler: random.Random
) -> None:
    assert election.profile is not None
    names = election.profile.plans
    rows = [
        Row(tuple(names[one] for one in choices), voters=1, points=points, weight=Fraction(votes, election.parts))
        for choices, points, votes in election.profile.ballots()
    ]
    plans = list(election.plans)
    shuffler.shuffle(plans)
    shuffler.shuffle(rows)
    again = Election.from_rows(plans, rows, budget_cents=election.budget_cents, seed=SEED)
    again = replace(again, valid_ballots=election.valid_ballots)
    if again.parts == election.parts:
        assert trace_json(shares(again, rules)) == trace_json(shares(election, rules))


@examples(25)
@given(st.data(), shares_rules())
def test_voters_apart_or_together_count_the_same(data: st.DataObject, rules: CountingRules) -> None:
    plans = data.draw(plan_lists())
    rows = data.draw(row_lists(plans, plain=True))
    apart = [row._replace(voters=1) for row in rows for _ in range(row.voters)]
    first, second = (Election.from_rows(plans, these, budget_cents=100, seed=SEED) for these in (rows, apart))
    assert trace_json(shares(first, rules)) == trace_json(shares(second, rules))


@examples(25)
@given(st.data(), shares_rules())
def test_a_whole_weight_counts_as_so_many_voters(data: st.DataObject, rules: CountingRules) -> None:
    plans = data.draw(plan_lists())
    rows = data.draw(row_lists(plans, plain=True))
    weighted = [row._replace(voters=1, weight=Fraction(row.voters)) for row in rows]
    first, second = (Election.from_rows(plans, these, budget_cents=100, seed=SEED) for these in (rows, weighted))
    second = replace(second, valid_ballots=first.valid_ballots)
    assert trace_json(shares(first, rules)) == trace_json(shares(second, rules))


@examples(25)
@given(elections(), shares_rules())
def test_increments_end_where_they_say(election: Election, rules: CountingRules) -> None:
    count = SharesCount(election, rules)
    market, budget = count.market(count.free_beside([])), election.budget_cents
    raises = schedule(market, count.shares, budget)
    found = spans(market, REFERENCE, raises, budget_cents=budget, stop=count.shares.stop)
    assert [span.first for span in found[1:]] == [span.last + 1 for span in found[:-1]]
    assert all(cost_of(market, span.bought) <= budget for span in found[:-1])
    for span in found:
        for run in (span.first, span.last):
            assert REFERENCE.bought(market, raises.endowment(run)) == span.bought
    told = list(endowments(market, raises, found))
    assert sum(one.steps for one in told) == found[-1].last + 1
    assert Counter(one.winners for one in told).keys() == {one.winners for one in told}


@examples(25)
@given(elections(), shares_rules())
def test_the_comparison_prefers_what_more_voters_prefer(election: Election, rules: CountingRules) -> None:
    outcome = shares(election, rules)
    if outcome.preference is not None:
        wins = outcome.preference.most_votes > outcome.preference.this
        assert (outcome.preference.chosen is Method.MOST_VOTES) is wins
