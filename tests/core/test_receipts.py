"""A receipt reads back, holds under its signature only, and opens for its owner only."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.receipts import (
    Receipt,
    ReceiptError,
    parse_receipt,
    receipt_text,
    short_code,
    sign_receipt,
    verify_receipt,
)
from buurtbegroot.core.signatures import public_key
from buurtbegroot.core.stored_receipts import open_receipt, seal_receipt

SEED, RK = bytes(range(32)), bytes(range(100, 132))
KEY = public_key(SEED)
RECEIPT = sign_receipt(
    Receipt(b"noord-2026", bytes([1]) * 32, bytes([2]) * 16, bytes([3]) * 16, 2, 1, bytes([4]) * 32), SEED
)
TEXT = receipt_text(RECEIPT)

receipts = st.builds(
    Receipt,
    round=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True).map(str.encode),
    manifest=st.binary(min_size=32, max_size=32),
    tracker=st.binary(min_size=16, max_size=16),
    s=st.binary(min_size=16, max_size=16),
    epoch=st.integers(0, 2**16 - 1),
    rev=st.integers(1, 200),
    leaf=st.binary(min_size=32, max_size=32),
).map(lambda receipt: sign_receipt(receipt, SEED))


@given(receipts)
def test_a_receipt_reads_back_and_verifies(receipt: Receipt) -> None:
    assert parse_receipt(receipt_text(receipt)) == receipt
    assert verify_receipt(receipt, KEY)
    assert open_receipt(RK, seal_receipt(RK, receipt)) == receipt


@given(receipts)
def test_receipts_of_a_round_have_one_length(receipt: Receipt) -> None:
    other = replace(RECEIPT, round=receipt.round)
    assert len(receipt_text(receipt)) == len(receipt_text(other))


def test_the_text_is_for_people() -> None:
    assert TEXT.splitlines()[:-1] == [
        "bb-receipt/v2",
        "round: noord-2026",
        "manifest: " + "01" * 32,
        "tracker: " + "02" * 16,
        "s: " + "03" * 16,
        "epoch: 00002",
        "revision: 001",
        "leaf: " + "04" * 32,
    ]


@pytest.mark.parametrize("text", [TEXT.replace("\n", "\r\n"), f"\n\n  {TEXT}\n", TEXT.replace("\n", "  \n"), TEXT[:-1]])
def test_a_receipt_survives_editors(text: str) -> None:
    assert parse_receipt(text) == RECEIPT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bb-receipt/v2",
        TEXT * 2,
        TEXT.replace("v2", "v1"),
        TEXT.replace("revision: 001", "revision: 000"),
        TEXT.replace("revision: 001", "revision: 201"),
        TEXT.replace("revision: 001", "revision: 1"),
        TEXT.replace("revision: 001", "revision: 00١"),
        TEXT.replace("epoch: 00002", "epoch: 2"),
        TEXT.replace("epoch: 00002", "epoch: 65536"),
        TEXT.replace("noord", "no ord"),
        TEXT.replace("04", "0"),
        TEXT.replace("tracker", "leaf"),
        TEXT + "remark: none\n",
        TEXT + " " * 3_000,
    ],
)
def test_another_text_is_no_receipt(text: str) -> None:
    with pytest.raises(ReceiptError):
        parse_receipt(text)


def test_every_field_is_signed() -> None:
    changes: list[Receipt] = [
        replace(RECEIPT, round=b"west-2026"),
        replace(RECEIPT, manifest=bytes(32)),
        replace(RECEIPT, tracker=bytes(16)),
        replace(RECEIPT, s=bytes(16)),
        replace(RECEIPT, epoch=3),
        replace(RECEIPT, rev=2),
        replace(RECEIPT, leaf=bytes(32)),
        replace(RECEIPT, signature=bytes(64)),
        replace(RECEIPT, signature=b""),
    ]
    assert not [changed for changed in changes if verify_receipt(changed, KEY)]
    assert not verify_receipt(RECEIPT, public_key(bytes(32)))


@pytest.mark.parametrize(
    "change",
    [
        {"round": b"two words"},
        {"round": b""},
        {"rev": 0},
        {"rev": 201},
        {"epoch": 2**16},
        {"s": b""},
        {"leaf": b"short"},
    ],
)
def test_a_receipt_that_cannot_be_read_back_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(ReceiptError):
        sign_receipt(replace(RECEIPT, **change), SEED)


def test_the_same_receipt_seals_to_the_same_bytes_and_another_to_another_nonce() -> None:
    assert seal_receipt(RK, RECEIPT) == seal_receipt(RK, sign_receipt(RECEIPT, SEED))
    sealed = {seal_receipt(RK, sign_receipt(replace(RECEIPT, rev=rev), SEED))[:24] for rev in range(1, 50)}
    assert len(sealed) == 49


def test_a_sealed_receipt_opens_with_its_own_key_only_and_unchanged_only() -> None:
    sealed = seal_receipt(RK, RECEIPT)
    flipped = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(0, len(sealed), 7)]
    for key, ciphertext in [(bytes(32), sealed), *((RK, other) for other in (*flipped, b"", sealed[:30]))]:
        with pytest.raises(ReceiptError):
            open_receipt(key, ciphertext)


def test_the_short_code_is_the_start_of_the_tracker() -> None:
    assert short_code(bytes(16)) == "0000-0000"
    assert short_code(bytes([255] * 5 + [0] * 11)) == "ZZZZ-ZZZZ"
    assert short_code(bytes.fromhex("0044 32 14c7" + "00" * 11)) == "0123-4567"
