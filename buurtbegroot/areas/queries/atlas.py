"""The current areas in memory, for maps and for naming a set of buurten; reading them is the work of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from buurtbegroot.areas.domain.geometry import Frame, draw_borders, draw_joined, frame_around
from buurtbegroot.areas.models import CITY, Level


class Place(NamedTuple):
    """An area as maps and lists need it; `x`, `y` and `outline` are in the map's units."""

    code: str
    level: Level
    name: str
    parent_code: str | None
    gebied_code: str
    district_code: str
    x: float
    y: float
    outline: str


class Extent(NamedTuple):
    """What a set of buurten amounts to: one area exactly, or (`level` None) some buurten of a stadsdeel or the city."""

    level: Level | None
    name: str
    buurten: int


class Base(NamedTuple):
    """The ground of a map: land, thin lines and heavier edges as path data in a frame, and how high it is."""

    frame: Frame
    height: int
    land: str
    lines: str
    edge: str


@dataclass(frozen=True)
class Atlas:
    """All current areas by code; what it draws is remembered as long as the areas stay as they are."""

    places: dict[str, Place]

    @cached_property
    def city_base(self) -> Base:
        """The map of the whole city with its wijken and stadsdelen."""
        frame = frame_around(place.outline for place in self.at(Level.DISTRICT))
        return self._base(frame, self.at(Level.DISTRICT), lines=self.at(Level.WIJK), edges=self.at(Level.DISTRICT))

    def district_base(self, code: str) -> Base:
        """Return the map of one stadsdeel with its buurten and wijken."""
        district = [self.places[code]]
        frame = frame_around(place.outline for place in district)
        return self._base(frame, district, lines=self.inside(code), edges=self.at(Level.WIJK, district_code=code))

    def _base(self, frame: Frame, land: Sequence[Place], *, lines: Sequence[Place], edges: Sequence[Place]) -> Base:
        outline = draw_joined(_outlines(land), frame)
        edge = outline + draw_borders(_outlines(edges), frame)
        return Base(frame, frame.drawn_height, outline, draw_borders(_outlines(lines), frame), edge)

    def at(self, level: Level, *, district_code: str = "") -> list[Place]:
        """Return the areas of a level, of one stadsdeel or all, by name."""
        found = [place for place in self.places.values() if place.level is level]
        return sorted(
            (place for place in found if not district_code or place.district_code == district_code),
            key=lambda place: place.name,
        )

    def inside(self, code: str) -> list[Place]:
        """Return the buurten of an area by name: itself for a buurt, all for the city."""
        return [place for place in self.at(Level.BUURT) if code == CITY or code in _around(place)]

    def way_to(self, place: Place) -> list[Place]:
        """Return the areas that this one lies in, the largest first, without the city and itself."""
        codes = (place.district_code, place.gebied_code, place.parent_code)
        found = [self.places[code] for code in dict.fromkeys(codes) if code in self.places and code != place.code]
        return [each for each in found if each.level is not Level.CITY]

    def shape(self, codes: Iterable[str], frame: Frame) -> str:
        """Return the joined outline of some areas as path data in a frame; unknown codes draw nothing."""
        return draw_joined(_outlines([self.places[code] for code in sorted(codes) if code in self.places]), frame)

    def middle(self, codes: Iterable[str]) -> tuple[float, float]:
        """Return the label point that is nearest to the middle of some areas, in the map's units."""
        points = [(place.x, place.y) for place in map(self.places.get, codes) if place] or [(0.0, 0.0)]
        x, y = (sum(figures) / len(points) for figures in zip(*points, strict=True))
        return min(points, key=lambda point: (point[0] - x) ** 2 + (point[1] - y) ** 2)

    def extent(self, codes: Iterable[str]) -> Extent:
        """Say what a set of buurten amounts to."""
        wanted = frozenset(codes)
        for code in self._candidates(wanted):
            if self._members[code] == wanted:
                return Extent(self.places[code].level, self.places[code].name, len(wanted))
        districts = {self.places[code].district_code for code in wanted if code in self.places}
        whole = self.places.get(districts.pop() if len(districts) == 1 else CITY)
        return Extent(None, whole.name if whole else "", len(wanted))

    def _candidates(self, codes: frozenset[str]) -> list[str]:
        first = self.places.get(next(iter(codes), ""))
        return [code for code in (CITY, *_around(first)) if code in self._members] if first else []

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        members: dict[str, set[str]] = {CITY: set()} if CITY in self.places else {}
        for buurt in self.at(Level.BUURT):
            for code in {CITY, *_around(buurt)} & set(self.places):
                members.setdefault(code, set()).add(buurt.code)
        return {code: frozenset(inside) for code, inside in members.items()}


def _around(buurt: Place) -> tuple[str, ...]:
    return (buurt.district_code, buurt.gebied_code, buurt.parent_code or "", buurt.code)


def _outlines(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(place.outline for place in places)
