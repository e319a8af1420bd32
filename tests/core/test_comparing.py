"""Other rules on the same votes: each as counted on its own, measured against ballots one by one, within bounds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import Method, Share
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, Pot, RestRule, Ruleset
from buurtbegroot.core.tally import comparing, count_pots
from buurtbegroot.core.tally.comparing import (
    EURO_BY_EURO,
    RuleName,
    compared,
    group_cents,
    rules_beside,
    sums_of,
    work_of,
)
from buurtbegroot.core.tally.election import Election
from tests.examples import examples

PLANS = tuple(
    Plan(id=number, cost_cents=cost, theme="Groen" if number % 2 else "Samen")
    for number, cost in enumerate((60_000, 50_000, 40_000, 10_000), start=1)
)
BALLOTS = {(1,): 3, (2,): 4, (3,): 1, (3, 4): 2, (1, 4): 1, (): 1}


def rules(**counting: object) -> Ruleset:
    return Ruleset(pots=(Pot(id="alles", name="Alles", cents=100_000),), counting=CountingRules(**counting))  # type: ignore[arg-type]


def election(ballots: dict[tuple[int, ...], int]) -> Election:
    return Election.from_ballots(PLANS, ballots, budget_cents=100_000, seed=b"lot")


def test_the_rules_of_the_round_come_first_and_are_not_told_twice() -> None:
    assert next(iter(rules_beside(CountingRules(rest=RestRule.STOP)))) is RuleName.STOP
    assert RuleName.OWN not in rules_beside(CountingRules(rest=RestRule.STOP))
    own = CountingRules(method=Method.EQUAL_SHARES, equal_shares=replace(EURO_BY_EURO, step_cents=1))
    beside = rules_beside(own)
    assert next(iter(beside.items())) == (RuleName.OWN, own)
    assert beside.keys() == set(RuleName)


def test_thresholds_and_caps_of_the_round_hold_for_every_rule() -> None:
    found = compared(election(BALLOTS), rules(min_votes=3, theme_caps={"Samen": 50_000}, incompatible=((1, 3),)))
    assert found.what_if.keys() == set(RuleName) - {RuleName.OWN}
    for what_if in found.what_if.values():
        assert not {"1", "3"} <= what_if.funded.keys()
        groups = group_cents(what_if.funded, {plan.id: plan.theme or "" for plan in PLANS})
        assert groups["Samen"] <= 50_000
        assert groups.total() == what_if.spent_cents == 100_000 - what_if.left_cents


@examples(20)
@given(
    ballots=st.dictionaries(
        st.sets(st.integers(1, 4), min_size=1).map(lambda chosen: tuple(sorted(chosen))),
        st.integers(1, 20),
        min_size=1,
        max_size=8,
    )
)
def test_each_rule_is_counted_and_measured_as_on_its_own(ballots: dict[tuple[int, ...], int]) -> None:
    box, ruleset = election(ballots), rules()
    real = {plan for outcome in count_pots(box, ruleset) for plan, _ in outcome.funded}
    found = compared(box, ruleset)
    for name, counting in rules_beside(ruleset.counting).items():
        what_if = found.what_if[name]
        alone = count_pots(box, replace(ruleset, counting=counting))
        winners = {plan: cents for outcome in alone for plan, cents in outcome.funded}
        assert {int(plan): cents for plan, cents in what_if.funded.items()} == winners
        hits = {choices: len(winners.keys() & set(choices)) for choices in ballots}
        assert what_if.sums is not None
        assert what_if.sums.voters_with_winner == sum(n for choices, n in ballots.items() if hits[choices])
        assert what_if.sums.winners_on_ballots == sum(n * hits[choices] for choices, n in ballots.items())
        assert what_if.more_for == sum(n for one, n in ballots.items() if hits[one] > len(real & set(one)))
        assert what_if.fewer_for == sum(n for one, n in ballots.items() if hits[one] < len(real & set(one)))
    assert sums_of(box, count_pots(box, ruleset)) == found.what_if[RuleName.SKIP].sums


def test_totals_alone_do_for_some_rules() -> None:
    totals = Election.from_totals(PLANS, {1: 4, 2: 4}, valid_ballots=9, budget_cents=100_000, seed=b"lot")
    found = compared(totals, rules())
    by_totals = {RuleName.SKIP, RuleName.STOP, RuleName.PART, RuleName.VOTES_PER_EURO, RuleName.WELFARE}
    assert found.what_if.keys() == by_totals
    assert found.too_long == ()
    assert all(what_if.sums is None for what_if in found.what_if.values())


def test_what_takes_too_long_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_WORK", {Method.PHRAGMEN: 3})
    found = compared(election(BALLOTS), rules())
    assert found.too_long == ("phragmen",)
    assert "phragmen" not in found.what_if
    own = rules(method=Method.PHRAGMEN)
    assert compared(election(BALLOTS), own) == comparing.Comparison({}, ("phragmen",))
    counted = compared(election(BALLOTS), own, real=count_pots(election(BALLOTS), own))
    assert next(iter(counted.what_if)) == "phragmen", "what was counted already takes no time"


def test_small_raises_are_more_work() -> None:
    box = election(BALLOTS)
    works = [
        work_of(box, CountingRules(method=Method.EQUAL_SHARES, equal_shares=shares))
        for shares in (
            replace(EURO_BY_EURO, step_cents=None),
            EURO_BY_EURO,
            replace(EURO_BY_EURO, step_share=Share(num=1, den=1000)),
            replace(EURO_BY_EURO, step_cents=1),
        )
    ]
    assert works == sorted(set(works))


def test_only_rules_asked_for_are_counted() -> None:
    found = compared(election(BALLOTS), rules(), names=[RuleName.EQUAL_SHARES])
    assert list(found.what_if) == ["skip", "equal_shares"]
