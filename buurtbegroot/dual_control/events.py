"""What the log says about acts by two people; `act` is the name under which the act was declared."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class Requested(Event):
    """One organiser asked a second one for the act."""

    name: ClassVar[str] = "dual_control.requested"
    act: str


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Event):
    """The request was taken back, or turned down by somebody else, before anyone confirmed it."""

    name: ClassVar[str] = "dual_control.withdrawn"
    act: str


@dataclass(frozen=True, kw_only=True)
class Confirmed(Event):
    """A second organiser agreed; the act itself is the next entry."""

    name: ClassVar[str] = "dual_control.confirmed"
    act: str


@dataclass(frozen=True, kw_only=True)
class Expired(Event):
    """Nobody confirmed the act while it could be done."""

    name: ClassVar[str] = "dual_control.expired"
    act: str


@dataclass(frozen=True, kw_only=True)
class Lapsed(Event):
    """What the act is about changed after the request: `changed` names the parts, `cause` the entry, 0 if unknown."""

    name: ClassVar[str] = "dual_control.lapsed"
    act: str
    changed: tuple[str, ...]
    cause: int
