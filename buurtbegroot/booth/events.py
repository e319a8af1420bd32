"""What the log says about the opening of a vote; casting a ballot is no event."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class BoxOpened(Event):
    """The ballot box was opened under this manifest, for a registry of so many codes that has this root."""

    name: ClassVar[str] = "voting.opened"
    manifest: str
    registry: str
    codes: int
