"""One way to write a value as bytes and one way to hash bytes; what is hashed is decided elsewhere."""

import hashlib
import json

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_SIMPLE = frozenset({int, str, bool, type(None)})


def canonical_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes.

    Accepts ints, strings, booleans, None, lists (tuples count as lists) and dicts with string keys.
    Raises TypeError for anything else: a float has no single spelling and a date none at all.
    Raises UnicodeEncodeError (a ValueError) for a string with a lone surrogate.
    """
    _refuse_others(value, where=("value",))
    return _ENCODER.encode(value).encode()


def digest(label: str, *fields: bytes) -> bytes:
    """Return the 32 bytes of SHA-256 over the label `bb/<label>` and the fields.

    A label begins with the version of the protocol that it belongs to: `v1/lot` of counting, `v2/ballot` of voting.
    Label and fields are each preceded by their length as 8 bytes, big-endian, so that no two
    different lists of fields give the same input.
    """
    hasher = hashlib.sha256()
    for field in (f"bb/{label}".encode(), *fields):
        hasher.update(len(field).to_bytes(8, "big"))
        hasher.update(field)
    return hasher.digest()


def _refuse_others(value: object, *, where: tuple[str, ...]) -> None:
    if isinstance(value, list | tuple):
        parts = ((f"[{index}]", item) for index, item in enumerate(value) if type(item) not in _SIMPLE)
    elif isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{''.join(where)}: the key {key!r} is not a string")
        parts = ((f".{key}", item) for key, item in value.items() if type(item) not in _SIMPLE)
    elif value is None or isinstance(value, str | int):
        return
    else:
        raise TypeError(f"{''.join(where)}: {type(value).__name__} has no canonical form")
    for name, item in parts:
        _refuse_others(item, where=(*where, name))
