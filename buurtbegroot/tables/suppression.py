"""Which figures about people are hidden in published tables, so that no small group shows and none can be subtracted.

A table of figures is a set of cells with sums between them: a total is the sum of its parts. A figure under ten is
hidden, and so is whatever else would give it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

SMALLEST_GROUP = 10
Name = Any
"""What names a cell: anything that can be a key."""
Row = dict[int, Fraction]


class Sum(NamedTuple):
    """A total and the parts that it is the sum of, all by the names of their cells."""

    total: Name
    parts: tuple[Name, ...]

    @property
    def cells(self) -> tuple[Name, ...]:
        """The parts, then the total."""
        return (*self.parts, self.total)


def hidden_cells(figures: Mapping[Name, int], sums: Sequence[Sum], *, smallest: int = SMALLEST_GROUP) -> set[Name]:
    """Return the cells that may not be shown: small ones, and as few others as keep them from being worked out.

    In each sum the hidden cells stand for a group that is not small either, and no system of these sums has a hidden
    cell as its only unknown. A nought is as small as a nine: it tells of everybody in a group what they did not do.
    """
    hidden = {name for name, value in figures.items() if value < smallest}
    while (more := _next(figures, sums, hidden=hidden, smallest=smallest)) is not None:
        hidden.add(more)
    return hidden


def _next(figures: Mapping[Name, int], sums: Sequence[Sum], *, hidden: set[Name], smallest: int) -> Name | None:
    """Return one cell more to hide, or None when all that is hidden stays hidden."""
    for each in sums:
        among = [cell for cell in each.cells if cell in hidden]
        gives_away = each.total not in hidden and _together(figures, among) < smallest
        if among and (len(among) == 1 or gives_away):
            found = _smallest_shown(figures, each, hidden)
            if found is not None:
                return found
    told = determined(sums, hidden)
    near = [each for each in sums if told & set(each.cells)]
    around = [each for each in sums if hidden & set(each.cells)] if told else []
    shown = (_smallest_shown(figures, each, hidden) for each in (*near, *around))
    return next((cell for cell in shown if cell is not None), None)


def _together(figures: Mapping[Name, int], parts: Iterable[Name]) -> int:
    """Return how many people hidden parts stand for, which the total gives away when it shows."""
    return sum(figures[part] for part in parts)


def _smallest_shown(figures: Mapping[Name, int], each: Sum, hidden: set[Name]) -> Name | None:
    """Return the smallest part of a sum that shows, or its total when no part does."""
    parts = [cell for cell in each.parts if cell not in hidden]
    if parts:
        return min(parts, key=lambda cell: (figures[cell], str(cell)))
    return None if each.total in hidden else each.total


def determined(sums: Iterable[Sum], hidden: Iterable[Name]) -> set[Name]:
    """Return which hidden cells follow from all that is shown, by solving the sums as linear equations."""
    places = {cell: place for place, cell in enumerate(dict.fromkeys(hidden))}
    rows = []
    for each in sums:
        row: Row = {}
        for cell in each.cells:
            if cell in places:
                row[places[cell]] = row.get(places[cell], Fraction(0)) + (1 if cell != each.total else -1)
        rows.append({place: value for place, value in row.items() if value})
    alone = {next(iter(row)) for row in _reduced(rows) if len(row) == 1}
    return {cell for cell, place in places.items() if place in alone}


def _reduced(rows: Iterable[Row]) -> list[Row]:
    """Return equations in reduced row echelon form: each begins with an unknown that no other one has."""
    done: dict[int, Row] = {}
    for row in rows:
        left = row
        for lead, other in done.items():
            left = _minus(left, other, left.get(lead, Fraction(0)))
        if left:
            lead = min(left)
            scaled = {place: value / left[lead] for place, value in left.items()}
            done = {at: _minus(other, scaled, other.get(lead, Fraction(0))) for at, other in done.items()}
            done[lead] = scaled
    return list(done.values())


def _minus(row: Row, other: Row, times: Fraction) -> Row:
    if not times:
        return row
    places = {*row, *other}
    left = {place: row.get(place, Fraction(0)) - times * other.get(place, Fraction(0)) for place in places}
    return {place: value for place, value in left.items() if value}
