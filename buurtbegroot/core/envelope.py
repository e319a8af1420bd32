"""Sealing a ballot at casting and opening it after closing; who may cast what is decided elsewhere."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from buurtbegroot.core.ballots import ballot_leaf
from buurtbegroot.core.canonical import digest
from buurtbegroot.core.credentials import form_mark, locator, nullifier, receipt_key, voter_tag
from buurtbegroot.core.receipts import SALT_BYTES, TRACKER_BYTES, Receipt, sign_receipt, verify_receipt
from buurtbegroot.core.signatures import SIGNATURE_BYTES
from buurtbegroot.core.stored_receipts import seal_receipt

BLIND_BYTES = 32
NULLIFIER_BYTES = 32
BYTES_PER_CHOICE = 20  # the longest plan id of 64 bits and a comma

_VERSION = b"\x02"
_NUMBER_BYTES = 2  # of epoch and revision
_LENGTH_BYTES = 4
_SIZES = (TRACKER_BYTES, NULLIFIER_BYTES, BLIND_BYTES, SALT_BYTES, _NUMBER_BYTES, _NUMBER_BYTES, SIGNATURE_BYTES)
_HEADER_BYTES = len(_VERSION) + sum(_SIZES) + _LENGTH_BYTES


class Stranger(StrEnum):
    """Why an envelope is not one that the server has signed for."""

    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    UNSIGNED = "unsigned"
    COPY = "copy"


class StrangerError(Exception):
    """An envelope that the server did not put in the box; `reason` says why."""

    def __init__(self, reason: Stranger) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class SealingKeys:
    """An X25519 key pair, 32 bytes each half: the public half seals, the secret half opens after closing."""

    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class CastContext:
    """All that casting needs to know of a round; the same for each of its ballots.

    `capacity` is the room for choices in bytes, see choices_capacity; `epoch` counts how often the vote was restored.
    `link_key` and `signing_seed` come from the key file of the server, 32 bytes each.
    """

    round_id: bytes
    manifest: bytes
    epoch: int
    capacity: int
    sealing_key: bytes
    link_key: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)


@dataclass(frozen=True)
class CastMaterial:
    """One row of the ballot box, and the receipt that its voter gets; the leaf is in the receipt alone."""

    locator: bytes
    mark: bytes
    sealed: bytes
    receipt_ct: bytes
    receipt: Receipt


class Contents(NamedTuple):
    """The contents of an envelope. Nullifier and tracker must never be published or logged side by side."""

    tracker: bytes
    nullifier: bytes
    blind: bytes
    s: bytes
    epoch: int
    rev: int
    signature: bytes
    choices: bytes

    def receipt(self, *, round_id: bytes, manifest: bytes) -> Receipt:
        """Return the receipt that the voter of this ballot got, with the leaf that follows from the contents."""
        leaf = ballot_leaf(self.tracker, self.choices, self.blind, round_id=round_id, manifest=manifest)
        return Receipt(round_id, manifest, self.tracker, self.s, self.epoch, self.rev, leaf, self.signature)


def generate_sealing_keys(entropy: Callable[[int], bytes] = secrets.token_bytes) -> SealingKeys:
    """Draw the sealing key pair of a round."""
    secret = PrivateKey(entropy(PrivateKey.SIZE))
    return SealingKeys(public=bytes(secret.public_key), secret=bytes(secret))


def choices_capacity(most_choices: int) -> int:
    """Return the room in bytes for the choices, as canonical JSON, of any ballot of a round.

    It depends on the ballot type only, never on a ballot, so that the size of an envelope tells nothing.
    """
    return len(b"[]") + most_choices * BYTES_PER_CHOICE


def envelope_size(capacity: int) -> int:
    """Return the size in bytes of every envelope of a round."""
    return int(PublicKey.SIZE) + 16 + _HEADER_BYTES + capacity  # a key of its own and an authenticator


def make_tracker(tag: bytes, *, round_id: bytes, s: bytes, rev: int) -> bytes:
    """Return the public name of a ballot, 16 bytes, from the voter's tag, 16 random bytes and revision."""
    return digest("v2/tracker", round_id, tag, s, rev.to_bytes(8, "big"))[:TRACKER_BYTES]


def seal(contents: Contents, *, capacity: int, sealing_key: bytes) -> bytes:
    """Seal a ballot for the holder of the secret half. All envelopes of one capacity have the same size.

    Raises ValueError when the choices do not fit.
    """
    if len(contents.choices) > capacity:
        raise ValueError(f"choices of {len(contents.choices)} bytes do not fit in {capacity}")
    parts: tuple[bytes | int, ...] = contents[:-1]
    header = b"".join(_bytes(part, size) for part, size in zip(parts, _SIZES, strict=True))
    length = len(contents.choices).to_bytes(_LENGTH_BYTES, "big")
    plain = _VERSION + header + length + contents.choices.ljust(capacity, b"\x00")
    return SealedBox(PublicKey(sealing_key)).encrypt(plain)


def open_envelope(sealed: bytes, secret: PrivateKey, *, round_id: bytes, manifest: bytes, signer: bytes) -> Contents:
    """Open an envelope with the secret sealing key and check that the server signed for what is in it.

    `signer` is the server's public key, 32 bytes. Raises StrangerError for an envelope that the server did not make.
    """
    contents = _parse(_decrypt(sealed, secret))
    if not verify_receipt(contents.receipt(round_id=round_id, manifest=manifest), signer):
        raise StrangerError(Stranger.UNSIGNED)
    return contents


def cast_material(
    k: bytes,
    choices: bytes,
    rev: int,
    *,
    form: bytes,
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
    receipt = sign_receipt(Receipt(round_id, manifest, tracker, s, context.epoch, rev, leaf), context.signing_seed)
    contents = Contents(tracker, nullifier(k), blind, s, context.epoch, rev, receipt.signature, choices)
    return CastMaterial(
        locator=locator(context.link_key, k),
        mark=form_mark(context.link_key, k, form=form, choices=choices),
        sealed=seal(contents, capacity=context.capacity, sealing_key=context.sealing_key),
        receipt_ct=seal_receipt(receipt_key(context.link_key, k, form), receipt),
        receipt=receipt,
    )


def is_own_receipt(receipt: Receipt, k: bytes) -> bool:
    """Whether the tracker on a receipt was made from this voter's key, and so was given to nobody else."""
    made = make_tracker(voter_tag(k), round_id=receipt.round, s=receipt.s, rev=receipt.rev)
    return made == receipt.tracker


def _bytes(part: bytes | int, size: int) -> bytes:
    return part.to_bytes(size, "big") if isinstance(part, int) else part


def _decrypt(sealed: bytes, secret: PrivateKey) -> bytes:
    try:
        return SealedBox(secret).decrypt(sealed)
    except CryptoError as error:
        raise StrangerError(Stranger.UNREADABLE) from error


def _parse(plaintext: bytes) -> Contents:
    header, room = plaintext[:_HEADER_BYTES], plaintext[_HEADER_BYTES:]
    length = int.from_bytes(header[-_LENGTH_BYTES:], "big")
    well_formed = header.startswith(_VERSION) and len(header) == _HEADER_BYTES and length <= len(room)
    if not well_formed or any(room[length:]):
        raise StrangerError(Stranger.MALFORMED)
    parts, at = [], len(_VERSION)
    for size in _SIZES:
        parts.append(header[at : at + size])
        at += size
    tracker, nullifier_, blind, s, epoch, rev, signature = parts
    number, revision = int.from_bytes(epoch, "big"), int.from_bytes(rev, "big")
    return Contents(tracker, nullifier_, blind, s, number, revision, signature, room[:length])
