"""Night seals: each night the box is bound to what lay in it, without saying how much that is.

The list of seals holds the SHA-256 of every envelope, each night those that are new, sorted. What is public before
closing is a hash with a random salt of size and root; after closing both, and the list, show that nothing went.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.merkle import merkle_root

SALT_BYTES = 32


@dataclass(frozen=True)
class Seal:
    """How many envelopes the list held at a moment, its Merkle root and the salt, 32 bytes each, that hides both."""

    salt: bytes
    size: int
    root: bytes

    @property
    def commitment(self) -> bytes:
        """What the public log gets of it, 32 bytes."""
        return digest("v2/seal", self.salt, self.size.to_bytes(8, "big"), self.root)


@dataclass(frozen=True)
class SealList:
    """The SHA-256 of all envelopes that were sealed, night after night, and the seals, the oldest first."""

    envelopes: tuple[bytes, ...] = ()
    seals: tuple[Seal, ...] = ()

    @classmethod
    def parse(cls, plain: Mapping[str, Any]) -> "SealList":
        """Return the list of a seals.json; raises KeyError, TypeError or ValueError for what is none."""
        seals = (Seal(bytes.fromhex(one["salt"]), one["size"], bytes.fromhex(one["root"])) for one in plain["seals"])
        return cls(tuple(map(bytes.fromhex, plain["envelopes"])), tuple(seals))

    def file(self, nights: Sequence[str | None]) -> bytes:
        """Return the one seals.json that says all of it, with the night of each seal that the log names."""
        seals = [
            ({} if night is None else {"night": night})
            | {"salt": seal.salt.hex(), "size": seal.size, "root": seal.root.hex()}
            for night, seal in zip(nights, self.seals, strict=True)
        ]
        return canonical_json({"envelopes": [each.hex() for each in self.envelopes], "seals": seals})

    def sealed(self, box: Collection[bytes], *, salt: bytes) -> "SealList":
        """Return the list with what is new in the box, which holds SHA-256 of envelopes, and one more seal."""
        known = set(self.envelopes)
        envelopes = (*self.envelopes, *sorted(each for each in set(box) if each not in known))
        return SealList(envelopes, (*self.seals, Seal(salt, len(envelopes), merkle_root(envelopes))))

    def missing(self, box: Collection[bytes]) -> tuple[bytes, ...]:
        """Return what was sealed and is not in the box, in the order of the list."""
        here = set(box)
        return tuple(each for each in self.envelopes if each not in here)


def broken_seals(found: SealList, commitments: Sequence[bytes]) -> list[int]:
    """Return which seals, counted from 1, are not what the log said or not of the list; empty when all hold."""
    broken = []
    for number, said in enumerate(commitments, 1):
        seal = found.seals[number - 1] if number <= len(found.seals) else None
        if seal is None or seal.commitment != said or merkle_root(found.envelopes[: seal.size]) != seal.root:
            broken.append(number)
    return broken + list(range(len(commitments) + 1, len(found.seals) + 1))
