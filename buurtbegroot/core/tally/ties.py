"""The order of plans that are equal, down to a lot that anyone can redo from the published seed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from buurtbegroot.core.canonical import digest
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.scores import plan_votes

KeyValue = Callable[[Plan], int]
Standing = Callable[[Plan], Any]
"""What a plan is ranked by before any tie: a value that can be compared exactly, the lowest first."""


def commitment(seed: bytes) -> str:
    """Return the hexadecimal fingerprint of a seed, published before voting opens and the seed after it."""
    return digest("v1/lot-seed", seed).hex()


def lot_order(plans: Iterable[int], seed: bytes) -> tuple[int, ...]:
    """Return the plan ids in the order of the lot: rising SHA-256 of label `lot`, seed and decimal id."""
    return tuple(sorted(plans, key=lambda plan: digest("v1/lot", seed, str(plan).encode())))


def ranking(election: Election, rules: CountingRules, standing: Standing | None = None) -> list[list[Plan]]:
    """Return lists of plans with equal standing, the lowest first, each list in the order of the tie keys.

    Without another standing the most votes go first.
    """
    votes = plan_votes(election, rules)
    by = standing or (lambda plan: -votes[plan.id])
    ordered = sorted(tie_order(election, rules), key=by)
    return [list(level) for _, level in groupby(ordered, key=by)]


def tie_order(election: Election, rules: CountingRules) -> list[Plan]:
    """Return all plans in the order in which they would go if all of them were equal."""
    values = key_values(election, rules).values()
    return sorted(election.plans, key=lambda plan: [value(plan) for value in values])


def key_values(election: Election, rules: CountingRules) -> Mapping[TieKey, KeyValue]:
    """Return, for each key in order, the number of a plan that it compares: the lowest goes first."""
    place = {plan: number for number, plan in enumerate(lot_order(election.votes, election.seed))}
    votes = plan_votes(election, rules)
    known: dict[TieKey, KeyValue] = {
        TieKey.CHEAPEST_FIRST: lambda plan: plan.cost_cents,
        TieKey.MOST_VOTES_FIRST: lambda plan: -votes[plan.id],
        TieKey.LISTED_FIRST: lambda plan: plan.id,
        TieKey.LOT: lambda plan: place[plan.id],
    }
    return {key: known[key] for key in (*rules.ties, TieKey.LOT)}


def deciding_key(keys: Mapping[TieKey, KeyValue], one: Plan, other: Plan) -> TieKey:
    """Return the first key that tells two plans apart; the lot always does."""
    return next(key for key, value in keys.items() if value(one) != value(other))


def neighbour(level: Sequence[Plan], plan: Plan) -> Plan:
    """Return the plan after this one among equals, or the one before it if it is the last."""
    place = level.index(plan)
    return level[place + 1] if place + 1 < len(level) else level[place - 1]
