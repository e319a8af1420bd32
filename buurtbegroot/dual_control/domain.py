"""What two people agree on: the record that the second one is shown, its hash, and how two differ; no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.records import to_plain


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that the page for the second person shows, as plain data: each act adds its own fields.

    The template is given this record and nothing else about the act. `subject` says in a few words what it is about.
    """

    subject: str


class Difference(NamedTuple):
    """One value that is not what it was, by the names that lead to it; None where there is or was nothing."""

    path: tuple[str, ...]
    old: Any
    new: Any


def plain_of(shown: Shown) -> dict[str, Any]:
    """Return the record as plain JSON."""
    plain = to_plain(shown)
    assert isinstance(plain, dict)
    return plain


def fingerprint_of(act: str, key: str, *, shown: Shown, reason: str) -> str:
    """Return the hexadecimal hash of what a request is about and of all that its page shows, the reason included."""
    return digest("v2/dual-control", act.encode(), key.encode(), canonical_json(plain_of(shown)), reason.encode()).hex()


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> list[Difference]:
    """Return where two values of plain JSON differ; the items of a list that have an id are compared by it."""
    return list(_differences(old, new, path))


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Difference]:
    if old == new:
        return
    before, after = _by_name(old), _by_name(new)
    if before is None or after is None:
        yield Difference(path, old, new)
        return
    for name in dict.fromkeys([*before, *after]):
        yield from _differences(before.get(name), after.get(name), (*path, name))


def _by_name(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, dict):
        return value
    if _has_ids(value):
        return {str(item["id"]): item for item in value}
    return None


def _has_ids(value: Any) -> bool:
    return (
        isinstance(value, Sequence) and bool(value) and all(isinstance(item, dict) and "id" in item for item in value)
    )
