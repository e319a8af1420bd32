"""What the log says about rounds; when it is said is decided by the actions."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import ChangeEvent, Event


@dataclass(frozen=True, kw_only=True)
class RoundCreated(Event):
    """A concept was begun; its contents stay out of the log until publication."""

    name: ClassVar[str] = "rounds.created"
    owner: str


@dataclass(frozen=True, kw_only=True)
class RoundChanged(ChangeEvent):
    """A part of the set-up changed, from what to what once the round is public; dates for a reason."""

    name: ClassVar[str] = "rounds.changed"
    part: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RoundPublished(Event):
    """Everyone can read the round from now on, with these rules."""

    name: ClassVar[str] = "rounds.published"
    title: str
    budget_cents: int
    rules: str


@dataclass(frozen=True, kw_only=True)
class RoundFrozen(Event):
    """Rules and ballot are fixed: the fingerprints of the rules and of the manifest, and the promise of the lot."""

    name: ClassVar[str] = "rounds.frozen"
    rules: str
    fingerprint: str
    lot_commitment: str


@dataclass(frozen=True, kw_only=True)
class RoundClosed(Event):
    """The ballot box is shut; the seed of the lot is public from now on, empty when none was drawn."""

    name: ClassVar[str] = "rounds.closed"
    lot_seed: str


@dataclass(frozen=True, kw_only=True)
class RoundCertified(Event):
    """The outcome is final; `bundle` is the SHA-256 of all that anybody needs to check it."""

    name: ClassVar[str] = "rounds.certified"
    bundle: str
