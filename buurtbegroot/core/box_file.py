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
from typing import BinaryIO

FORMAT = "bb-box/v2"
MOST_ENVELOPE = 1_000_000  # bytes: a row that nobody's ballot could be is cut there, and is a stranger all the same

_LENGTH_BYTES = 4
_MOST_HEADER = 100  # bytes of a line
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


def read_box(file: BinaryIO, *, round_id: bytes) -> Iterator[bytes]:
    """Yield the envelopes in a file one by one; raises BoxFileError unless box_file writes just that for this round."""
    match = _HEADER.fullmatch(b"".join(file.readline(_MOST_HEADER) for _ in range(4)))
    if match is None or match["round"] != round_id:
        raise BoxFileError("not the box file of this round")
    last = b""
    for _ in range(int(match["number"])):
        told = file.read(_LENGTH_BYTES)
        length = int.from_bytes(told, "big")
        envelope = file.read(length) if length <= MOST_ENVELOPE else b""
        if len(told) != _LENGTH_BYTES or len(envelope) != length:
            raise BoxFileError("the file breaks off")
        name = fingerprint(envelope)
        if name <= last:
            raise BoxFileError("the envelopes are not in the order of their SHA-256")
        yield envelope
        last = name
    if file.read(1):
        raise BoxFileError("there is more behind the last envelope")
