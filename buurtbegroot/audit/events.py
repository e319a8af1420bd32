"""What an event and its actor look like; each room declares its own events from these."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who did it, as the public log may know it: a random pseudonym and the role in which it was done."""

    pseudonym: str
    role: str


SYSTEM = Actor(pseudonym="systeem", role="system")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `name` is `room.what_happened`; `object` is `kind:id`; `points` are accord numbers.

    A subclass adds fields of plain JSON types: these are the payload, public unless named in `personal`.
    """

    name: ClassVar[str]
    personal: ClassVar[frozenset[str]] = frozenset()

    object: str
    points: tuple[int, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Return the fields that the subclass added."""
        return {key: value for key, value in asdict(self).items() if key not in {"object", "points"}}
