"""What holds for every method of counting, and the constraints that all of them share."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import Method, Score, Share, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.scores import plan_votes
from buurtbegroot.core.tally.trace import WINNING, Outcome, Verdict, trace_json
from tests.core.small_votes import constraints, elections, rules_of
from tests.examples import examples

pytestmark = pytest.mark.slow  # together they take seconds

SETTINGS = examples(12)
SHARES = st.none() | st.builds(Share, num=st.integers(1, 3), den=st.just(4))
METHODS = pytest.mark.parametrize("method", list(Method))


def funded_whole(outcome: Outcome) -> set[int]:
    return {one.plan for one in outcome.judgements if one.verdict in (Verdict.FUNDED, Verdict.TOPPED_UP)}


@METHODS
@SETTINGS
@given(data=st.data())
def test_money_and_constraints_hold(method: Method, data: st.DataObject) -> None:
    election, _ = data.draw(elections())
    ids = list(election.votes)
    rules = rules_of(method, **data.draw(constraints(ids)))
    outcome = count(election, rules)
    awarded = sum(one.awarded_cents for one in outcome.judgements)
    extra = sum(one.extra_cents for one in outcome.judgements)
    assert awarded - extra + outcome.left_cents == election.budget_cents
    assert outcome.left_cents >= 0
    assert sorted(one.plan for one in outcome.judgements) == ids
    assert [one.rank for one in outcome.judgements] == list(range(1, len(ids) + 1))
    assert all(one.awarded_cents == 0 for one in outcome.judgements if one.verdict not in WINNING)
    won = dict(outcome.funded)
    for grouping, caps in ((Grouping.THEME, rules.theme_caps), (Grouping.AREA, rules.area_caps)):
        for group, cap in caps.items():
            assert sum(won.get(plan.id, 0) for plan in election.plans if plan.group(grouping) == group) <= cap
    assert all(len(set(group) & won.keys()) <= 1 for group in rules.incompatible if len(set(group)) > 1)
    assert all(other in won for one, other in rules.requires if one in won)
    assert all(one.votes >= outcome.votes_needed for one in outcome.judgements if one.plan in won)
    trace_json(outcome)


@METHODS
@SETTINGS
@given(data=st.data())
def test_what_is_left_only_falls(method: Method, data: st.DataObject) -> None:
    election, _ = data.draw(elections())
    rules = rules_of(method, **data.draw(constraints(list(election.votes))))
    outcome = count(election, rules)
    for count_of_part in (*outcome.earlier, outcome):
        money = [Fraction(one.left_cents) for one in count_of_part.rounds]
        if method not in (Method.PHRAGMEN, Method.MAXIMIN_SUPPORT):  # there voters earn their money on the way
            assert money == sorted(money, reverse=True)
        assert min(money, default=0) >= 0
        for step in count_of_part.steps:
            paid = step.judgement.awarded_cents - step.judgement.extra_cents
            assert step.left_after_cents == step.left_before_cents - paid >= 0
    assert [one.number for one in outcome.rounds] == list(range(1, len(outcome.rounds) + 1))


@METHODS
@SETTINGS
@given(data=st.data())
def test_a_plan_nobody_chose_never_wins(method: Method, data: st.DataObject) -> None:
    election, _ = data.draw(elections())
    won = dict(count(election, rules_of(method)).funded)
    assert all(election.votes[plan] for plan in won)


@METHODS
@SETTINGS
@given(data=st.data(), shuffler=st.randoms(use_true_random=False))
def test_the_order_of_ballots_and_plans_changes_nothing(method: Method, data: st.DataObject, shuffler: Random) -> None:
    election, cast = data.draw(elections())
    rules = rules_of(method, ties=(TieKey.LOT,))
    plans = list(election.plans)
    single = [row._replace(voters=1) for row in cast for _ in range(row.voters)]
    shuffler.shuffle(plans)
    shuffler.shuffle(single)
    again = Election.from_rows(plans, single, budget_cents=election.budget_cents, seed=election.seed)
    assert trace_json(count(again, rules)) == trace_json(count(election, rules))


@METHODS
@SETTINGS
@given(data=st.data())
def test_a_weight_of_two_is_two_copies(method: Method, data: st.DataObject) -> None:
    election, cast = data.draw(elections())
    rules = rules_of(method, **data.draw(constraints(list(election.votes))), min_share=data.draw(SHARES))
    weighted = Election.from_rows(
        election.plans,
        [row._replace(voters=1, weight=Fraction(row.voters)) for row in cast],
        budget_cents=election.budget_cents,
        seed=election.seed,
    )
    assert count(weighted, rules).judgements == count(election, rules).judgements


@pytest.mark.parametrize("method", [one for one in Method if one is not Method.MAJORITY_JUDGMENT])
@SETTINGS
@given(data=st.data())
def test_halves_of_votes_fund_what_votes_do(method: Method, data: st.DataObject) -> None:
    election, cast = data.draw(elections())
    rules = rules_of(method, **data.draw(constraints(list(election.votes))), min_share=data.draw(SHARES))
    halves = [half for row in cast for half in [row._replace(weight=Fraction(1, 2))] * 2]
    weighted = Election.from_rows(election.plans, halves, budget_cents=election.budget_cents, seed=election.seed)
    one, other = count(weighted, rules), count(election, rules)
    assert (one.funded, one.vote_parts) == (other.funded, 2)


@METHODS
@SETTINGS
@given(data=st.data())
def test_with_money_for_all_every_chosen_plan_wins(method: Method, data: st.DataObject) -> None:
    election, _ = data.draw(elections())
    if method in (Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES):
        return  # the voters of a plan may own less than its cost
    rich = replace(election, budget_cents=1000)
    chosen = {plan for plan, votes in election.votes.items() if votes}
    assert dict(count(rich, rules_of(method, utility=Utility.COST)).funded).keys() == chosen


PLANS = [Plan(id=1, cost_cents=60, area="x"), Plan(id=2, cost_cents=50, area="y"), Plan(id=3, cost_cents=45, area="y")]
ROWS = [Row((1, 2), 5), Row((2, 3), 3), Row((1,), 4), Row((3,), 1)]
THREE = Election.from_rows(PLANS, ROWS, budget_cents=100, seed=b"s")


@METHODS
def test_a_guaranteed_minimum_is_divided_first(method: Method) -> None:
    outcome = count(THREE, rules_of(method, area_minimums={"y": 50}))
    (first,) = outcome.earlier
    assert (first.pot, first.budget_cents) == ("y", 50)
    assert len(first.funded) == 1
    assert {plan for plan, _ in first.funded} <= {2, 3} & dict(outcome.funded).keys()


def test_what_a_minimum_leaves_is_for_all() -> None:
    outcome = count(THREE, rules_of(Method.MOST_VOTES, area_minimums={"y": 49}))
    assert outcome.earlier[0].funded == ((3, 45),)
    assert outcome.funded == ((3, 45), (2, 50))
    assert outcome.left_cents == 5


def test_an_area_has_its_minimum_when_its_themes_won_it() -> None:
    plans = [replace(plan, theme="t") for plan in PLANS]
    election = Election.from_rows(plans, ROWS, budget_cents=100, seed=b"s")
    rules = rules_of(Method.MOST_VOTES, theme_minimums={"t": 60}, area_minimums={"x": 60})
    theme, area = count(election, rules).earlier
    assert (theme.funded, area.budget_cents) == (((1, 60),), 0)


def test_a_plan_that_needs_another_waits_for_it() -> None:
    rules = rules_of(Method.MOST_VOTES, requires=((1, 3),))
    outcome = count(THREE, rules)
    assert [step.judgement.plan for step in outcome.steps] == [1, 2, 3, 1]
    assert outcome.steps[0].judgement.verdict is Verdict.NEEDS_OTHER
    assert outcome.steps[0].judgement.rival == 3
    assert outcome.funded == ((2, 50), (3, 45))
    assert outcome.judgements[0].verdict is Verdict.DOES_NOT_FIT


def test_a_share_of_support_goes_with_a_share_of_the_cost() -> None:
    outcome = count(THREE, rules_of(Method.MOST_VOTES, support_per_cost=Share(num=4, den=3)))
    said = {one.plan: (one.verdict, one.votes_short) for one in outcome.judgements}
    # Plan 1 costs 60 of 100 and needs 4/3 x 0.6 x 13 = 10.4 votes; it has 9. Plan 3 needs 7.8 and has 4.
    assert said[1] == (Verdict.TOO_DEAR_FOR_SUPPORT, 2)
    assert said[3] == (Verdict.TOO_DEAR_FOR_SUPPORT, 4)
    assert said[2][0] is Verdict.TOO_DEAR_FOR_SUPPORT


@pytest.mark.parametrize(("left", "verdict"), [(40, Verdict.TOPPED_UP), (39, Verdict.DOES_NOT_FIT)])
def test_with_four_fifths_left_a_plan_is_topped_up(left: int, verdict: Verdict) -> None:
    election = replace(THREE, budget_cents=60 + left)
    outcome = count(election, rules_of(Method.MOST_VOTES, rest=RestRule.STOP, top_up_from=Share(num=4, den=5)))
    second = outcome.judgements[1]
    assert (second.plan, second.verdict) == (2, verdict)
    assert outcome.judgements[2].verdict is Verdict.AFTER_STOP
    if verdict is Verdict.TOPPED_UP:
        assert (second.awarded_cents, second.extra_cents, outcome.left_cents) == (50, 10, 0)


def test_votes_per_euro_go_by_exact_ratios_and_free_plans_first() -> None:
    plans = [Plan(id=1, cost_cents=10**15), Plan(id=2, cost_cents=10**15 - 1), Plan(id=3, cost_cents=0)]
    election = Election.from_totals(plans, {1: 3, 2: 3, 3: 1}, valid_ballots=3, budget_cents=10**15, seed=b"")
    outcome = count(election, rules_of(Method.VOTES_PER_EURO))
    assert [plan for plan, _ in outcome.funded] == [3, 2]


RANKED = Election.from_rows(
    [Plan(id=number, cost_cents=10) for number in (1, 2, 3, 4)],
    [Row((3, 1, 2), 2, (5, 3, 1)), Row((1,), 1, (2,))],
    budget_cents=20,
    seed=b"",
)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (CountingRules(), {1: 3, 2: 2, 3: 2, 4: 0}),
        (CountingRules(score=Score.POINTS), {1: 8, 2: 2, 3: 10, 4: 0}),
        (CountingRules(score=Score.POINTS, default_score=-1), {1: 8, 2: 1, 3: 9, 4: -3}),
        (CountingRules(score=Score.BORDA), {1: 7, 2: 2, 3: 6, 4: 0}),
        (CountingRules(score=Score.POSITIONS, positions=(3, 2)), {1: 7, 2: 0, 3: 6, 4: 0}),
    ],
    ids=["votes", "points", "default", "borda", "positions"],
)
def test_scores(rules: CountingRules, expected: dict[int, int]) -> None:
    assert plan_votes(RANKED, rules) == expected
    assert Counter({one.plan: one.votes for one in count(RANKED, rules).judgements}) == Counter(expected)


@pytest.mark.parametrize("method", [one for one in Method if one is not Method.MAJORITY_JUDGMENT])
@pytest.mark.parametrize("voters", [1, 7])
@pytest.mark.parametrize("cents", [1, 1200, 10**9 + 7])
def test_what_costs_the_whole_budget_to_the_cent_is_funded(method: Method, voters: int, cents: int) -> None:
    election = Election.from_ballots([Plan(id=1, cost_cents=cents)], {(1,): voters}, budget_cents=cents, seed=b"")
    assert count(election, rules_of(method)).funded == ((1, cents),)
