"""Outlines as SVG paths in the map's own whole numbers: projecting, joining, redrawing; no database, no HTML."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Point = tuple[int, int]
Ring = list[Point]
Edge = tuple[Point, Point]

# Amsterdam lies in a box of 10.000 by about 6.600 units of 2.6 metres, counted from the north-west.
WEST, NORTH = 4.7285, 52.4312
UNITS_PER_DEGREE = 43_200
SHRINK = math.cos(math.radians(52.37))  # a degree of longitude is that much shorter here
FIGURES = re.compile(r"-?\d+")
DRAWN_WIDTH = 1000


def project(longitude: float, latitude: float) -> Point:
    """Turn degrees (WGS84) into the map's units: equirectangular, true at 52.37 degrees north."""
    return round((longitude - WEST) * SHRINK * UNITS_PER_DEGREE), round((NORTH - latitude) * UNITS_PER_DEGREE)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Turn the map's units back into degrees, longitude first, to the metre (five decimals)."""
    return round(x / (SHRINK * UNITS_PER_DEGREE) + WEST, 5), round(NORTH - y / UNITS_PER_DEGREE, 5)


def write_path(rings: Iterable[Sequence[Point]], *, closed: bool = True) -> str:
    """Write rings as SVG path data: an absolute start, then steps; rings without a surface are left out."""
    end = "z" if closed else ""
    return "".join(f"M{ring[0][0]} {ring[0][1]}l{_steps(ring)}{end}" for ring in rings if len(ring) > 1 + closed)


def _steps(ring: Sequence[Point]) -> str:
    moves = [(x - px, y - py) for (px, py), (x, y) in pairwise(ring)]
    return re.sub(r" -", "-", " ".join(f"{x} {y}" for x, y in moves))


def read_path(path: str) -> list[Ring]:
    """Read back what `write_path` wrote."""
    rings = []
    for part in path.split("M")[1:]:
        figures = [int(figure) for figure in FIGURES.findall(part)]
        x, y = figures[0], figures[1]
        ring = [(x, y)]
        for step in range(2, len(figures), 2):
            x, y = x + figures[step], y + figures[step + 1]
            ring.append((x, y))
        rings.append(ring)
    return rings


def join(rings: Iterable[Ring]) -> list[Ring]:
    """Return the outline of adjoining areas: borders that two of them share cancel out."""
    return [chain[:-1] for chain in _chains([edge for edge, times in _edges(rings).items() if times % 2])]


def borders(rings: Iterable[Ring]) -> list[Ring]:
    """Return the lines that two areas share, each once."""
    return _chains([edge for edge, times in _edges(rings).items() if times > 1])


def _edges(rings: Iterable[Ring]) -> Counter[Edge]:
    found: Counter[Edge] = Counter()
    for ring in rings:
        found.update((min(a, b), max(a, b)) for a, b in zip(ring, ring[1:] + ring[:1], strict=True) if a != b)
    return found


def _chains(edges: Iterable[Edge]) -> list[Ring]:
    """String edges together, loose ends first, so that what remains are closed loops (first point = last point)."""
    beside: defaultdict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    starts = sorted(beside, key=lambda point: (len(beside[point]) % 2 == 0, point))
    return [_walk(beside, start) for start in starts for _ in range(len(beside[start])) if beside[start]]


def _walk(beside: dict[Point, list[Point]], start: Point) -> Ring:
    chain = [start]
    while beside[chain[-1]]:
        here = chain[-1]
        there = beside[here].pop()
        beside[there].remove(here)
        chain.append(there)
        if there == start:
            break
    return chain


@dataclass(frozen=True)
class Frame:
    """A window on the map, drawn `DRAWN_WIDTH` wide: `left`, `top` and `width` are in the map's units."""

    left: int
    top: int
    width: int
    height: int

    @property
    def drawn_height(self) -> int:
        """How high the drawing is when it is `DRAWN_WIDTH` wide."""
        return round(self.height * DRAWN_WIDTH / self.width)

    def place(self, x: float, y: float) -> Point:
        """Return where a point of the map lies in the drawing."""
        scale = DRAWN_WIDTH / self.width
        return round((x - self.left) * scale), round((y - self.top) * scale)


def frame_around(paths: Iterable[str]) -> Frame:
    """Return the window that holds all these outlines, with a small margin and never higher than it is wide."""
    points = [point for path in paths for ring in read_path(path) for point in ring] or [(0, 0), (1, 1)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    margin = max(right - left, bottom - top) // 50 + 1
    height = bottom - top + 2 * margin
    width = max(right - left + 2 * margin, height)
    return Frame((left + right - width) // 2, top - margin, width, height)


def is_inside(point: Point, rings: Iterable[Sequence[Point]]) -> bool:
    """Tell whether a point lies within an outline, whose rings may be parts or holes."""
    x, y = point
    is_in = False
    for ring in rings:
        for (left, top), (right, bottom) in pairwise([*ring, *ring[:1]]):
            if (top > y) != (bottom > y) and x < left + (y - top) * (right - left) / (bottom - top):
                is_in = not is_in
    return is_in


def placed(path: str, frame: Frame) -> list[Ring]:
    """Return an outline in the drawing's coordinates; points that fall together become one."""
    return [_thin([frame.place(x, y) for x, y in ring]) for ring in read_path(path)]


def _thin(ring: Ring) -> Ring:
    return [point for point, before in zip(ring, ring[-1:] + ring[:-1], strict=True) if point != before]


@lru_cache(maxsize=512)
def draw_joined(paths: tuple[str, ...], frame: Frame) -> str:
    """Return the outline around these outlines together, drawn in a frame; remembered, since outlines rarely change."""
    return write_path(join(ring for path in paths for ring in placed(path, frame)))


@lru_cache(maxsize=128)
def draw_borders(paths: tuple[str, ...], frame: Frame) -> str:
    """Return the lines between these outlines, drawn in a frame."""
    return write_path(borders(ring for path in paths for ring in placed(path, frame)), closed=False)
