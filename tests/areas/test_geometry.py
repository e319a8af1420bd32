"""Outlines: written and read back, joined, and drawn in a frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.areas.domain.geometry import (
    Frame,
    borders,
    draw_joined,
    frame_around,
    join,
    project,
    read_path,
    write_path,
)

LEFT = [(0, 0), (10, 0), (10, 10), (0, 10)]
RIGHT = [(10, 0), (20, 0), (20, 10), (10, 10)]

points = st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999))


@given(st.lists(st.lists(points, min_size=3, max_size=9), max_size=4))
def test_a_path_reads_back_as_it_was_written(rings: list[list[tuple[int, int]]]) -> None:
    assert read_path(write_path(rings)) == rings


def test_the_border_between_two_areas_goes_when_they_join() -> None:
    (outline,) = join([LEFT, RIGHT])
    assert set(outline) == {(0, 0), (10, 0), (20, 0), (20, 10), (10, 10), (0, 10)}


def test_winding_direction_does_not_matter() -> None:
    assert sorted(join([LEFT, RIGHT[::-1]])[0]) == sorted(join([LEFT, RIGHT])[0])


def test_the_line_between_two_areas_is_drawn_once() -> None:
    (line,) = borders([LEFT, RIGHT])
    assert sorted(line) == [(10, 0), (10, 10)]


def test_an_area_around_another_keeps_its_hole() -> None:
    ring = [(0, 0), (30, 0), (30, 30), (0, 30)]
    hole = [(10, 10), (20, 10), (20, 20), (10, 20)]
    assert len(join([ring, hole])) == 2
    assert len(join([ring, hole, hole])) == 1


def test_north_is_up_and_east_is_right() -> None:
    west_x, south_y = project(4.85, 52.35)
    east_x, north_y = project(4.95, 52.40)
    assert west_x < east_x
    assert north_y < south_y
    assert (east_x - west_x) / (south_y - north_y) == pytest.approx(0.1 * 0.6106 / 0.05, rel=0.01)


def test_a_frame_fits_what_is_in_it() -> None:
    frame = frame_around([write_path([LEFT, RIGHT])])
    placed = [frame.place(x, y) for x, y in LEFT + RIGHT]
    assert all(0 <= x <= 1000 and 0 <= y <= frame.drawn_height for x, y in placed)
    assert frame.drawn_height <= 1000


def test_a_high_area_never_makes_a_drawing_higher_than_wide() -> None:
    assert frame_around(["M0 0l1 0 0 900-1 0z"]).drawn_height <= 1000


def test_nothing_draws_nothing() -> None:
    assert draw_joined((), Frame(0, 0, 10, 10)) == ""
    assert frame_around([]).drawn_height <= 1000
