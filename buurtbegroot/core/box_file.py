"""The box file: every envelope of a round once, in the order of its SHA-256; what opens them is in opening.

It is written at closing, beside the keys, and from then on the database is never asked. A header of four lines, then
each envelope after its length in four bytes, big-endian:

    bb-box/v2
    round: 7
    envelopes: 2
    (an empty line)
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

FORMAT = "bb-box/v2"
MOST_ENVELOPE = 1_000_000  # bytes: a row that nobody's ballot could be is cut there, and is a stranger all the same

_LENGTH_BYTES = 4
_HEADER = re.compile(
    FORMAT.replace(".", r"\.").encode()
    + rb"\nround: (?P<round>[A-Za-z0-9][A-Za-z0-9._-]{0,63})\nenvelopes: (?P<number>0|[1-9][0-9]{0,9})\n\n"
)


class BoxFileError(ValueError):
    """Bytes that are no box file."""


def fingerprint(envelope: bytes) -> bytes:
    """Return by what an envelope is known in seals and lists, 32 bytes: plain SHA-256."""
    return hashlib.sha256(envelope).digest()


def box_file(envelopes: Iterable[bytes], *, round_id: bytes) -> Iterator[bytes]:
    """Yield the file piece by piece; envelopes may come in any order, and more than once."""
    by_fingerprint = {fingerprint(each): each for each in (envelope[:MOST_ENVELOPE] for envelope in envelopes)}
    yield f"{FORMAT}\nround: {round_id.decode('ascii')}\nenvelopes: {len(by_fingerprint)}\n\n".encode("ascii")
    for name in sorted(by_fingerprint):
        envelope = by_fingerprint[name]
        yield len(envelope).to_bytes(_LENGTH_BYTES, "big") + envelope


def read_box(file: bytes | memoryview, *, round_id: bytes) -> list[bytes]:
    """Return the envelopes in a file; raises BoxFileError unless it is exactly what box_file writes for this round."""
    view = memoryview(file)
    match = _HEADER.match(view)
    if match is None or match["round"] != round_id:
        raise BoxFileError("not the box file of this round")
    found, at, last = [], match.end(), b""
    for _ in range(int(match["number"])):
        length = int.from_bytes(view[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES + length
        if at > len(view) or length > MOST_ENVELOPE:
            raise BoxFileError("the file breaks off")
        envelope = bytes(view[at - length : at])
        name = fingerprint(envelope)
        if name <= last:
            raise BoxFileError("the envelopes are not in the order of their SHA-256")
        found.append(envelope)
        last = name
    if at != len(view):
        raise BoxFileError("there is more behind the last envelope")
    return found
