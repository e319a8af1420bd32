"""Checkpoints of logs (c2sp.org/tlog-checkpoint) and the rule that a log only grows; no storage here."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from buurtbegroot.core.merkle import merkle_root, verify_consistency
from buurtbegroot.core.signing import NoteError, NoteSigner, NoteVerifier, decode_base64, open_note, sign_note

ROOT_BYTES = 32

_TEXT = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[^\n]+)\n", re.ASCII)


class LogForkError(Exception):
    """A log that has shrunk or changed since its last checkpoint: never sign it, always report it."""


@dataclass(frozen=True)
class Checkpoint:
    """A claim about a whole log: its name (origin), its number of leaves and its Merkle root, 32 bytes."""

    origin: str
    size: int
    root: bytes


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Write a checkpoint as three lines: origin, size, root in base64."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises NoteError unless it is exactly these three lines."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise NoteError("a checkpoint is three lines: origin, size, root")
    root = decode_base64(match["root"])
    if len(root) != ROOT_BYTES:
        raise NoteError(f"a root has {ROOT_BYTES} bytes, not {len(root)}")
    return Checkpoint(match["origin"], int(match["size"]), root)


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """Return the checkpoint as a note signed under the name of the log.

    Sign only what next_checkpoint has returned, and only after storing it. Raises NoteError when the signer
    has another name than the log.
    """
    if signer.name != checkpoint.origin:
        raise NoteError(f"{signer.name} does not sign for {checkpoint.origin}")
    return sign_note(checkpoint_text(checkpoint), signer)


def open_checkpoint(note: str, log: NoteVerifier) -> Checkpoint:
    """Return the checkpoint in a note signed by this log. Raises NoteError when there is none."""
    checkpoint = parse_checkpoint(open_note(note, [log]).text)
    if checkpoint.origin != log.name:
        raise NoteError(f"a checkpoint of {checkpoint.origin}, not of {log.name}")
    return checkpoint


def next_checkpoint(last: Checkpoint | None, leaves: Sequence[bytes], *, origin: str) -> Checkpoint:
    """Return the checkpoint of the whole log, given the last one that was signed, or None before the first.

    Raises LogForkError when the leaves are not the old ones with zero or more added: then there is nothing to
    sign.
    """
    if last is not None:
        if last.origin != origin:
            raise LogForkError(f"the last checkpoint is of {last.origin}, not of {origin}")
        if len(leaves) < last.size:
            raise LogForkError(f"{origin} went back from {last.size} leaves to {len(leaves)}")
        if merkle_root(leaves[: last.size]) != last.root:
            raise LogForkError(f"{origin} changed among its first {last.size} leaves")
    return Checkpoint(origin, len(leaves), merkle_root(leaves))


def check_growth(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Check, without the leaves, that a log has only grown; for witnesses.

    Raises LogForkError when the proof does not show it.
    """
    if old.origin != new.origin:
        raise LogForkError(f"checkpoints of two logs: {old.origin} and {new.origin}")
    if not verify_consistency(proof, old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root):
        raise LogForkError(f"no proof that {old.origin} grew from {old.size} to {new.size} leaves")


def registry_root(commitments: Sequence[bytes]) -> bytes:
    """Return the Merkle root, 32 bytes, of the registry: its commitments in ascending order, each once.

    Raises ValueError for another order, which could tell in what order the codes were made.
    """
    if any(left >= right for left, right in pairwise(commitments)):
        raise ValueError("the commitments are not in ascending order or one is there twice")
    return merkle_root(commitments)
