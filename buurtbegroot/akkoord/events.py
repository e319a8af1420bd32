"""What is recorded when the accord, a point's plan, its status or its figures change."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import ChangeEvent, Event


@dataclass(frozen=True, kw_only=True)
class AccordLoaded(ChangeEvent):
    """An edition was read from the data that come with the program; what was there already from what to what."""

    name: ClassVar[str] = "akkoord.loaded"

    edition: str
    written: int


@dataclass(frozen=True, kw_only=True)
class PlanChanged(ChangeEvent):
    """Some of the five plan fields of a point were written, each from what to what."""

    name: ClassVar[str] = "akkoord.plan_changed"

    edition: str


@dataclass(frozen=True, kw_only=True)
class StatusRecorded(Event):
    """Somebody recorded how a point stood on a day, with the source."""

    name: ClassVar[str] = "akkoord.status_recorded"

    edition: str
    happened_on: str
    standing: str
    source: str


@dataclass(frozen=True, kw_only=True)
class FigureRecorded(Event):
    """Somebody recorded how much of a target was reached on a day, with the source; units as in models.Figure."""

    name: ClassVar[str] = "akkoord.figure_recorded"

    edition: str
    measured_on: str
    value: int
    source: str
