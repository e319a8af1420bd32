"""Who acts, whether they may, and how an act is refused: what every action begins with; no Flask and no tables."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who did it, as the public log may know it: a random pseudonym and the role in which it was done."""

    pseudonym: str
    role: str


SYSTEM_ACTOR = Actor(pseudonym="systeem", role="system")
"""How the log names the program itself, whichever job or command it was."""


class Person:
    """Somebody with an account; the table of accounts fills this in."""

    @property
    def actor(self) -> Actor:
        """Who this person is in the public log."""
        raise NotImplementedError

    @property
    def is_administrator(self) -> bool:
        """Whether this person may do everything everywhere, as far as one person may."""
        raise NotImplementedError


@dataclass(frozen=True)
class System:
    """The program itself, by the name of the job or command that runs."""

    name: str

    @property
    def actor(self) -> Actor:
        """Who this is in the public log."""
        return SYSTEM_ACTOR


@dataclass(frozen=True)
class Anyone:
    """A visitor, never identified: who casts a ballot, looks at its receipt or asks to sign in. The log has no line."""


ANYONE = Anyone()
By = Person | System | Anyone
"""Who acts, as each action is told by its argument `by`."""


def is_administrator(by: By) -> bool:
    """Tell whether a person acts who may do everything everywhere; the roles of areas are known to accounts."""
    return isinstance(by, Person) and by.is_administrator


class Fault(Enum):
    """Why an act is refused; each room lists its own, and has words for each. Two of the same name are not equal."""


class RefusedError(Exception):
    """An act that is not done: `fault` says why, `facts` fill its words. The edge rolls back and answers `status`."""

    status: ClassVar[int] = 409

    def __init__(self, fault: Fault, **facts: object) -> None:
        told = ", ".join(f"{name} {fact}" for name, fact in facts.items())
        super().__init__(fault.value.replace("_", " ") + (f" ({told})" if told else ""))
        self.fault = fault
        self.facts = facts


class SeenFault(Fault):
    """Why whoever acts must look again first."""

    CHANGED_SINCE = "changed_since"


class ChangedSinceError(RefusedError):
    """The thing is no longer as whoever acts saw it; nothing is written over it."""

    def __init__(self) -> None:
        super().__init__(SeenFault.CHANGED_SINCE)


class NotAllowedError(Exception):
    """Whoever acts may not do this; `hidden` when they must not even learn that the thing exists."""

    def __init__(self, *, hidden: bool) -> None:
        super().__init__("not allowed")
        self.hidden = hidden


def require(allowed: bool, *, hidden: bool = False) -> None:
    """Raise NotAllowedError unless the policy allows it; `hidden` where the existence of the thing is not public."""
    if not allowed:
        raise NotAllowedError(hidden=hidden)


def insist(holds: bool, fault: Fault, **facts: object) -> None:
    """Raise RefusedError with this fault unless the condition holds."""
    if not holds:
        raise RefusedError(fault, **facts)
