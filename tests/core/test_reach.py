"""How far plans came: against the trace, against recounts of a single run, and where it can be told by hand."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.constraints import WHOLE
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.payments import Payments, has_payments
from buurtbegroot.core.tally.probes import cheaper
from buurtbegroot.core.tally.reach import reach
from tests.core.small_votes import full_elections
from tests.examples import examples

SEED = bytes(32)
elections = full_elections(5, most_choices=4, most_voters=40, most_ballots=8, most_budget=40)
rules_of_one_run = st.builds(
    CountingRules,
    method=st.just(Method.EQUAL_SHARES),
    equal_shares=st.builds(
        EqualShares, utility=st.sampled_from(Utility), step_cents=st.none(), tail=st.just(Tail.KEEP)
    ),
)


def wins(election: Election, rules: CountingRules, plan: int) -> bool:
    return any(one.plan == plan and one.verdict in WHOLE for one in count(election, rules).judgements)


@given(election=elections, rules=rules_of_one_run)
@examples(25)
def test_support_is_what_voters_could_have_paid(election: Election, rules: CountingRules) -> None:
    outcome = count(election, rules)
    costs = {plan.id: plan.cost_cents for plan in election.plans}
    found = reach(Payments(election, rules, outcome), [one.plan for one in outcome.missed])
    for one in outcome.missed:
        assert 0 <= found[one.plan].support <= 99
        assert found[one.plan].support >= min(99, int(100 * one.supporters_cents / costs[one.plan]))


@given(election=elections, rules=rules_of_one_run)
@examples(40)
def test_in_a_count_of_one_run_a_plan_is_short_of_just_that(election: Election, rules: CountingRules) -> None:
    """But for a cent that rounding takes, and for ties, which are not foreseen."""
    outcome = count(election, rules)
    costs = {plan.id: plan.cost_cents for plan in election.plans}
    found = reach(Payments(election, rules, outcome), [one.plan for one in outcome.missed])
    for plan, reached in found.items():
        if reached.short_cents + 1 < costs[plan]:
            assert wins(cheaper(election, plan, reached.short_cents + 1), rules, plan)
        nearly = cheaper(election, plan, max(0, reached.short_cents - 2))
        tied = any(one.plan == plan and one.tie for one in count(nearly, rules).rounds)
        assert tied or not wins(nearly, rules, plan)


def test_it_looks_at_every_round() -> None:
    """Half of the voters of the first plan want a second, and have less left for it than they had at first."""
    plans = [Plan(id=1, cost_cents=1500), Plan(id=2, cost_cents=1500)]
    election = Election.from_ballots(plans, {(1, 2): 10, (1,): 10}, budget_cents=2000, seed=SEED)
    rules = CountingRules(
        method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=None, tail=Tail.KEEP, utility=Utility.COUNT)
    )
    outcome = count(election, rules)
    assert [one.plan for one in outcome.rounds] == [1]
    # In round 1 each of ten voters would have paid 75 cents, half of 1500; in the end they have 25 cents each. Of those
    # who may come ten would have to pay 75 cents.
    found = reach(Payments(election, rules, outcome), [2])[2]
    assert (found.support, found.short_cents, found.votes_short) == (50, 750, 10)
    assert has_payments(outcome)
    by_cost = replace(rules, equal_shares=EqualShares(step_cents=None, tail=Tail.KEEP, utility=Utility.COST))
    outcome = count(election, by_cost)
    # There a cheaper plan is worth less, and must be as cheap per voter: only the 250 cents of the end would do.
    assert reach(Payments(election, by_cost, outcome), [2])[2].short_cents == 1250
