"""What the log says about rounds of the past."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event
from buurtbegroot.proposals.events import ProposalEvent


@dataclass(frozen=True, kw_only=True)
class PlanBroughtIn(ProposalEvent):
    """A plan of a past vote was brought in with its round, at this cost in cents."""

    name: ClassVar[str] = "archive.plan_brought_in"

    cost_cents: int


@dataclass(frozen=True, kw_only=True)
class RoundBroughtIn(Event):
    """A past vote was brought in from the file with this SHA-256; `counted` tells whether its winners were counted.

    `withdrawn` is how many projects of the file took no part in its count and are left out.
    """

    name: ClassVar[str] = "archive.brought_in"

    title: str
    file: str
    plans: int
    ballots: int
    withdrawn: int
    budget_cents: int
    counted: bool
    trace: str
