"""Probes against brute force: what they say is enough is enough, one step less is not, and nothing is missed."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Score
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally import COUNTS, count
from buurtbegroot.core.tally.constraints import WHOLE
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.probes import UNIT_CENTS, cheaper, counted, probes, with_ballots
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import WINNING
from tests.core.small_votes import full_elections

SEED = bytes(32)
PLENTY = 10_000

elections = full_elections(4, most_choices=3, most_voters=3, most_ballots=6, most_budget=25)


def wins(election: Election, rules: CountingRules, plan: int) -> bool:
    return any(one.plan == plan and one.verdict in WHOLE for one in count(election, rules).judgements)


@pytest.mark.parametrize("method", sorted(COUNTS))
@given(election=elections)
@settings(max_examples=25, deadline=None)
def test_what_is_enough_is_enough_and_one_less_is_not(method: Method, election: Election) -> None:
    rules = CountingRules(method=method)
    outcome = count(election, rules)
    found = probes(election, rules, outcome, recounts=PLENTY)
    assert found.keys() == {one.plan for one in outcome.judgements if one.verdict not in WINNING}
    for plan, probe in found.items():
        if probe.cheaper_by_cents is not None:
            assert wins(cheaper(election, plan, probe.cheaper_by_cents), rules, plan)
            assert not wins(cheaper(election, plan, probe.cheaper_by_cents - UNIT_CENTS), rules, plan)
        if probe.more_votes is not None:
            assert wins(with_ballots(election, plan, probe.more_votes), rules, plan)
            assert not wins(with_ballots(election, plan, probe.more_votes - 1), rules, plan)


@given(election=elections, rest=st.sampled_from(RestRule))
@settings(max_examples=40, deadline=None)
def test_by_most_votes_it_is_the_least(election: Election, rest: RestRule) -> None:
    """Here more votes never harm, so the least number is the only one."""
    rules = CountingRules(rest=rest, min_votes=2)
    for plan, probe in probes(election, rules, count(election, rules), recounts=PLENTY).items():
        tries = range(1, election.valid_ballots + 1)
        enough = (more for more in tries if wins(with_ballots(election, plan, more), rules, plan))
        assert probe.more_votes == next(enough, None)


@given(election=elections)
@settings(max_examples=40, deadline=None)
def test_counting_for_the_verdicts_alone_gives_the_same_winners(election: Election) -> None:
    rules = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=100))
    assert counted(election, rules).funded == count(election, rules).funded


def test_work_is_bounded_and_the_best_placed_come_first() -> None:
    plans = [Plan(id=place, cost_cents=50_000 + place * 1000) for place in range(1, 9)]
    found = {(place,): 20 - place for place in range(1, 9)}
    election = Election.from_ballots(plans, found, budget_cents=100_000, seed=SEED)
    rules = CountingRules()
    outcome = count(election, rules)
    some = probes(election, rules, outcome, recounts=40)
    losers = [one.plan for one in outcome.judgements if one.verdict not in WINNING]
    assert 0 < len(some) < len(losers)
    assert list(some) == losers[: len(some)]
    assert not probes(election, rules, outcome, recounts=0)


def test_new_ballots_have_weight_and_points() -> None:
    plans = [Plan(id=1, cost_cents=900), Plan(id=2, cost_cents=900)]
    rows = [Row((1, 2), points=(9, 2), weight=Fraction(1, 2)), Row((1,), points=(5,), voters=2)]
    election = with_ballots(Election.from_rows(plans, rows, budget_cents=1000, seed=SEED), 2, 3)
    assert election.profile is not None
    assert election.profile.parts == 2
    assert election.votes[2] == 1 + 3 * 2
    assert election.profile.totals() == [5, 7]
    rules = CountingRules(score=Score.POINTS)
    assert {one.plan: one.votes for one in count(election, rules).judgements} == {1: 9 + 2 * 2 * 5, 2: 2 + 3 * 2 * 9}


def test_asks_no_votes_of_voters_who_bring_their_own_money() -> None:
    plans = [Plan(id=1, cost_cents=900), Plan(id=2, cost_cents=900)]
    rows = [Row((1, 2), voters=2, start=Fraction(400)), Row((2,), start=Fraction(100))]
    election = Election.from_rows(plans, rows, budget_cents=1000, seed=SEED)
    rules = replace(CountingRules(), method=Method.EQUAL_SHARES)
    found = probes(election, rules, count(election, rules), recounts=PLENTY)
    assert [probe.more_votes for probe in found.values()] == [None]
