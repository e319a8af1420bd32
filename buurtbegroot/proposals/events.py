"""What the log says about plans."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import ChangeEvent, Event


@dataclass(frozen=True, kw_only=True)
class ConceptSaved(Event):
    """Somebody began or changed a plan that only the author can read; nothing of it is told."""

    name: ClassVar[str] = "proposals.concept_saved"


@dataclass(frozen=True, kw_only=True)
class ConceptDeleted(Event):
    """Somebody threw a concept away."""

    name: ClassVar[str] = "proposals.concept_deleted"


@dataclass(frozen=True, kw_only=True)
class ProposalEvent(Event):
    """Something happened to a public plan."""

    round: str
    number: int
    title: str
    language: str


@dataclass(frozen=True, kw_only=True)
class ProposalSubmitted(ProposalEvent):
    """A plan was submitted and got its number; the resident's estimate in cents."""

    name: ClassVar[str] = "proposals.submitted"

    estimate_cents: int


@dataclass(frozen=True, kw_only=True)
class ProposalEdited(ProposalEvent, ChangeEvent):
    """A submitted plan was changed by its author, from what to what; the estimate in cents and the version after it."""

    name: ClassVar[str] = "proposals.edited"

    estimate_cents: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class ProposalWithdrawn(ProposalEvent, ChangeEvent):
    """The author took the plan out of the round; its status from what to what."""

    name: ClassVar[str] = "proposals.withdrawn"


@dataclass(frozen=True, kw_only=True)
class ProposalDecided(ProposalEvent, ChangeEvent):
    """A plan was admitted to the ballot or refused, with the reason; the checked cost in cents, and what was before."""

    name: ClassVar[str] = "proposals.decided"

    admitted: bool
    cost_cents: int
    reason: str
