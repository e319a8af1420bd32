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
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

FORMAT = "bb-box/v2"
MOST_ENVELOPE = 1_000_000  # bytes: a row that nobody's ballot could be is cut there, and is a stranger all the same

_NAME_BYTES, _LENGTH_BYTES, _PLACE_BYTES = 32, 4, 8
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


class Boxed(NamedTuple):
    """A box file to be written: how many different envelopes are in it, and its bytes piece by piece."""

    envelopes: int
    pieces: Iterator[bytes]


def box_file(envelopes: Iterable[bytes], *, round_id: bytes, spool: BinaryIO) -> Boxed:
    """Return the file; envelopes may come in any order, and more than once.

    They wait for their order in `spool`, an empty file that is read again piece by piece; of each only the fingerprint
    and the place are in memory.
    """
    waiting = sorted(_spooled(envelopes, spool))
    different = [one for before, one in pairwise([b"", *waiting]) if one[:_NAME_BYTES] != before[:_NAME_BYTES]]
    return Boxed(len(different), _pieces(different, round_id=round_id, spool=spool))


def _spooled(envelopes: Iterable[bytes], spool: BinaryIO) -> Iterator[bytes]:
    """Yield fingerprint, length and place in the spool of each envelope, as bytes that sort by the first."""
    place = 0
    for envelope in (each[:MOST_ENVELOPE] for each in envelopes):
        spool.write(envelope)
        yield fingerprint(envelope) + len(envelope).to_bytes(_LENGTH_BYTES, "big") + place.to_bytes(_PLACE_BYTES, "big")
        place += len(envelope)


def _pieces(waiting: Sequence[bytes], *, round_id: bytes, spool: BinaryIO) -> Iterator[bytes]:
    yield f"{FORMAT}\nround: {round_id.decode('ascii')}\nenvelopes: {len(waiting)}\n\n".encode("ascii")
    for each in waiting:
        length = each[_NAME_BYTES:-_PLACE_BYTES]
        spool.seek(int.from_bytes(each[-_PLACE_BYTES:], "big"))
        yield length + spool.read(int.from_bytes(length, "big"))


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
