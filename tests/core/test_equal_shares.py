"""Equal shares by hand: start money, increments, tail, free plans, and the last word on every plan."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset, TieKey
from buurtbegroot.core.tally import count, count_pots, increments
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import Outcome, Verdict

ONCE = EqualShares(unit_cents=10, step_cents=None, tail=Tail.KEEP)
LISTED = (TieKey.LISTED_FIRST, TieKey.LOT)


def rules(shares: EqualShares = ONCE, **more: Any) -> CountingRules:
    return CountingRules(method=Method.EQUAL_SHARES, equal_shares=shares, **({"ties": LISTED} | more))


def election(costs: Mapping[int, int], *rows: Row, budget: int = 100, **groups: str) -> Election:
    plans = [Plan(id=one, cost_cents=cost, theme=groups.get(f"p{one}")) for one, cost in costs.items()]
    return Election.from_rows(plans, rows, budget_cents=budget, seed=b"seed")


def verdicts(outcome: Outcome) -> dict[int, Verdict]:
    return {one.plan: one.verdict for one in outcome.judgements}


# Two groups: three voters for plans 1 and 2, two for plan 3; 20 cents each.
COSTS = {1: 45, 2: 30, 3: 38}
GROUPS = (Row((1, 2), 3), Row((3,), 2))


def test_who_pays_what_is_told_round_by_round() -> None:
    outcome = count(election(COSTS, *GROUPS), rules())
    first, second = outcome.rounds
    # 15 of three voters for 45 is a third of the cost each; 19 of two for 38 is half.
    assert (first.plan, first.level, first.price, first.in_full, first.with_rest) == (1, Fraction(1, 3), 15, 3, 0)
    assert (first.left_cents, second.left_cents) == (55, 17)
    assert (second.plan, second.price, second.in_full) == (3, 19, 2)
    (missed,) = outcome.missed
    assert (missed.plan, missed.affordable_until, missed.level, missed.supporters_cents) == (2, 1, Fraction(1, 3), 15)
    assert [(one.plan, one.verdict, one.short_cents) for one in outcome.judgements] == [
        (1, Verdict.FUNDED, 0),
        (3, Verdict.FUNDED, 0),
        (2, Verdict.NOT_AFFORDABLE, 15),
    ]
    assert first.tie is not None
    assert (first.tie.plans, first.tie.decided_by) == ((1, 2), TieKey.LISTED_FIRST)


def test_whoever_runs_dry_pays_the_rest() -> None:
    rows = (Row((1, 2), 1), Row((1,), 1), Row((2,), 2))
    by_count = rules(replace(ONCE, utility=Utility.COUNT))
    last = count(election({1: 30, 2: 45}, *rows, budget=80), by_count).rounds[-1]
    assert (last.plan, last.price, last.in_full, last.with_rest, last.rest_cents) == (2, 20, 2, 1, 5)
    assert (last.level, last.left_cents, last.tie) == (20, 5, None)
    dearer = count(election({1: 30, 2: 46}, *rows, budget=80), by_count)
    assert [one.plan for one in dearer.rounds] == [1]


@pytest.mark.parametrize(
    ("start", "first", "second"),
    [(Start.SHARE, "100/7", "107/7"), (Start.WHOLE, "10", "11"), (Start.SHARE_THEN_WHOLE, "100/7", "11")],
)
def test_where_the_money_starts(start: Start, first: str, second: str) -> None:
    shares = replace(ONCE, start=start, step_cents=1, stop=Stop.OVERSPENT)
    raises = increments.Schedule(first=Fraction(first), base=Fraction(second) - 1, step=Fraction(1))
    outcome = count(election({1: 90, 2: 95}, Row((1,), 3), Row((2,), 4)), rules(shares))
    assert outcome.endowments[0].first == raises.endowment(0)
    assert (outcome.endowments[0].last - raises.endowment(1)).denominator == 1


def test_increments_end_before_the_first_that_overspends() -> None:
    shares = replace(ONCE, step_cents=1, stop=Stop.OVERSPENT)
    outcome = count(election({1: 60, 2: 60}, Row((1,), 3), Row((2,), 2), budget=100), rules(shares))
    # From 20 on 1 is bought; from 30 on also 2, which costs 20 too much.
    assert [(one.first, one.last, one.steps, one.spent_cents) for one in outcome.endowments] == [
        (20, 29, 10, 60),
        (30, 30, 1, 120),
    ]
    assert outcome.funded == ((1, 60),)
    assert outcome.left_cents == 40


def test_an_exhaustive_outcome_is_a_stop_for_who_wants_it() -> None:
    votes = election({1: 60, 2: 41, 3: 30}, Row((1,), 3), Row((2,), 1), Row((3,), 1), budget=100)
    early = count(votes, rules(replace(ONCE, step_cents=1, stop=Stop.EXHAUSTIVE)))
    late = count(votes, rules(replace(ONCE, step_cents=1, stop=Stop.OVERSPENT)))
    assert early.funded == late.funded == ((1, 60), (3, 30))
    assert (early.endowments[-1].last, late.endowments[-1].last) == (30, 41)


def test_a_share_of_the_first_money_can_be_the_step() -> None:
    shares = replace(ONCE, step_share=Share(num=1, den=10), stop=Stop.OVERSPENT)
    outcome = count(election({1: 24, 2: 90}, Row((1,), 1), Row((2,), 4), budget=100), rules(shares))
    assert [(one.first, one.steps) for one in outcome.endowments] == [(20, 2), (24, 1)]


def test_the_tail_gives_the_rest_to_the_most_votes() -> None:
    votes = election({1: 60, 2: 41, 3: 30, 4: 9}, Row((1,), 3), Row((2,), 2), Row((3, 4), 1), budget=100)
    outcome = count(votes, rules(replace(ONCE, tail=Tail.MOST_VOTES)))
    assert [one.plan for one in outcome.rounds] == [4]
    assert [(one.plan, one.rank, one.awarded_cents) for one in outcome.judgements] == [
        (4, 1, 9),
        (1, 2, 60),
        (3, 3, 30),
        (2, 4, 0),
    ]
    assert [(step.judgement.plan, step.judgement.rank, step.left_after_cents) for step in outcome.steps] == [
        (1, 2, 31),
        (2, 4, 31),
        (3, 3, 1),
    ]
    stopped = count(votes, rules(replace(ONCE, tail=Tail.MOST_VOTES), rest=RestRule.STOP))
    assert verdicts(stopped)[3] is Verdict.AFTER_STOP
    partly = count(votes, rules(replace(ONCE, tail=Tail.MOST_VOTES), rest=RestRule.PART))
    assert dict(partly.funded)[2] == 31


def test_free_plans_with_a_vote_are_funded_first_and_others_never() -> None:
    outcome = count(election({1: 50, 2: 0, 3: 0}, Row((1, 2), 2)), rules(min_votes=0))
    assert outcome.funded == ((2, 0), (1, 50))
    assert verdicts(outcome)[3] is Verdict.NOT_CHOSEN


def test_a_free_plan_can_wait_for_a_bought_one_and_rule_out_another() -> None:
    votes = election({1: 50, 2: 0, 3: 0, 4: 40}, Row((1, 2, 3, 4), 2))
    outcome = count(votes, rules(requires=((2, 1),), incompatible=((3, 4),)))
    assert [plan for plan, _ in outcome.funded] == [3, 1, 2]
    last = outcome.judgements[-1]
    assert (last.plan, last.verdict, last.rival) == (4, Verdict.INCOMPATIBLE, 3)


def test_what_keeps_a_plan_out_is_told() -> None:
    votes = election(
        {1: 40, 2: 40, 3: 40, 4: 10, 5: 200, 6: 5, 7: 5},
        *(Row((1, 2, 3, 5, 7), 4), Row((4,), 1)),
        p1="groen",
        p2="groen",
    )
    told: dict[str, Any] = {"theme_caps": {"groen": 50}, "min_votes": 2, "requires": ((7, 4),)}
    outcome = count(votes, rules(**told))
    found = {one.plan: one for one in outcome.judgements}
    assert found[1].verdict is Verdict.FUNDED
    assert (found[2].verdict, found[2].short_cents, found[2].grouping, found[2].group) == (
        Verdict.CAP_FULL,
        30,
        Grouping.THEME,
        "groen",
    )
    assert (found[4].verdict, found[4].votes_short) == (Verdict.BELOW_THRESHOLD, 1)
    assert (found[5].verdict, found[5].short_cents) == (Verdict.DOES_NOT_FIT, 180)
    assert (found[7].verdict, found[7].rival) == (Verdict.NEEDS_OTHER, 4)
    assert found[6].verdict is Verdict.BELOW_THRESHOLD


def test_a_plan_without_the_support_its_cost_asks_for_is_out() -> None:
    votes = election({1: 90, 2: 30}, Row((1,), 1), Row((2,), 9), budget=90)
    outcome = count(votes, rules(replace(ONCE, step_cents=1), support_per_cost=Share(num=1, den=3)))
    judgement = outcome.judgements[-1]
    assert (judgement.plan, judgement.verdict, judgement.votes_short) == (1, Verdict.TOO_DEAR_FOR_SUPPORT, 3)


def test_the_outcome_by_most_votes_replaces_one_that_fewer_prefer() -> None:
    # 3 of 5 voters share plans 1 and 2; most votes gives them both, equal shares 1 and the others' 3.
    votes = election({1: 50, 2: 50, 3: 40}, Row((1, 2), 3), Row((3,), 2))
    plain = count(votes, rules())
    assert [plan for plan, _ in plain.funded] == [1, 3]
    compared = count(votes, rules(replace(ONCE, compare=True)))
    assert compared.preference is not None
    assert (compared.preference.this, compared.preference.most_votes) == (2, 3)
    assert [plan for plan, _ in compared.funded] == [1, 2]
    assert compared.rounds == plain.rounds
    assert compared.method is Method.EQUAL_SHARES


@pytest.mark.parametrize(
    ("utility", "order"),
    [(Utility.COST, [2, 1]), (Utility.COUNT, [1, 2]), (Utility.POINTS, [1, 2]), (Utility.POINTS_COST, [2, 1])],
)
def test_utility_decides_the_order(utility: Utility, order: list[int]) -> None:
    votes = election({1: 10, 2: 20}, Row((1, 2), 2, (3, 3)), Row((2,), 1, (1,)), budget=90)
    outcome = count(votes, rules(replace(ONCE, utility=utility), score=Score.POINTS))
    assert [one.plan for one in outcome.rounds] == order


def test_payments_are_in_proportion_to_points() -> None:
    votes = election({1: 40}, Row((1,), 1, (3,)), Row((1,), 1, (1,)), budget=80)
    (only,) = count(votes, rules(replace(ONCE, utility=Utility.POINTS), score=Score.POINTS)).rounds
    assert (only.level, only.price, only.in_full, only.left_cents) == (10, 30, 2, 40)


def test_zero_points_pay_nothing() -> None:
    votes = election({1: 40, 2: 40}, Row((1, 2), 1, (3, 0)), Row((2,), 1, (0,)), budget=80)
    outcome = count(votes, rules(replace(ONCE, utility=Utility.POINTS), score=Score.POINTS, min_votes=0))
    assert [plan for plan, _ in outcome.funded] == [1]
    assert verdicts(outcome)[2] is Verdict.NOT_CHOSEN


def test_weights_weigh_money_and_votes() -> None:
    rows = (Row((1,), 3, weight=Fraction(1, 3)), Row((2,), 1, weight=Fraction(3)))
    outcome = count(election({1: 25, 2: 75}, *rows), rules())
    assert (outcome.vote_parts, outcome.votes_needed) == (3, 3)
    assert {one.plan: one.votes for one in outcome.judgements} == {1: 3, 2: 9}
    assert dict(outcome.funded) == {1: 25, 2: 75}
    assert outcome.rounds[-1].left_cents == 0


def test_blank_ballots_get_no_money() -> None:
    outcome = count(election({1: 100}, Row((1,), 2), Row((), 8)), rules())
    assert outcome.valid_ballots == 10
    assert outcome.endowments[0].first == 50
    assert outcome.funded == ((1, 100),)


def test_voters_may_start_with_money_of_their_own() -> None:
    rows = (Row((1,), 2, start=Fraction(40)), Row((2,), 1, start=Fraction(5)), Row((2,), 1))
    votes = election({1: 80, 2: 20}, *rows, budget=120)
    outcome = count(votes, rules())
    # The last voter, for whom nothing is said, has a quarter of the budget.
    assert [(one.plan, one.left_cents) for one in outcome.rounds] == [(1, 35), (2, 15)]
    with pytest.raises(ValueError, match="more money than the budget"):
        count(replace(votes, budget_cents=100), rules())


def test_start_money_goes_with_one_pot() -> None:
    pots = (Pot(id="a", name="A", cents=50), Pot(id="b", name="B", cents=50))
    ruleset = Ruleset(pots=pots, pots_by=Grouping.THEME, counting=rules())
    with pytest.raises(ValueError, match="one pot"):
        count_pots(election({1: 10}, Row((1,), 1, start=Fraction(10)), p1="a"), ruleset)


def test_each_pot_divides_its_own_money_over_its_own_voters() -> None:
    pots = (Pot(id="a", name="A", cents=60), Pot(id="b", name="B", cents=40))
    ruleset = Ruleset(pots=pots, pots_by=Grouping.THEME, counting=rules())
    votes = election({1: 60, 2: 40}, Row((1,), 3), Row((2, 1), 1), p1="a", p2="b")
    first, second = count_pots(votes, ruleset)
    assert (first.endowments[0].first, second.endowments[0].first) == (15, 40)
    assert (first.funded, second.funded) == (((1, 60),), ((2, 40),))


def test_totals_alone_are_not_enough() -> None:
    votes = Election.from_totals([Plan(id=1, cost_cents=1)], {1: 1}, valid_ballots=1, budget_cents=1, seed=b"")
    with pytest.raises(ValueError, match="ballots"):
        count(votes, rules())


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("rows", [(), (Row(()),)], ids=["nobody", "blank"])
def test_without_votes_nothing_is_bought(preset: str, rows: tuple[Row, ...]) -> None:
    for costs in ({}, {1: 10}):
        outcome = count(election(costs, *rows), PRESETS[preset])
        assert (outcome.funded, outcome.left_cents, outcome.rounds) == ((), 100, ())


@pytest.mark.parametrize("preset", PRESETS)
def test_without_money_nothing_is_bought(preset: str) -> None:
    outcome = count(election({1: 10}, Row((1,), 3), budget=0), PRESETS[preset])
    assert (outcome.funded, outcome.left_cents) == ((), 0)


def test_absurd_steps_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(increments, "RUNS_MAX", 3)
    shares = replace(ONCE, step_cents=1, stop=Stop.OVERSPENT)
    rows = tuple(Row((one,), one) for one in range(1, 9))
    votes = election(dict.fromkeys(range(1, 9), 99), *rows, budget=100)
    with pytest.raises(ValueError, match="larger steps"):
        count(votes, rules(shares))
