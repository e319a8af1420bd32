"""What the log says about a ballot box; casting a ballot is no event, publishing a batch of leaves is."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class LeavesPublished(Event):
    """A shuffled batch of leaves was added to the log, which has `size` leaves now."""

    name: ClassVar[str] = "voting.leaves_published"
    leaves: int
    size: int
