"""The order of plans that is a visitor's own: a sort key that both databases compute from the visitor's seed."""

from typing import Any

from sqlalchemy import BigInteger, bindparam

from buurtbegroot.proposals.models import Proposal

PRIME = 2**31 - 1
FACTORS = {"shuffle_a": 48_271, "shuffle_b": 69_621, "shuffle_c": 40_014}


def _key(a: Any, b: Any, c: Any) -> Any:
    """With x = id * a + b modulo the prime, return x * (x + c) modulo the same.

    The squaring parts ids that follow each other, and no product leaves 64 bits.
    """
    mixed = (Proposal.id * a + b) % PRIME
    return (mixed * ((mixed + c) % PRIME)) % PRIME


SHUFFLED = _key(*(bindparam(name, type_=BigInteger) for name in FACTORS))
"""The sort key of whoever's `shuffle_keys` the statement runs with: one statement for all visitors."""


def shuffle_keys(seed: int) -> dict[str, int]:
    """Return the parameters that make SHUFFLED the order of this seed, a number from 1 up to the prime."""
    return {name: 1 + seed * factor % (PRIME - 1) for name, factor in FACTORS.items()}
