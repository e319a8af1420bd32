"""What counts of the envelopes of a closed round; it follows from the set of envelopes, never from where they lay.

Everything here is in memory and the same on each run: what a voter chose, who the code was and where the envelope lay
never leave together. What leaves is sorted by its own bytes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple, TypeVar

from nacl.public import PrivateKey

from buurtbegroot.core.ballots import Ballot
from buurtbegroot.core.credentials import commitment
from buurtbegroot.core.envelope import Stranger, StrangerError, open_envelope

T = TypeVar("T")


class Refusal(StrEnum):
    """Why a ballot that the server signed for is not counted, although its voter replaced it by no other."""

    UNREGISTERED = "unregistered"
    TRACKER_TWICE = "tracker_twice"
    ILLEGAL = "illegal"


class Signed(NamedTuple):
    """One ballot that the server signed for; the highest of a nullifier counts."""

    nullifier: bytes
    epoch: int
    rev: int
    leaf: bytes
    tracker: bytes
    blind: bytes
    choices: bytes


@dataclass(frozen=True, kw_only=True)
class Opener:
    """What opens the envelopes of one round: `secret` is the secret sealing key, `signer` the server's public key."""

    round_id: bytes
    manifest: bytes
    signer: bytes
    secret: bytes = field(repr=False)

    def look(self, envelopes: Iterable[bytes]) -> Iterator[Signed | Stranger]:
        """Yield what is in each envelope, or why it is none of ours; the slow part, which can be split at will."""
        key = PrivateKey(self.secret)
        own = {"round_id": self.round_id, "manifest": self.manifest}
        for sealed in envelopes:
            try:
                found = open_envelope(sealed, key, signer=self.signer, **own)
            except StrangerError as error:
                yield error.reason
            else:
                leaf = found.receipt(**own).leaf
                blind, choices = found.blind, found.choices
                yield Signed(found.nullifier, found.epoch, found.rev, leaf, found.tracker, blind, choices)


@dataclass(frozen=True, kw_only=True)
class Register:
    """Whose ballots count: the commitments of all codes that may vote, and of those that two people made void.

    `is_legal` tells of choices, as they were sealed, whether they are a valid ballot.
    """

    round_id: bytes
    codes: Collection[bytes]
    voids: Collection[bytes]
    is_legal: Callable[[bytes], bool]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """All that leaves the opener. Every signed leaf stands in exactly one of ballots, superseded and refused."""

    ballots: Collection[Ballot]
    nullifiers: Collection[bytes]
    superseded: Collection[bytes]
    refused: Collection[tuple[bytes, Refusal]]
    strangers: dict[Stranger, int]
    leaves: Collection[bytes]


def settle(looks: Iterable[Signed | Stranger], register: Register) -> Opened:
    """Decide what counts: of each code that may vote the ballot with the highest epoch, revision and leaf."""
    strangers: Counter[Stranger] = Counter()
    signed = _once(looks, strangers)
    by_leaf = list(signed)
    signed.sort(key=_of_voter)
    superseded: list[bytes] = []
    refused, last = [], []
    for nullifier, own in groupby(signed, key=_nullifier):
        *earlier, latest = own
        code = commitment(register.round_id, nullifier)
        superseded += map(_leaf, earlier)
        if code in register.voids:
            superseded.append(_leaf(latest))
        elif code not in register.codes:
            refused.append((_leaf(latest), Refusal.UNREGISTERED))
        elif not register.is_legal(_ballot(latest).choices):
            refused.append((_leaf(latest), Refusal.ILLEGAL))
        else:
            last.append(latest)
    twice = {one for one, other in pairwise(sorted(map(_tracker, signed))) if one == other}
    refused += [(_leaf(each), Refusal.TRACKER_TWICE) for each in last if _tracker(each) in twice]
    counted = [each for each in last if _tracker(each) not in twice]
    return Opened(
        ballots=_Parts(sorted(counted, key=_tracker), _ballot),
        nullifiers=_Parts(counted, _nullifier),
        superseded=tuple(sorted(superseded)),
        refused=tuple(sorted(refused)),
        strangers={reason: strangers[reason] for reason in Stranger if strangers[reason]},
        leaves=_Parts(by_leaf, _leaf),
    )


def _once(looks: Iterable[Signed | Stranger], strangers: Counter[Stranger]) -> list[bytes]:
    """Return each leaf once, in rising order; count what is none of ours, and envelopes that hold a leaf once more."""
    signed = []
    for look in looks:
        if isinstance(look, Stranger):
            strangers[look] += 1
        else:
            signed.append(_packed(look))
    signed.sort()
    found = [next(same) for _, same in groupby(signed, key=_leaf)]
    strangers[Stranger.COPY] += len(signed) - len(found)
    return found


@dataclass(frozen=True)
class _Parts(Collection[T]):
    """A part of each ballot in the order of these pieces, cut out when it is asked for."""

    pieces: Sequence[bytes]
    cut: Callable[[bytes], T]

    def __len__(self) -> int:
        return len(self.pieces)

    def __iter__(self) -> Iterator[T]:
        return map(self.cut, self.pieces)

    def __contains__(self, part: object) -> bool:
        return any(each == part for each in self)


# A million ballots lie in memory in one piece each; these pieces are in the order of their leaves.
_leaf = itemgetter(slice(32))
_of_voter = itemgetter(slice(32, 68))
_nullifier = itemgetter(slice(32, 64))
_tracker = itemgetter(slice(68, 84))


def _packed(one: Signed) -> bytes:
    numbers = one.epoch.to_bytes(2, "big") + one.rev.to_bytes(2, "big")
    return one.leaf + one.nullifier + numbers + one.tracker + one.blind + one.choices


def _ballot(packed: bytes) -> Ballot:
    return Ballot(packed[68:84], packed[116:], packed[84:116])
