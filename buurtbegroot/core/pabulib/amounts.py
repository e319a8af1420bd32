"""The numbers of a ``.pb`` file, exactly: money in cents, points as integers or fractions, and how they are written."""

import re
from fractions import Fraction

Number = int | Fraction

# Beyond these a number is absurd. A billion times a thousand of any currency is no neighbourhood's budget, and with
# these bounds the sums over ninety thousand plans or nine million voters fit in 64 bits.
MOST_CENTS = 10**14
MOST_POINTS = 10**6
DECIMALS = 6

_AMOUNT = re.compile(r"([0-9]+)(?:[.,]([0-9]{0,2})0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]{1,18})(?:[.,]([0-9]{0,18}))?", re.ASCII)


def cents(text: str) -> int:
    """The exact cents in an amount such as ``1200``, ``1200.5`` or ``1200,50``.

    Raises ValueError for anything else: a negative amount, a fraction of a cent, more than `MOST_CENTS`.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount in whole cents, of nothing or more")
    whole, fraction = match.groups(default="")
    if len(whole.lstrip("0")) > 15 or (amount := int(whole) * 100 + int(fraction.ljust(2, "0"))) > MOST_CENTS:
        raise ValueError(f"{text[:40]!r} is absurd: more than {MOST_CENTS // 100}")
    return amount


def euros(amount: int) -> str:
    """An amount of cents the way ``.pb`` files write it: ``1200`` or ``1200.50``."""
    whole, rest = divmod(amount, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)


def number(text: str) -> Number:
    """The exact value of ``12``, ``-12.0``, ``0.25`` or ``0,25``: an int where it is whole. Raises ValueError."""
    plain = text.strip()
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a number")
    if not (match[2] or "").strip("0"):
        return -int(match[1]) if plain[0] == "-" else int(match[1])
    return Fraction(plain.replace(",", "."))


def whole(text: str) -> int:
    """An integer, also written as ``12.0``. Raises ValueError."""
    value = number(text)
    if not isinstance(value, int):
        raise ValueError(f"{text!r} is not a whole number")
    return value


def count(text: str) -> int:
    """An integer of 0 or more. Raises ValueError."""
    value = whole(text)
    if value < 0:
        raise ValueError(f"{text!r} is negative")
    return value


def points(text: str) -> Number:
    """What a voter gave one plan: at most `MOST_POINTS`, up or down, and `DECIMALS` decimals. Raises ValueError."""
    value = number(text)
    if not -MOST_POINTS <= value <= MOST_POINTS or (value * 10**DECIMALS).denominator != 1:
        raise ValueError(f"{text!r} is absurd: beyond {MOST_POINTS} or more than {DECIMALS} decimals")
    return value


def decimal(value: Number) -> str:
    """A number as ``.pb`` files write it. Raises ValueError for one without an end, such as a third."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = next((digits for digits in range(1, 19) if pow(10, digits) % value.denominator == 0), 0)
    if not digits:
        raise ValueError(f"{value} has no decimal form of at most 18 digits")
    unit = int(pow(10, digits))
    before, after = divmod(abs(value.numerator) * unit // value.denominator, unit)
    return f"{'-' if value.numerator < 0 else ''}{before}.{after:0{digits}}"
