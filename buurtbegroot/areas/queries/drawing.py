"""Where the fills and numbered dots of a map go; what the sets of buurten stand for is known elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import dist
from typing import NamedTuple

from buurtbegroot.areas.domain.geometry import Frame, Point, is_inside, read_path
from buurtbegroot.areas.queries.atlas import Atlas

APART = 60  # so that two dots can both be pressed, also on a phone, where they are drawn larger
STEP = 12  # how far apart the places are at which a dot that has to move is tried


class Mark(NamedTuple):
    """The fill of a set of buurten and the middle of its dot, in the drawing."""

    path: str
    x: int
    y: int


def marks(atlas: Atlas, frame: Frame, sets: Sequence[Iterable[str]]) -> list[Mark]:
    """Return a mark for each set of codes, in order; a dot that would cover an earlier one moves within its area."""
    placed: list[Mark] = []
    for codes in map(list, sets):
        path = atlas.shape(codes, frame)
        x, y = _free_place(path, frame.place(*atlas.middle(codes)), tuple((mark.x, mark.y) for mark in placed))
        placed.append(Mark(path, x, y))
    return placed


def fills(placed: Sequence[Mark], colours: Sequence[str]) -> list[tuple[str, str]]:
    """Return (class, path) for each mark from the colour of its round; the first in the list is drawn on top."""
    drawn = [(f"m-{colour}", mark.path) for mark, colour in zip(placed, colours, strict=True)]
    return drawn[::-1]


def dots(placed: Sequence[Mark], links: Sequence[tuple[str, str]]) -> list[tuple[int, int, int, str, str]]:
    """Return (x, y, number, name, address) for each mark, from (name, address), numbered from 1."""
    pairs = enumerate(zip(placed, links, strict=True), 1)
    return [(mark.x, mark.y, number, name, address) for number, (mark, (name, address)) in pairs]


@lru_cache(maxsize=512)
def _free_place(path: str, wanted: Point, taken: tuple[Point, ...]) -> Point:
    """Return the place in an outline that is nearest to the wanted one and free; without any, the least crowded."""

    def room(place: Point) -> float:
        return min((dist(place, other) for other in taken), default=APART)

    if room(wanted) >= APART:
        return wanted
    rings = read_path(path)
    places = sorted(_grid(rings), key=lambda place: dist(place, wanted))
    free = (place for place in places if room(place) >= APART and is_inside(place, rings))
    return next(free, None) or max((each for each in places if is_inside(each, rings)), key=room, default=wanted)


def _grid(rings: Sequence[Sequence[Point]]) -> Iterator[Point]:
    xs, ys = ([point[axis] for ring in rings for point in ring] or [0] for axis in (0, 1))
    yield from product(range(min(xs), max(xs), STEP), range(min(ys), max(ys), STEP))
