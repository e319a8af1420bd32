"""Descriptors of rooms that could not be told apart are refused at the start."""

import pytest

from buurtbegroot import house
from buurtbegroot.rooms import Register, Room


def test_two_rooms_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="declared by two rooms: twice"):
        Register((Room(name="twice"), Room(name="twice")))


def test_a_room_that_is_in_the_log_needs_a_title() -> None:
    events = next(room.events for room in house.ROOMS if room.events)
    with pytest.raises(ValueError, match="needs a title"):
        Room(name="nameless", events=events)
