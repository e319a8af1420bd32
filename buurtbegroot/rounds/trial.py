"""Trying drafted counting rules on an earlier vote of which the totals are public; pure, nothing is read or stored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, RestRule, Ruleset
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election


class EarlierVote(NamedTuple):
    """A vote to try rules on: its own rules for the pots, its plans, their votes and the seed of its lot."""

    rules: Ruleset
    plans: tuple[Plan, ...]
    votes: Mapping[int, int]
    valid_ballots: int
    seed: bytes


class TrialRow(NamedTuple):
    """What one rest rule gives: how many plans get money and the cents left; `more` and `fewer` beside the draft."""

    rest: RestRule
    plans: int
    left_cents: int
    more: int
    fewer: int
    is_drafted: bool


def trial_of(drafted: CountingRules, vote: EarlierVote) -> list[TrialRow]:
    """Count the earlier vote with each rest rule, under the drafted thresholds and ties.

    Caps and plans that exclude each other name themes, areas and plans of their own round, so they play no part.
    """
    bare = replace(drafted, theme_caps={}, area_caps={}, leftovers_ignore_caps=False, incompatible=())
    counted = {rest: _count(replace(bare, rest=rest), vote) for rest in RestRule}
    chosen, _left = counted[drafted.rest]
    return [
        TrialRow(rest, len(won), left, more=len(won - chosen), fewer=len(chosen - won), is_drafted=rest is drafted.rest)
        for rest, (won, left) in counted.items()
    ]


def _count(counting: CountingRules, vote: EarlierVote) -> tuple[set[int], int]:
    """Return the ids of the plans that get money, and the cents left over all pots."""
    election = Election.from_totals(
        vote.plans,
        vote.votes,
        valid_ballots=vote.valid_ballots,
        budget_cents=vote.rules.budget_cents,
        seed=vote.seed,
    )
    outcomes = count_pots(election, replace(vote.rules, counting=counting))
    won = {plan for outcome in outcomes for plan, _cents in outcome.funded}
    return won, sum(outcome.left_cents for outcome in outcomes)
