"""What is recorded when areas change."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class AreasLoaded(Event):
    """The areas were read from a file: how many are new, changed, or no longer there."""

    name: ClassVar[str] = "areas.loaded"

    added: int
    changed: int
    vanished: int
