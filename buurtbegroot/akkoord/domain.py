"""How points of the accord are named outside it, and dividing money over them, so that each euro counts once."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

BETWEEN = "_"
"""Stands between edition and number: a spreadsheet takes what has it for no date."""


class PointName(NamedTuple):
    """A point as files and addresses name it: another edition of the accord has the same numbers."""

    number: int
    edition: str

    def __str__(self) -> str:
        """Return the edition and the number, such as 2019_3."""
        return f"{self.edition}{BETWEEN}{self.number}"


def point_named(text: str) -> PointName:
    """Return the point that is spelled so; raises ValueError."""
    edition, _between, number = text.rpartition(BETWEEN)
    return PointName(int(number), edition)


Key = TypeVar("Key", int, PointName)


def divided(cents: int, over: Iterable[Key]) -> Mapping[Key | None, int]:
    """Divide an amount equally over points; cents that are left go to the lowest numbers, one each.

    The parts are together exactly the amount. Without points all of it is of none.
    """
    points = sorted(set(over))
    if not points:
        return {None: cents}
    share, rest = divmod(cents, len(points))
    return {point: share + (place < rest) for place, point in enumerate(points)}
