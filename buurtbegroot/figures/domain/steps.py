"""Four steps of one colour for amounts on a map, with round bounds."""

from collections.abc import Iterable

STEPS = 4
NICE = (1, 2, 5)


def bound_of(amounts: Iterable[int]) -> int:
    """Return the width of a step in cents: the least of 1, 2 or 5 with zeros by which four steps reach the largest."""
    largest = max(amounts, default=0)
    power = 100
    while True:
        for nice in NICE:
            if nice * power * STEPS > largest:
                return nice * power
        power *= 10


def step_of(amount: int | None, width: int) -> int:
    """Return the step of an amount, 1 to 4; 0 for what cannot be said."""
    return 0 if amount is None else min(max(amount, 0) // width + 1, STEPS)
