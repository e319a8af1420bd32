"""The dots of maps lie in the areas that they stand for, and on one another only where there is no room."""

from itertools import combinations
from math import dist

import pytest

from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.domain.geojson import read_buurten
from buurtbegroot.areas.domain.geometry import frame_around, is_inside, read_path
from buurtbegroot.areas.models import CITY, Level
from buurtbegroot.areas.queries.atlas import Atlas, Place
from buurtbegroot.areas.queries.drawing import APART, Mark, marks
from buurtbegroot.areas.queries.levels import all_areas


@pytest.fixture(scope="module")
def amsterdam() -> Atlas:
    areas = all_areas(read_buurten(package_data.buurten())).items()
    return Atlas({code: Place(code, **{name: area[name] for name in Place._fields[1:]}) for code, area in areas})


def covered(placed: list[Mark]) -> int:
    return sum(dist(one[1:], other[1:]) < APART for one, other in combinations(placed, 2))


def is_at_home(mark: Mark) -> bool:
    return is_inside((mark.x, mark.y), read_path(mark.path))


def test_a_hole_and_what_lies_beside_are_outside() -> None:
    rings = [[(0, 0), (30, 0), (30, 30), (0, 30)], [(10, 10), (20, 10), (20, 20), (10, 20)]]
    tried = ((5, 5), (15, 15), (25, 15), (35, 15), (15, -5))
    assert [is_inside(point, rings) for point in tried] == [True, False, True, False, False]


def test_each_stadsdeel_has_its_dot_within_it(amsterdam: Atlas) -> None:
    placed = marks(amsterdam, amsterdam.city_base.frame, [[each.code] for each in amsterdam.at(Level.DISTRICT)])
    assert all(map(is_at_home, placed))
    assert covered(placed) == 0


@pytest.mark.parametrize("level", [Level.GEBIED, Level.WIJK])
def test_the_parts_of_a_stadsdeel_have_their_dots_within_them(amsterdam: Atlas, level: Level) -> None:
    for district in amsterdam.at(Level.DISTRICT):
        parts = amsterdam.at(level, district_code=district.code)
        placed = marks(amsterdam, frame_around([district.outline]), [[each.code] for each in parts])
        assert [part.name for part, mark in zip(parts, placed, strict=True) if not is_at_home(mark)] == []


def test_rounds_in_one_place_have_dots_beside_each_other_within_it(amsterdam: Atlas) -> None:
    west = [each.code for each in amsterdam.inside("E")]
    gebied = [each.code for each in amsterdam.inside(amsterdam.at(Level.GEBIED, district_code="E")[0].code)]
    everywhere = [each.code for each in amsterdam.inside(CITY)]
    sets = [west, everywhere, west, gebied, everywhere, west]
    placed = marks(amsterdam, amsterdam.city_base.frame, sets)
    assert all(map(is_at_home, placed))
    assert covered(placed) <= 1, "three in West and one in a part of it leave hardly room for a fourth"


def test_a_dot_without_any_room_stays_within_its_area_too(amsterdam: Atlas) -> None:
    buurt = amsterdam.at(Level.BUURT)[0]
    placed = marks(amsterdam, amsterdam.city_base.frame, [[buurt.code]] * 3)
    assert all(abs(mark.x - placed[0].x) < APART and abs(mark.y - placed[0].y) < APART for mark in placed)
