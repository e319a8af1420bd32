"""One way to write a value as bytes and one way to hash bytes; what is hashed is decided elsewhere."""

import hashlib
import json


def canonical_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes.

    Accepts ints, strings, booleans, None, lists (tuples count as lists) and dicts with string keys.
    Raises TypeError for anything else: a float has no single spelling and a date none at all.
    Raises UnicodeEncodeError (a ValueError) for a string with a lone surrogate.
    """
    _refuse_others(value, where="value")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


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


def _refuse_others(value: object, *, where: str) -> None:
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_others(item, where=f"{where}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where}: the key {key!r} is not a string")
            _refuse_others(item, where=f"{where}.{key}")
    else:
        raise TypeError(f"{where}: {type(value).__name__} has no canonical form")
