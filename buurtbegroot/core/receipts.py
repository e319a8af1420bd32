"""The signed receipt of a ballot and its text; ballots themselves are in envelope."""

import re
from dataclasses import dataclass, replace

from buurtbegroot.core.credentials import ALPHABET, grouped
from buurtbegroot.core.signatures import is_signed, sign

FORMAT = "bb-receipt/v2"
TRACKER_BYTES = 16
SALT_BYTES = 16
MOST_EPOCH = 2**16 - 1
MOST_REV = 200
SHORT_CODE_SYMBOLS = 8  # 40 bits: enough to point at a ballot, never enough to prove one

_SYMBOL_BITS = 5
_LONGEST_TEXT = 2_000  # characters
_ROUND = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_TEXT = re.compile(
    FORMAT.replace(".", r"\.")
    + rf"\nround: (?P<round>{_ROUND})"
    + r"\nmanifest: (?P<manifest>[0-9a-f]{64})"
    + r"\ntracker: (?P<tracker>[0-9a-f]{32})"
    + r"\ns: (?P<s>[0-9a-f]{32})"
    + r"\nepoch: (?P<epoch>[0-9]{5})"
    + r"\nrevision: (?P<rev>[0-9]{3})"
    + r"\nleaf: (?P<leaf>[0-9a-f]{64})"
    + r"\nsignature: (?P<signature>[0-9a-f]{128})"
)


class ReceiptError(ValueError):
    """A text that is no receipt, or a stored receipt that a key does not open."""


@dataclass(frozen=True)
class Receipt:
    """The server's signed promise that the ballot `leaf` is in the box; it holds no choice.

    `round` is the round's identifier in ASCII, `manifest` the fingerprint of its rules and plans, `tracker`
    names the ballot, `s` is the random part of the tracker, `epoch` counts how often the vote was restored from a
    backup and `rev` the ballots of this voter, from 1. All receipts of a round have one length.
    """

    round: bytes
    manifest: bytes
    tracker: bytes
    s: bytes
    epoch: int
    rev: int
    leaf: bytes
    signature: bytes = b""


def sign_receipt(receipt: Receipt, seed: bytes) -> Receipt:
    """Return the receipt with its Ed25519 signature; the same receipt and seed always give the same one."""
    signed = replace(receipt, signature=sign(seed, _signed_bytes(receipt)))
    parse_receipt(receipt_text(signed))  # a receipt that cannot be read back must never leave the server
    return signed


def verify_receipt(receipt: Receipt, key: bytes) -> bool:
    """Whether the signature of the receipt is that of the server's public key, 32 bytes."""
    return is_signed(_signed_bytes(receipt), receipt.signature, by=key)


def receipt_text(receipt: Receipt) -> str:
    """Write a receipt in its one canonical form: lines of `name: value`, the signature last."""
    return f"{_signed_bytes(receipt).decode('ascii')}signature: {receipt.signature.hex()}\n"


def parse_receipt(text: str) -> Receipt:
    """Read a receipt; line ends and surrounding space may have changed on the way. Raises ReceiptError.

    A parsed receipt is not yet a verified one: see verify_receipt.
    """
    if len(text) > _LONGEST_TEXT:
        raise ReceiptError("too long for a receipt")
    lines = [line.strip() for line in text.strip().splitlines()]
    match = _TEXT.fullmatch("\n".join(lines))
    if match is None or not 1 <= int(match["rev"]) <= MOST_REV or int(match["epoch"]) > MOST_EPOCH:
        raise ReceiptError(f"not a receipt in the form {FORMAT}")
    return Receipt(
        round=match["round"].encode("ascii"),
        manifest=bytes.fromhex(match["manifest"]),
        tracker=bytes.fromhex(match["tracker"]),
        s=bytes.fromhex(match["s"]),
        epoch=int(match["epoch"]),
        rev=int(match["rev"]),
        leaf=bytes.fromhex(match["leaf"]),
        signature=bytes.fromhex(match["signature"]),
    )


def short_code(tracker: bytes) -> str:
    """Return the start of a tracker as eight symbols in two groups, for people to compare: `7K3M-9QX2`."""
    bits = SHORT_CODE_SYMBOLS * _SYMBOL_BITS
    start = int.from_bytes(tracker[: bits // 8], "big")
    values = [start >> shift & 31 for shift in range(bits - _SYMBOL_BITS, -1, -_SYMBOL_BITS)]
    return grouped("".join(ALPHABET[value] for value in values))


def _signed_bytes(receipt: Receipt) -> bytes:
    """The text up to the signature; never that of a checkpoint, which the same key may sign."""
    return (
        f"{FORMAT}\n"
        f"round: {receipt.round.decode('ascii')}\n"
        f"manifest: {receipt.manifest.hex()}\n"
        f"tracker: {receipt.tracker.hex()}\n"
        f"s: {receipt.s.hex()}\n"
        f"epoch: {receipt.epoch:05}\n"
        f"revision: {receipt.rev:03}\n"
        f"leaf: {receipt.leaf.hex()}\n"
    ).encode("ascii")
