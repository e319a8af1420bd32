"""The order of plans with equal votes, down to a lot that anyone can redo from the published seed."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from buurtbegroot.core.canonical import digest
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally.election import Election

KeyValue = Callable[[Plan], int]


def commitment(seed: bytes) -> str:
    """Return the hexadecimal fingerprint of a seed, published before voting opens and the seed after it."""
    return digest("lot-seed", seed).hex()


def lot_order(plans: Iterable[int], seed: bytes) -> tuple[int, ...]:
    """Return the plan ids in the order of the lot: rising SHA-256 of label `lot`, seed and decimal id."""
    return tuple(sorted(plans, key=lambda plan: digest("lot", seed, str(plan).encode())))


def ranking(election: Election, rules: CountingRules) -> list[list[Plan]]:
    """Return lists of plans with equal votes, by falling votes, each list in the order of the tie keys."""
    keys = key_values(election, rules)

    def order(plan: Plan) -> tuple[int, ...]:
        return (-election.votes[plan.id], *(value(plan) for value in keys.values()))

    ordered = sorted(election.plans, key=order)
    return [list(level) for _, level in groupby(ordered, key=lambda plan: election.votes[plan.id])]


def key_values(election: Election, rules: CountingRules) -> Mapping[TieKey, KeyValue]:
    """Return, for each key in order, the number of a plan that it compares: the lowest goes first."""
    place = {plan: number for number, plan in enumerate(lot_order(election.votes, election.seed))}
    known: dict[TieKey, KeyValue] = {
        TieKey.CHEAPEST_FIRST: lambda plan: plan.cost_cents,
        TieKey.LOT: lambda plan: place[plan.id],
    }
    return {key: known[key] for key in (*rules.ties, TieKey.LOT)}


def deciding_key(keys: Mapping[TieKey, KeyValue], one: Plan, other: Plan) -> TieKey:
    """Return the first key that tells two plans apart; the lot always does."""
    return next(key for key, value in keys.items() if value(one) != value(other))
