"""Probes against brute force: what they say is enough is enough, one step less is not, and nothing is missed."""

from dataclasses import replace
from fractions import Fraction
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.methods import EqualShares, Method, Score
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally import COUNTS, count
from buurtbegroot.core.tally import probes as tally_probes
from buurtbegroot.core.tally.constraints import WHOLE
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.probes import (
    UNIT_CENTS,
    Change,
    Guess,
    Probe,
    cheaper,
    counted,
    guess_from,
    probe,
    with_ballots,
)
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import WINNING, Outcome
from tests.core.small_votes import full_elections
from tests.examples import examples

SEED = bytes(32)
PLENTY = 40

elections = full_elections(4, most_choices=3, most_voters=3, most_ballots=6, most_budget=25)


def wins(election: Election, rules: CountingRules, plan: int) -> bool:
    return any(one.plan == plan and one.verdict in WHOLE for one in count(election, rules).judgements)


def probes(election: Election, rules: CountingRules, outcome: Outcome) -> dict[int, Probe]:
    losers = [one for one in outcome.judgements if one.verdict not in WINNING]
    guesses = {one.plan: guess_from(election, one) for one in losers}
    return {plan: probe(election, rules, plan, guess=one, recounts=PLENTY) for plan, one in guesses.items()}


@pytest.mark.parametrize("method", sorted(COUNTS))
@given(election=elections)
@examples(10)
def test_what_is_enough_is_enough_and_one_less_is_not(method: Method, election: Election) -> None:
    rules = CountingRules(method=method)
    outcome = count(election, rules)
    for plan, found in probes(election, rules, outcome).items():
        euros = max(0, next(one.cost_cents for one in election.plans if one.id == plan) - 1) // UNIT_CENTS
        assert not wins(cheaper(election, plan, found.cheaper.too_little), rules, plan)
        if found.cheaper.enough is not None:
            assert found.cheaper.enough - found.cheaper.too_little == UNIT_CENTS
            assert wins(cheaper(election, plan, found.cheaper.enough), rules, plan)
        else:
            assert found.cheaper.too_little == euros * UNIT_CENTS
        assert not wins(with_ballots(election, plan, found.more_votes.too_little), rules, plan)
        if found.more_votes.enough is not None:
            assert found.more_votes.enough - found.more_votes.too_little == 1
            assert wins(with_ballots(election, plan, found.more_votes.enough), rules, plan)
        else:
            assert found.more_votes.too_little == election.valid_ballots


@given(election=elections, rest=st.sampled_from(RestRule))
@examples(20)
def test_by_most_votes_it_is_the_least(election: Election, rest: RestRule) -> None:
    """Here more votes never harm, so the least number is the only one."""
    rules = CountingRules(rest=rest, min_votes=2)
    for plan, found in probes(election, rules, count(election, rules)).items():
        tries = range(1, election.valid_ballots + 1)
        enough = (more for more in tries if wins(with_ballots(election, plan, more), rules, plan))
        assert found.more_votes.enough == next(enough, None)


@given(election=elections)
@examples(20)
def test_counting_for_the_verdicts_alone_gives_the_same_winners(election: Election) -> None:
    rules = CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=100))
    assert counted(election, rules).funded == count(election, rules).funded


@given(election=elections, guess=st.builds(Guess, st.integers(0, 3000), st.integers(0, 20)), recounts=st.integers(0, 4))
@examples(25)
def test_a_search_that_ends_early_says_what_it_found(election: Election, guess: Guess, recounts: int) -> None:
    rules = CountingRules()
    for one in count(election, rules).judgements:
        if one.verdict in WINNING:
            continue
        found = probe(election, rules, one.plan, guess=guess, recounts=recounts)
        assert not wins(cheaper(election, one.plan, found.cheaper.too_little), rules, one.plan)
        assert not wins(with_ballots(election, one.plan, found.more_votes.too_little), rules, one.plan)
        for change in (found.cheaper, found.more_votes):
            assert change.enough is None or change.too_little < change.enough
        if found.cheaper.enough is not None:
            assert wins(cheaper(election, one.plan, found.cheaper.enough), rules, one.plan)
        if found.more_votes.enough is not None:
            assert wins(with_ballots(election, one.plan, found.more_votes.enough), rules, one.plan)


def test_a_search_looks_no_more_often_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = [Plan(id=1, cost_cents=90_000), Plan(id=2, cost_cents=50_000)]
    election = Election.from_ballots(plans, {(1,): 900, (2,): 100}, budget_cents=100_000, seed=SEED)
    looks = Mock(wraps=count)
    monkeypatch.setattr(tally_probes, "counted", looks)
    assert probe(election, CountingRules(), 2, guess=Guess(0, 0), recounts=3) == Probe(
        cheaper=Change(too_little=1_000), more_votes=Change(too_little=10)
    )
    assert looks.call_count == 6
    found = probe(election, CountingRules(), 2, guess=Guess(40_000, 801), recounts=2)
    assert found.cheaper == Change(too_little=39_900, enough=40_000)


def test_a_recount_that_is_too_hard_ends_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: object) -> Outcome:
        raise TooHardError

    plans = [Plan(id=1, cost_cents=90_000), Plan(id=2, cost_cents=50_000)]
    election = Election.from_ballots(plans, {(1,): 9, (2,): 1}, budget_cents=100_000, seed=SEED)
    monkeypatch.setattr(tally_probes, "counted", refuse)
    found = probe(election, CountingRules(), 2, guess=Guess(40_000, 0), recounts=40)
    assert found == Probe(cheaper=Change(), more_votes=Change())


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
    found = probes(election, rules, count(election, rules))
    assert [one.more_votes for one in found.values()] == [Change()]
