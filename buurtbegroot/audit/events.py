"""What an event and its actor look like; each room declares its own events from these."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

PERSONAL = "personal"
OF_A_VOTE = "voting."
"""How the events of a vote begin: what they say is needed to check a count, names nobody, and is never erased."""
Changes = dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `name` is `room.what_happened`; `object` is `kind:id`; `points` name accord points.

    A subclass adds fields of plain JSON types: these are the payload. Those named in `personal` are kept apart
    in it, under that word; only the others are public.
    """

    name: ClassVar[str]
    personal: ClassVar[frozenset[str]] = frozenset()

    object: str
    points: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Return the fields that the subclass added."""
        values = {key: value for key, value in asdict(self).items() if key not in {"object", "points"}}
        personal = {key: values.pop(key) for key in sorted(self.personal)}
        return values | ({PERSONAL: personal} if personal else {})


@dataclass(frozen=True, kw_only=True)
class ChangeEvent(Event):
    """Stored values became others: `changes` holds `old` and `new` of each by its name, None where there was none.

    Only what everyone may read is in it: nothing of a concept, and no name of a person.
    """

    changes: Changes


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Return what differs between two sets of values, as a ChangeEvent tells it."""
    names = [*old, *(name for name in new if name not in old)]
    pairs = {name: {"old": old.get(name), "new": new.get(name)} for name in names}
    return {name: pair for name, pair in pairs.items() if pair["old"] != pair["new"]}


@dataclass(frozen=True, kw_only=True)
class EntriesPutBack(Event):
    """Entries that a backup lacked were put back from beside the key; what they said is gone, but of votes."""

    name: ClassVar[str] = "audit.entries_put_back"

    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class PayloadErased(Event):
    """An administrator erased what an entry said, because it should not have been public; the reason is."""

    name: ClassVar[str] = "audit.payload_erased"

    seq: int
    reason: str
