"""What is kept to explain an outcome: for every plan, readable again, and true to the trace."""

import json
from fractions import Fraction
from itertools import combinations

import pytest

from buurtbegroot.core.methods import EqualShares, Method, Tail
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import CountingRules, Pot, Ruleset
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.probes import Change, Probe
from buurtbegroot.core.tally.trace import WINNING, Outcome, Verdict
from buurtbegroot.tally.domain.explaining import (
    FLOWS,
    LOOKS,
    RECOUNTS_AT_LEAST,
    Prober,
    Why,
    flows,
    flows_from,
    probe_from,
    reasons,
    recounts_for,
    why_from,
)

COSTS = {1: 60_000, 2: 50_000, 3: 40_000, 4: 10_000}
BALLOTS = {(1,): 30, (2,): 20, (2, 3): 12, (3,): 9, (1, 4): 8, (4,): 3}
SHARES = EqualShares(step_cents=100, tail=Tail.KEEP)


def held(counting: CountingRules, *, pots_by: Grouping | None = None) -> tuple[Election, Ruleset, tuple[Outcome, ...]]:
    pots = (Pot(id="Groen", name="Groen", cents=70_000), Pot(id="Samen", name="Samen", cents=50_000))
    rules = Ruleset(
        pots=pots if pots_by else (Pot(id="all", name="Alles", cents=100_000),), pots_by=pots_by, counting=counting
    )
    plans = [Plan(id=plan, cost_cents=cost, theme="Groen" if plan % 2 else "Samen") for plan, cost in COSTS.items()]
    election = Election.from_ballots(plans, BALLOTS, budget_cents=rules.budget_cents, seed=bytes(32))
    return election, rules, count_pots(election, rules)


def whys(counting: CountingRules, *, pots_by: Grouping | None = None) -> dict[int, Why]:
    """What is stored, as it is read back."""
    found = reasons(*held(counting, pots_by=pots_by))
    return {plan: why_from(json.loads(json.dumps(to_plain(one)))) for plan, one in found.items()}


def probed(counting: CountingRules) -> dict[int, Probe]:
    """What is stored of the losers, the last first, as it is read back."""
    election, rules, outcomes = held(counting)
    prober = Prober(election, rules, outcomes)
    losers = [one.plan for one in outcomes[0].judgements if one.verdict not in WINNING]
    return {plan: probe_from(json.loads(json.dumps(to_plain(prober.probe(plan))))) for plan in reversed(losers)}


@pytest.mark.parametrize("method", sorted(Method))
def test_every_plan_that_lost_has_its_probe_whichever_is_asked_first(method: Method) -> None:
    counting = CountingRules(method=method)
    election, rules, outcomes = held(counting)
    for plan, found in probed(counting).items():
        assert Prober(election, rules, outcomes).probe(plan) == found


@pytest.mark.parametrize("method", sorted(Method))
def test_every_plan_has_its_reason_by_every_method(method: Method) -> None:
    counting = CountingRules(method=method)
    _, _, outcomes = held(counting)
    found = whys(counting)
    assert found.keys() == COSTS.keys()
    assert {plan: one.judgement for plan, one in found.items()} == {one.plan: one for one in outcomes[0].judgements}
    assert {one.plans for one in found.values()} == {4}


def test_in_line_it_says_what_was_left_and_what_would_do() -> None:
    found = whys(CountingRules())
    assert found[1].left_cents == 100_000
    assert found[2].judgement.verdict is Verdict.DOES_NOT_FIT
    assert found[2].left_cents == 40_000
    assert found[2].support is None
    assert found[2].rounds == 0
    assert probed(CountingRules())[2] == Probe(
        cheaper=Change(too_little=9_900, enough=10_000), more_votes=Change(too_little=5, enough=6)
    )


def test_by_equal_shares_it_says_the_round_the_price_and_the_support() -> None:
    election, rules, outcomes = held(CountingRules(method=Method.EQUAL_SHARES, equal_shares=SHARES))
    found = whys(rules.counting)
    for one in outcomes[0].rounds:
        assert (found[one.plan].bought_in, found[one.plan].price) == (one.number, one.price)
    for lost in outcomes[0].missed:
        assert found[lost.plan].missed == lost
        assert found[lost.plan].support is not None
    assert {one.rounds for one in found.values()} == {len(outcomes[0].rounds)}
    assert election.valid_ballots == 82


def test_an_outcome_that_was_replaced_is_told_as_by_most_votes() -> None:
    """Two voters on a cheap plan outweigh nobody: the comparison takes the dear plan that most want."""
    plans = [Plan(id=1, cost_cents=100), Plan(id=2, cost_cents=1000)]
    counting = CountingRules(
        method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=None, tail=Tail.KEEP, compare=True)
    )
    rules = Ruleset(pots=(Pot(id="all", name="Alles", cents=1000),), counting=counting)
    election = Election.from_ballots(plans, {(1,): 1, (2,): 9}, budget_cents=1000, seed=bytes(32))
    outcomes = count_pots(election, rules)
    why = reasons(election, rules, outcomes)[2]
    assert outcomes[0].preference is not None
    assert outcomes[0].preference.chosen is Method.MOST_VOTES
    assert (why.method, why.bought_in, why.left_cents) == (Method.MOST_VOTES, None, 1000)


def test_pots_are_explained_apart() -> None:
    found = whys(CountingRules(), pots_by=Grouping.THEME)
    assert found.keys() == COSTS.keys()
    assert {one.plans for one in found.values()} == {2}
    stored = {FLOWS: to_plain(flows(*held(CountingRules(), pots_by=Grouping.THEME)))}
    assert flows_from(stored).keys() == {"Groen", "Samen"}


def test_older_counts_have_no_flows() -> None:
    assert flows_from({"codes": 3}) == {}


def test_recounts_are_fewer_for_larger_votes_and_slower_methods() -> None:
    small, _, _ = held(CountingRules())
    plans = [Plan(id=plan, cost_cents=cost) for plan, cost in COSTS.items()]
    choices = {ballot: 5 for size in range(1, 5) for ballot in combinations(COSTS, size)}
    large = Election.from_ballots(plans, choices, budget_cents=100_000, seed=bytes(32))
    assert LOOKS.keys() == set(Method)
    for method in (Method.MOST_VOTES, Method.EQUAL_SHARES, Method.BOS):
        assert recounts_for(small, method) > recounts_for(large, method) > 0
    assert recounts_for(large, Method.MAXIMIN_SUPPORT) >= RECOUNTS_AT_LEAST
    looks = [recounts_for(small, method) for method in (Method.MOST_VOTES, Method.EQUAL_SHARES, Method.BOS)]
    assert looks == sorted(looks, reverse=True)
    assert Fraction(looks[0], looks[1]) > 5
