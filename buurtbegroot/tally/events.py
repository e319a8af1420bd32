"""What the log says about the count; when it is said is decided by the actions."""

from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.audit.events import Event


@dataclass(frozen=True, kw_only=True)
class RoundCounted(Event):
    """The ballots were counted; `trace` is the SHA-256 of the whole count."""

    name: ClassVar[str] = "tally.counted"
    ballots: int
    trace: str


@dataclass(frozen=True, kw_only=True)
class RoundRecounted(Event):
    """The ballots were counted again; `same` says whether everything that was stored came out again."""

    name: ClassVar[str] = "tally.recounted"
    same: bool
    trace: str


@dataclass(frozen=True, kw_only=True)
class CountBegunAgain(Event):
    """What was opened and counted was let go, for the box to be opened again from its file."""

    name: ClassVar[str] = "tally.begun_again"


@dataclass(frozen=True, kw_only=True)
class CertifiedWithLoss(Event):
    """Two people made an outcome final although so many envelopes, which were sealed one night, are gone."""

    name: ClassVar[str] = "tally.certified_with_loss"
    envelopes: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class LossesExplained(Event):
    """Of every plan that lost it is worked out what would have been enough."""

    name: ClassVar[str] = "tally.losses_explained"
    plans: int


@dataclass(frozen=True, kw_only=True)
class SecretsDestroyed(Event):
    """Envelopes, stored receipts and the keys of the round are gone."""

    name: ClassVar[str] = "tally.secrets_destroyed"
    envelopes: int
