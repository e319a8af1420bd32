"""Who paid what, against a plain replay of the rounds; and groups too small to show."""

from collections import Counter
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Tail, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.payments import (
    SMALLEST_GROUP,
    Flow,
    Group,
    last_endowment,
    money_flow,
)
from buurtbegroot.core.tally.trace import Outcome
from tests.core.small_votes import full_elections
from tests.examples import examples

SEED = bytes(32)
elections = full_elections(5, most_choices=4, most_voters=40, most_ballots=8, most_budget=40)
shares = st.builds(
    CountingRules,
    method=st.just(Method.EQUAL_SHARES),
    equal_shares=st.builds(
        EqualShares,
        utility=st.sampled_from([Utility.COST, Utility.COUNT]),
        step_cents=st.sampled_from([None, 7, 100]),
        tail=st.sampled_from(Tail),
    ),
)


def winners_on(choices: tuple[int, ...], outcome: Outcome) -> int:
    return len({plan for plan, _ in outcome.funded} & set(choices))


def replayed(election: Election, rules: CountingRules, outcome: Outcome, flow: Flow) -> dict[int, list[Fraction]]:
    """What each group pays for each plan bought, voter by voter."""
    assert rules.equal_shares is not None
    costs = {plan.id: plan.cost_cents for plan in election.plans}
    money = dict.fromkeys(election.ballots, last_endowment(outcome))
    found: dict[int, list[Fraction]] = {}
    for one in outcome.rounds:
        paid = [Fraction(0)] * len(flow.groups)
        worth = costs[one.plan] if rules.equal_shares.utility is Utility.COST else 1
        for choices, voters in election.ballots.items():
            if one.plan in choices:
                price = min(money[choices], one.level * worth)
                money[choices] -= price
                hits = winners_on(choices, outcome)
                group = next(place for place, each in enumerate(flow.groups) if each.least <= hits <= each.most)
                paid[group] += price * voters
        found[one.plan] = paid
    return found


@given(election=elections, rules=shares)
@examples(25)
def test_real_payments_are_those_of_the_rounds(election: Election, rules: CountingRules) -> None:
    outcome = count(election, rules)
    flow = money_flow(election, rules, outcome)
    if flow is None:
        assert not outcome.funded or election.valid_ballots < SMALLEST_GROUP
        return
    assert flow.is_real
    expected = replayed(election, rules, outcome, flow)
    for one in flow.plans:
        awarded = dict(outcome.funded)[one.plan]
        assert sum(one.cents) + one.leftover_cents == awarded
        if one.plan in expected:
            assert one.leftover_cents == 0
            assert all(abs(cents - exact) < 1 for cents, exact in zip(one.cents, expected[one.plan], strict=True))
        else:
            assert one.leftover_cents == awarded


HALVES = {(1,): 9, (2,): 1, (1, 2): 26, (1, 2, 3): 12, (1, 2, 3, 4): 1}
"""Groups of which the running totals are half cents, first to an odd and then to an even whole one."""


@given(election=elections)
@example(
    Election.from_ballots([Plan(id=plan, cost_cents=100) for plan in range(1, 6)], HALVES, budget_cents=400, seed=SEED)
)
@examples(25)
def test_other_counts_divide_the_money_over_the_votes(election: Election) -> None:
    rules = CountingRules()
    outcome = count(election, rules)
    flow = money_flow(election, rules, outcome)
    if flow is None:
        return
    assert not flow.is_real
    for one in flow.plans:
        assert sum(one.cents) + one.leftover_cents == dict(outcome.funded)[one.plan]
        votes = Counter[int]()
        for choices, voters in election.ballots.items():
            hits = winners_on(choices, outcome)
            place = next(place for place, each in enumerate(flow.groups) if each.least <= hits <= each.most)
            votes[place] += voters * (one.plan in choices)
        total = votes.total()
        for place, cents in enumerate(one.cents):
            assert not total or abs(cents - Fraction(dict(outcome.funded)[one.plan] * votes[place], total)) < 1


@given(election=elections)
@examples(25)
def test_groups_are_whole_and_never_small(election: Election) -> None:
    outcome = count(election, CountingRules())
    flow = money_flow(election, CountingRules(), outcome)
    if flow is None:
        return
    assert sum(one.voters for one in flow.groups) == election.valid_ballots
    assert all(one.voters >= SMALLEST_GROUP and one.least <= one.most for one in flow.groups)
    assert all(one.most < other.least for one, other in zip(flow.groups, flow.groups[1:], strict=False))


def test_a_few_voters_are_no_group() -> None:
    plans = [Plan(id=1, cost_cents=500), Plan(id=2, cost_cents=400)]
    few = Election.from_ballots(plans, {(1,): SMALLEST_GROUP - 1}, budget_cents=900, seed=SEED)
    assert money_flow(few, CountingRules(), count(few, CountingRules())) is None
    more = Election.from_ballots(plans, {(1,): 9, (1, 2): 11}, budget_cents=900, seed=SEED)
    flow = money_flow(more, CountingRules(), count(more, CountingRules()))
    assert flow is not None
    assert flow.groups == (Group(least=1, most=2, voters=20),)


def test_totals_alone_have_no_flow() -> None:
    election = Election.from_totals(
        [Plan(id=1, cost_cents=500)], {1: 30}, valid_ballots=30, budget_cents=900, seed=SEED
    )
    assert money_flow(election, CountingRules(), count(election, CountingRules())) is None
