"""Sealing a ballot at casting and opening it after closing; who may cast what is decided elsewhere."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from buurtbegroot.core.canonical import digest
from buurtbegroot.core.credentials import locator, nullifier, receipt_key, voter_tag
from buurtbegroot.core.receipts import SALT_BYTES, TRACKER_BYTES, Receipt, seal_receipt, sign_receipt

BLIND_BYTES = 32
NULLIFIER_BYTES = 32
BYTES_PER_CHOICE = 20  # the longest plan id of 64 bits and a comma

_VERSION = b"\x01"
_LENGTH_BYTES = 4
_HEADER_BYTES = len(_VERSION) + TRACKER_BYTES + NULLIFIER_BYTES + BLIND_BYTES + _LENGTH_BYTES


class Defect(StrEnum):
    """Why a sealed ballot cannot be counted."""

    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    WRONG_LEAF = "wrong_leaf"


class DefectError(Exception):
    """An envelope that does not hold the ballot its leaf stands for; `defect` says why."""

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect.value)
        self.defect = defect


@dataclass(frozen=True)
class SealingKeys:
    """An X25519 key pair, 32 bytes each half: the public half seals, the secret half opens after closing."""

    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class CastContext:
    """All that casting needs to know of a round; the same for each of its ballots.

    `capacity` is the room for choices in bytes, see choices_capacity. `link_key` and `signing_seed` come from
    the key file of the server, 32 bytes each.
    """

    round_id: bytes
    manifest: bytes
    capacity: int
    sealing_key: bytes
    link_key: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)


@dataclass(frozen=True)
class CastMaterial:
    """One row of the ballot box, and the receipt that its voter gets."""

    locator: bytes
    leaf: bytes
    sealed: bytes
    receipt_ct: bytes
    receipt: Receipt


@dataclass(frozen=True)
class OpenedBallot:
    """The contents of an envelope. Nullifier and tracker must never be published or logged side by side."""

    tracker: bytes
    choices: bytes
    blind: bytes
    nullifier: bytes = field(repr=False)


def generate_sealing_keys(entropy: Callable[[int], bytes] = secrets.token_bytes) -> SealingKeys:
    """Draw the sealing key pair of a round."""
    secret = PrivateKey(entropy(PrivateKey.SIZE))
    return SealingKeys(public=bytes(secret.public_key), secret=bytes(secret))


def choices_capacity(most_choices: int) -> int:
    """Return the room in bytes for the choices, as canonical JSON, of any ballot of a round.

    It depends on the ballot type only, never on a ballot, so that the size of an envelope tells nothing.
    """
    return len(b"[]") + most_choices * BYTES_PER_CHOICE


def make_tracker(tag: bytes, *, round_id: bytes, s: bytes, rev: int) -> bytes:
    """Return the public name of a ballot, 16 bytes, from the voter's tag, 16 random bytes and revision."""
    return digest("tracker", round_id, tag, s, rev.to_bytes(8, "big"))[:TRACKER_BYTES]


def ballot_leaf(tracker: bytes, choices: bytes, blind: bytes, *, round_id: bytes, manifest: bytes) -> bytes:
    """Return what stands in the log for a ballot, 32 bytes; `blind` hides the choices until opened."""
    return digest("ballot", round_id, manifest, tracker, choices, blind)


def seal(ballot: OpenedBallot, *, capacity: int, sealing_key: bytes) -> bytes:
    """Seal a ballot for the holder of the secret half. All envelopes of one capacity have the same size.

    Raises ValueError when the choices do not fit.
    """
    if len(ballot.choices) > capacity:
        raise ValueError(f"choices of {len(ballot.choices)} bytes do not fit in {capacity}")
    length = len(ballot.choices).to_bytes(_LENGTH_BYTES, "big")
    header = _VERSION + ballot.tracker + ballot.nullifier + ballot.blind + length
    return SealedBox(PublicKey(sealing_key)).encrypt(header + ballot.choices.ljust(capacity, b"\x00"))


def open_envelope(sealed: bytes, secret: bytes, *, round_id: bytes, manifest: bytes, leaf: bytes) -> OpenedBallot:
    """Open an envelope with the secret sealing key and check its contents against the leaf in the log.

    Raises DefectError, to be listed in public, when it cannot be opened or holds another ballot.
    """
    ballot = _parse(_decrypt(sealed, secret))
    computed = ballot_leaf(ballot.tracker, ballot.choices, ballot.blind, round_id=round_id, manifest=manifest)
    if computed != leaf:
        raise DefectError(Defect.WRONG_LEAF)
    return ballot


def cast_material(
    k: bytes,
    choices: bytes,
    rev: int,
    *,
    context: CastContext,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> CastMaterial:
    """Make everything that casting stores and answers; `choices` are canonical and legal, `rev` is from 1.

    Each call draws new secrets: answer a repeated form with the receipt that was stored, not with a second
    call. Raises ValueError when the choices exceed the capacity of the round.
    """
    round_id, manifest = context.round_id, context.manifest
    s, blind = entropy(SALT_BYTES), entropy(BLIND_BYTES)
    tracker = make_tracker(voter_tag(k), round_id=round_id, s=s, rev=rev)
    leaf = ballot_leaf(tracker, choices, blind, round_id=round_id, manifest=manifest)
    ballot = OpenedBallot(tracker, choices, blind, nullifier(k))
    receipt = sign_receipt(Receipt(round_id, manifest, tracker, s, rev, leaf), context.signing_seed)
    return CastMaterial(
        locator=locator(context.link_key, k),
        leaf=leaf,
        sealed=seal(ballot, capacity=context.capacity, sealing_key=context.sealing_key),
        receipt_ct=seal_receipt(receipt_key(context.link_key, k), receipt),
        receipt=receipt,
    )


def is_own_receipt(receipt: Receipt, k: bytes) -> bool:
    """Whether the tracker on a receipt was made from this voter's key, and so was given to nobody else."""
    made = make_tracker(voter_tag(k), round_id=receipt.round, s=receipt.s, rev=receipt.rev)
    return made == receipt.tracker


def _decrypt(sealed: bytes, secret: bytes) -> bytes:
    try:
        return SealedBox(PrivateKey(secret)).decrypt(sealed)
    except CryptoError as error:
        raise DefectError(Defect.UNREADABLE) from error


def _parse(plaintext: bytes) -> OpenedBallot:
    header, room = plaintext[:_HEADER_BYTES], plaintext[_HEADER_BYTES:]
    length = int.from_bytes(header[-_LENGTH_BYTES:], "big")
    well_formed = header.startswith(_VERSION) and len(header) == _HEADER_BYTES and length <= len(room)
    if not well_formed or any(room[length:]):
        raise DefectError(Defect.MALFORMED)
    fields = header[len(_VERSION) : -_LENGTH_BYTES]
    return OpenedBallot(
        tracker=fields[:TRACKER_BYTES],
        nullifier=fields[TRACKER_BYTES:-BLIND_BYTES],
        blind=fields[-BLIND_BYTES:],
        choices=room[:length],
    )
