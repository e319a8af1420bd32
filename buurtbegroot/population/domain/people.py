"""How many people live in an area, as a file says, and what an amount is per inhabitant or household."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

LEAST_INHABITANTS = 1_000
"""Below this no amount is divided: one plan would make it say anything."""


class Measure(StrEnum):
    """By what an amount is divided."""

    NONE = "niet"
    INHABITANT = "inwoner"
    HOUSEHOLD = "huishouden"


@dataclass(frozen=True)
class People:
    """How many inhabitants and households there are; None is not known."""

    inhabitants: int | None = None
    households: int | None = None

    @property
    def is_too_few(self) -> bool:
        """Whether so few live there that no amount is divided."""
        return self.inhabitants is not None and self.inhabitants < LEAST_INHABITANTS

    def of(self, measure: Measure) -> int | None:
        """Return by how many an amount is divided; None when that is not known, or there are too few."""
        if self.inhabitants is None or self.is_too_few:
            return None
        number = {Measure.INHABITANT: self.inhabitants, Measure.HOUSEHOLD: self.households}.get(measure)
        return number or None

    def share(self, cents: int | None, measure: Measure) -> int | None:
        """Return what an amount is for each, rounded to whole cents; None when it cannot be said."""
        number = self.of(measure)
        return None if cents is None or number is None else (2 * cents + number) // (2 * number)


UNKNOWN = People()


def together(code: str, known: Mapping[str, People], buurten: Callable[[str], Iterable[str]]) -> People:
    """Return the people of an area: what the file says of it, or else of all its buurten together.

    A number is not known as long as that of one buurt is not.
    """
    if code in known:
        return known[code]
    parts = [known.get(each, UNKNOWN) for each in buurten(code)]
    return People(_sum(each.inhabitants for each in parts), _sum(each.households for each in parts))


def _sum(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    return None if not found or None in found else sum(each for each in found if each is not None)
