"""The order of plans that is a visitor's own: a sort key that Python and both databases compute from a seed."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, bindparam

from buurtbegroot.proposals.models import Proposal

PRIME = 2**31 - 1
FACTORS = {"a": 48_271, "b": 69_621, "c": 40_014}


def _key(plan_id: Any, *, a: Any, b: Any, c: Any) -> Any:
    """With x = id * a + b modulo the prime, return x * (x + c) modulo the same.

    The squaring parts ids that follow each other, and no product leaves 64 bits.
    """
    mixed = (plan_id * a + b) % PRIME
    return (mixed * ((mixed + c) % PRIME)) % PRIME


SHUFFLED = _key(Proposal.id, **{name: bindparam(f"shuffle_{name}", type_=BigInteger) for name in FACTORS})
"""The sort key of whoever's `shuffle_keys` the statement runs with: one statement for all visitors."""


def shuffle_keys(seed: int) -> dict[str, int]:
    """Return the parameters that make SHUFFLED the order of this seed, a number from 1 up to the prime."""
    return {f"shuffle_{name}": value for name, value in _factors(seed).items()}


def shuffled(seed: int) -> Callable[[int], int]:
    """Return the sort key of a plan's id in the order of this seed, the same number that SHUFFLED gives."""
    factors = _factors(seed)
    return lambda plan_id: int(_key(plan_id, **factors))


def _factors(seed: int) -> dict[str, int]:
    return {name: 1 + seed * factor % (PRIME - 1) for name, factor in FACTORS.items()}
