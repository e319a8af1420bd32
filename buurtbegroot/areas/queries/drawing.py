"""Where the fills and numbered dots of a map go; what the sets of buurten stand for is known elsewhere."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from buurtbegroot.areas.domain.geometry import DRAWN_WIDTH, Frame, Point
from buurtbegroot.areas.queries.atlas import Atlas

APART = 60  # so that two dots can both be pressed, also on a phone, where they are drawn larger


class Mark(NamedTuple):
    """The fill of a set of buurten and the middle of its dot, in the drawing."""

    path: str
    x: int
    y: int


def marks(atlas: Atlas, frame: Frame, sets: Sequence[Iterable[str]]) -> list[Mark]:
    """Return a mark for each set of codes, in order; dots that would cover an earlier one move aside."""
    placed: list[Mark] = []
    for codes in map(list, sets):
        x, y = _aside(frame.place(*atlas.middle(codes)), [(mark.x, mark.y) for mark in placed])
        placed.append(Mark(atlas.shape(codes, frame), x, y))
    return placed


def fills(placed: Sequence[Mark], colours: Sequence[str]) -> list[tuple[str, str]]:
    """Return (class, path) for each mark from the colour of its round; the first in the list is drawn on top."""
    drawn = [(f"m-{colour}", mark.path) for mark, colour in zip(placed, colours, strict=True)]
    return drawn[::-1]


def dots(placed: Sequence[Mark], links: Sequence[tuple[str, str]]) -> list[tuple[int, int, int, str, str]]:
    """Return (x, y, number, name, address) for each mark, from (name, address), numbered from 1."""
    pairs = enumerate(zip(placed, links, strict=True), 1)
    return [(mark.x, mark.y, number, name, address) for number, (mark, (name, address)) in pairs]


def _aside(wanted: Point, taken: Sequence[Point]) -> Point:
    x, y = wanted
    step = -APART if x > DRAWN_WIDTH / 2 else APART
    while any((x - other_x) ** 2 + (y - other_y) ** 2 < APART**2 for other_x, other_y in taken):
        x += step
    return x, y
