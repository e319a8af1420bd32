"""What the log says about a ballot box; casting a ballot is no event."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class BoxSealed(Event):
    """The box was bound, one night, to what lay in it; `seal` (hexadecimal) hides how much that was."""

    name: ClassVar[str] = "voting.sealed"
    night: str
    seal: str
