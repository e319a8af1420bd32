"""What is recorded when people are counted anew."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import ChangeEvent


@dataclass(frozen=True, kw_only=True)
class PopulationLoaded(ChangeEvent):
    """A file of inhabitants took the place of the one before: of how many areas, of which day, and who says so.

    `changes` has each number that is another one, by the code of the area.
    """

    name: ClassVar[str] = "population.loaded"

    source: str
    counted_on: str
    areas: int


@dataclass(frozen=True, kw_only=True)
class PopulationRemoved(ChangeEvent):
    """A file of inhabitants was taken back, with all its numbers: they are in `changes`."""

    name: ClassVar[str] = "population.removed"

    source: str
    counted_on: str
    areas: int
