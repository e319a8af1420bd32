"""What counts of the envelopes of a closed round; it follows from the set of envelopes, never from where they lay.

Everything here is in memory and the same on each run: what a voter chose, who the code was and where the envelope lay
never leave together. What leaves is sorted by its own bytes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from nacl.public import PrivateKey

from buurtbegroot.core.ballots import Ballot
from buurtbegroot.core.credentials import commitment
from buurtbegroot.core.envelope import Stranger, StrangerError, open_envelope


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

    ballots: tuple[Ballot, ...]
    nullifiers: tuple[bytes, ...]
    superseded: tuple[bytes, ...]
    refused: tuple[tuple[bytes, Refusal], ...]
    strangers: dict[Stranger, int]
    leaves: tuple[bytes, ...]


def settle(looks: Iterable[Signed | Stranger], register: Register) -> Opened:
    """Decide what counts: of each code that may vote the ballot with the highest epoch, revision and leaf."""
    strangers: Counter[Stranger] = Counter()
    signed = _once(looks, strangers)
    superseded, refused, last = [], [], []
    for nullifier, own in groupby(signed, key=lambda each: each.nullifier):
        *earlier, latest = own
        code = commitment(register.round_id, nullifier)
        superseded += [each.leaf for each in earlier]
        if code in register.voids:
            superseded.append(latest.leaf)
        elif code not in register.codes:
            refused.append((latest.leaf, Refusal.UNREGISTERED))
        elif not register.is_legal(latest.choices):
            refused.append((latest.leaf, Refusal.ILLEGAL))
        else:
            last.append(latest)
    trackers = Counter(each.tracker for each in signed)
    refused += [(each.leaf, Refusal.TRACKER_TWICE) for each in last if trackers[each.tracker] > 1]
    counted = [each for each in last if trackers[each.tracker] == 1]
    return Opened(
        ballots=tuple(sorted(Ballot(each.tracker, each.choices, each.blind) for each in counted)),
        nullifiers=tuple(sorted(each.nullifier for each in counted)),
        superseded=tuple(sorted(superseded)),
        refused=tuple(sorted(refused)),
        strangers={reason: strangers[reason] for reason in Stranger if strangers[reason]},
        leaves=tuple(sorted(each.leaf for each in signed)),
    )


def _once(looks: Iterable[Signed | Stranger], strangers: Counter[Stranger]) -> list[Signed]:
    """Return each leaf once, sorted; count what is none of ours, and envelopes that hold a leaf once more."""
    by_leaf: dict[bytes, Signed] = {}
    for look in looks:
        if isinstance(look, Stranger):
            strangers[look] += 1
            continue
        other = by_leaf.get(look.leaf)
        strangers[Stranger.COPY] += other is not None
        by_leaf[look.leaf] = look if other is None else min(look, other)
    return sorted(by_leaf.values())
