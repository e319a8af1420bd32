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


@dataclass(frozen=True, kw_only=True)
class PlanWithdrawn(Event):
    """A plan, by id and number, was taken off the open ballot: votes for it stay in the ballots and buy nothing."""

    name: ClassVar[str] = "voting.plan_withdrawn"
    plan: int
    number: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class BoxShut(Event):
    """The ballot box was shut with so many envelopes in it, in a file with this SHA-256; so many codes were drawn."""

    name: ClassVar[str] = "voting.closed"
    envelopes: int
    box: str
    drawn: int


@dataclass(frozen=True, kw_only=True)
class EnvelopesOpened(Event):
    """All envelopes were opened, and `ballots` count; `closing` is the SHA-256 of the note that says all of it.

    `gone` envelopes were sealed one night and were not there when the box was shut.
    """

    name: ClassVar[str] = "voting.counted_from"
    closing: str
    envelopes: int
    ballots: int
    gone: int
