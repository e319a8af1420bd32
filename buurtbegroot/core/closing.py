"""What is published when a vote is opened: the lists, sorted by their own bytes, and the signed note that binds them.

The note is a signed note (c2sp.org/signed-note) of the round's log; its text has the fingerprint of the manifest and
for each list its name, number of lines and SHA-256:

    buurtbegroot.example/rondes/7
    bb-closing/v2
    manifest 64 hexadecimal digits
    ballots.jsonl 1200 64 digits
    …
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buurtbegroot.core.signing import NoteError, NoteSigner, NoteVerifier, open_note, sign_note

if TYPE_CHECKING:
    from buurtbegroot.core.opening import Opened, Register

FORMAT = "bb-closing/v2"
LISTS = (
    "ballots.jsonl", "envelopes.txt", "leaves.txt", "nullifiers.txt", "refused.txt", "registry.txt", "strangers.txt",
    "superseded.txt", "void.txt",
)  # fmt: skip

_LINE = re.compile(r"(?P<name>[a-z]+\.(?:txt|jsonl)) (?P<lines>0|[1-9][0-9]{0,9}) (?P<sha256>[0-9a-f]{64})", re.ASCII)
_MANIFEST = re.compile(r"manifest (?P<manifest>[0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Listed:
    """A list as the note binds it: its number of lines, and the SHA-256 of its bytes in hexadecimal."""

    lines: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What the note says: of which log, under which manifest (32 bytes), and of each list what it holds."""

    origin: str
    manifest: bytes
    lists: Mapping[str, Listed]


def registry_list(kinds: Mapping[bytes, str]) -> bytes:
    """Return registry.txt: each commitment with its kind, in ascending order."""
    return _lines(f"{code.hex()} {kind}" for code, kind in sorted(kinds.items()))


@dataclass(frozen=True)
class Lines:
    """A list as bytes, line by line; made anew each time that it is read, as a large one is not kept in memory."""

    _made: Callable[[], Iterable[str]]

    def __iter__(self) -> Iterator[bytes]:
        return (f"{line}\n".encode("ascii") for line in self._made())


def opened_lists(opened: "Opened", register: "Register", envelopes: Collection[bytes]) -> dict[str, Lines]:
    """Return the lists that leave the opener, by name; registry.txt stands since the opening of the vote.

    `envelopes` is by what they are known, in rising order.
    """
    return {
        "ballots.jsonl": Lines(lambda: (ballot_line(*ballot) for ballot in opened.ballots)),
        "envelopes.txt": Lines(lambda: map(bytes.hex, envelopes)),
        "leaves.txt": Lines(lambda: map(bytes.hex, opened.leaves)),
        "nullifiers.txt": Lines(lambda: map(bytes.hex, opened.nullifiers)),
        "refused.txt": Lines(lambda: (f"{leaf.hex()} {reason}" for leaf, reason in opened.refused)),
        "strangers.txt": Lines(lambda: sorted(f"{reason} {number}" for reason, number in opened.strangers.items())),
        "superseded.txt": Lines(lambda: map(bytes.hex, opened.superseded)),
        "void.txt": Lines(lambda: map(bytes.hex, sorted(register.voids))),
    }


def ballot_line(tracker: bytes, choices: bytes, blind: bytes) -> str:
    """Return one line of ballots.jsonl, without a line end; `choices` are canonical JSON, as they were sealed."""
    return f'{{"blind":"{blind.hex()}","choices":{choices.decode("ascii")},"tracker":"{tracker.hex()}"}}'


def listed(content: bytes | Iterable[bytes]) -> Listed:
    """Return how a note binds a list, which may come in pieces."""
    hashed, lines = hashlib.sha256(), 0
    for piece in [content] if isinstance(content, bytes) else content:
        hashed.update(piece)
        lines += piece.count(b"\n")
    return Listed(lines, hashed.hexdigest())


def sign_closing(closing: Closing, signer: NoteSigner) -> str:
    """Return the note. Raises NoteError unless it names every list and the signer has the name of the log."""
    if signer.name != closing.origin:
        raise NoteError(f"{signer.name} does not sign for {closing.origin}")
    text = _text(closing)
    _parse(text)
    return sign_note(text, signer)


def open_closing(note: str, log: NoteVerifier) -> Closing:
    """Return what a note says that this log has signed. Raises NoteError when it is none."""
    closing = _parse(open_note(note, [log]).text)
    if closing.origin != log.name:
        raise NoteError(f"a closing note of {closing.origin}, not of {log.name}")
    return closing


def _text(closing: Closing) -> str:
    lines = [closing.origin, FORMAT, f"manifest {closing.manifest.hex()}"]
    lines += [f"{name} {each.lines} {each.sha256}" for name, each in sorted(closing.lists.items())]
    return "".join(f"{line}\n" for line in lines)


def _parse(text: str) -> Closing:
    origin, format_, manifest, *rest = [*text.splitlines(), "", "", ""][: max(3, text.count("\n"))]
    head, found = _MANIFEST.fullmatch(manifest), [_LINE.fullmatch(line) for line in rest]
    names = tuple(match["name"] if match else "" for match in found)
    if format_ != FORMAT or head is None or names != LISTS:
        raise NoteError(f"not a closing note in the form {FORMAT}")
    lists = {match["name"]: Listed(int(match["lines"]), match["sha256"]) for match in found if match}
    return Closing(origin=origin, manifest=bytes.fromhex(head["manifest"]), lists=lists)


def hash_list(values: Iterable[bytes]) -> bytes:
    """Return a list of hashes as it is published: one in hexadecimal digits on each line."""
    return _lines(value.hex() for value in values)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
