"""What is recorded when areas change."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import ChangeEvent


@dataclass(frozen=True, kw_only=True)
class AreasLoaded(ChangeEvent):
    """The areas were read from a file: how many are new, changed, or no longer there.

    `changes` has those that were there, by code and column; of an outline its SHA-256.
    """

    name: ClassVar[str] = "areas.loaded"

    added: int
    changed: int
    vanished: int
