"""An envelope tells nothing before opening, and then the ballot of its leaf or what is wrong with it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey, SealedBox

from buurtbegroot.core.ballots import ballot_leaf
from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.credentials import form_mark, locator, nullifier, receipt_key, voter_tag
from buurtbegroot.core.envelope import (
    CastContext,
    CastMaterial,
    Contents,
    Stranger,
    StrangerError,
    cast_material,
    choices_capacity,
    envelope_size,
    generate_sealing_keys,
    is_own_receipt,
    make_tracker,
    open_envelope,
    seal,
)
from buurtbegroot.core.receipts import ReceiptError, verify_receipt
from buurtbegroot.core.signatures import public_key, sign
from buurtbegroot.core.stored_receipts import open_receipt

K, OTHER_K = bytes(range(32)), bytes(range(1, 33))
SEED, LINK_KEY, FORM = bytes(range(32, 64)), bytes(range(64, 96)), bytes(range(16))
ROUND, MANIFEST = b"noord-2026", digest("v2/manifest", b"rules")
SEALING = generate_sealing_keys()
SECRET = PrivateKey(SEALING.secret)
CONTEXT = CastContext(
    round_id=ROUND,
    manifest=MANIFEST,
    epoch=3,
    capacity=choices_capacity(5),
    sealing_key=SEALING.public,
    link_key=LINK_KEY,
    signing_seed=SEED,
)
CHOICES = canonical_json([3, 14, 15])

choices_lists = st.lists(st.integers(0, 2**63 - 1), max_size=5).map(canonical_json)


def cast(choices: bytes = CHOICES, rev: int = 1, form: bytes = FORM) -> CastMaterial:
    return cast_material(K, choices, rev, form=form, context=CONTEXT)


def opened(sealed: bytes, round_id: bytes = ROUND, manifest: bytes = MANIFEST) -> Contents:
    return open_envelope(sealed, SECRET, round_id=round_id, manifest=manifest, signer=public_key(SEED))


def stranger_of(sealed: bytes, **other: bytes) -> Stranger:
    with pytest.raises(StrangerError) as caught:
        opened(sealed, **other)
    return caught.value.reason


@given(choices_lists)
def test_what_was_cast_is_what_is_opened(choices: bytes) -> None:
    material = cast(choices, rev=7)
    found = opened(material.sealed)
    assert (found.choices, found.nullifier, found.epoch, found.rev) == (choices, nullifier(K), 3, 7)
    assert found.receipt(round_id=ROUND, manifest=MANIFEST) == material.receipt
    assert material.locator == locator(LINK_KEY, K)
    assert material.mark == form_mark(LINK_KEY, K, form=FORM, choices=choices)


@given(choices_lists, choices_lists, st.integers(1, 200))
def test_rows_of_a_round_have_one_size_and_no_two_are_alike(one: bytes, other: bytes, rev: int) -> None:
    first, second = cast(one), cast(other, rev=rev)
    assert len(first.sealed) == len(second.sealed) == envelope_size(CONTEXT.capacity)
    assert len(first.receipt_ct) == len(second.receipt_ct)
    assert first.sealed != second.sealed
    assert first.receipt.leaf != second.receipt.leaf
    assert one not in first.sealed or len(one) <= 3


def test_the_formulas_are_the_published_ones() -> None:
    receipt, found = cast(rev=7).receipt, opened(cast().sealed)
    tag = voter_tag(K)
    expected = digest("v2/tracker", ROUND, tag, receipt.s, (7).to_bytes(8, "big"))[:16]
    assert receipt.tracker == expected == make_tracker(tag, round_id=ROUND, s=receipt.s, rev=7)
    leaf = digest("v2/ballot", ROUND, MANIFEST, found.tracker, CHOICES, found.blind)
    assert leaf == ballot_leaf(found.tracker, CHOICES, found.blind, round_id=ROUND, manifest=MANIFEST)


def test_the_plaintext_has_the_published_layout() -> None:
    material = cast(rev=7)
    receipt, found = material.receipt, opened(material.sealed)
    plaintext = SealedBox(SECRET).decrypt(material.sealed)
    numbers = (3).to_bytes(2, "big") + (7).to_bytes(2, "big")
    fields = [b"\x02", receipt.tracker, nullifier(K), found.blind, receipt.s, numbers, receipt.signature]
    assert plaintext == b"".join([*fields, (9).to_bytes(4, "big"), CHOICES]) + bytes(2 + 5 * 20 - len(CHOICES))
    assert [len(field) for field in fields] == [1, 16, 32, 32, 16, 4, 64]


def test_nothing_of_the_row_is_the_leaf() -> None:
    material = cast()
    row = material.locator + material.mark + material.sealed + material.receipt_ct
    assert material.receipt.leaf not in row
    assert material.receipt.tracker not in row


def test_the_receipt_is_signed_stored_for_its_form_and_names_no_choice() -> None:
    material = cast()
    assert verify_receipt(material.receipt, public_key(SEED))
    assert open_receipt(receipt_key(LINK_KEY, K, FORM), material.receipt_ct) == material.receipt
    for key in (receipt_key(LINK_KEY, OTHER_K, FORM), receipt_key(LINK_KEY, K, bytes(16))):
        with pytest.raises(ReceiptError):
            open_receipt(key, material.receipt_ct)
    assert material.receipt.rev == 1


def test_a_voter_recognises_a_receipt_made_for_somebody_else() -> None:
    receipt = cast().receipt
    assert is_own_receipt(receipt, K)
    assert not is_own_receipt(receipt, OTHER_K)
    assert not is_own_receipt(replace(receipt, rev=2), K)
    assert not is_own_receipt(replace(receipt, round=b"west-2026"), K)


def test_a_second_ballot_takes_the_place_of_the_first_under_another_name() -> None:
    first, second = cast(rev=1), cast(rev=2)
    assert first.locator == second.locator
    assert first.receipt.tracker != second.receipt.tracker
    assert first.receipt.leaf != second.receipt.leaf


def test_all_but_the_envelope_follows_from_the_entropy() -> None:
    once, again = (cast_material(K, CHOICES, 1, form=FORM, context=CONTEXT, entropy=bytes) for _ in range(2))
    assert replace(once, sealed=b"") == replace(again, sealed=b"")
    assert generate_sealing_keys(bytes) == generate_sealing_keys(bytes)


def test_choices_beyond_the_capacity_are_refused() -> None:
    full = b"7" * CONTEXT.capacity
    assert opened(cast(full).sealed).choices == full
    with pytest.raises(ValueError, match="do not fit"):
        cast(full + b"7")


def test_capacity_holds_the_longest_ballot() -> None:
    for most in (0, 1, 5, 200):
        assert len(canonical_json([2**63 - 1] * most)) <= choices_capacity(most)


def test_an_envelope_of_another_round_manifest_or_signer_is_a_stranger() -> None:
    sealed = cast().sealed
    assert stranger_of(sealed, round_id=b"west") == Stranger.UNSIGNED
    assert stranger_of(sealed, manifest=bytes(32)) == Stranger.UNSIGNED
    with pytest.raises(StrangerError):
        open_envelope(sealed, SECRET, round_id=ROUND, manifest=MANIFEST, signer=public_key(bytes(32)))


CHANGES: dict[str, object] = {
    "tracker": bytes(16),
    "blind": bytes(32),
    "s": bytes(16),
    "epoch": 4,
    "rev": 2,
    "choices": canonical_json([3, 14, 16]),
    "signature": sign(bytes(32), b"x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_ballot_is_a_stranger_even_when_sealed_anew(name: str) -> None:
    forged = opened(cast().sealed)._replace(**{name: CHANGES[name]})  # type: ignore[arg-type]
    assert stranger_of(seal(forged, capacity=CONTEXT.capacity, sealing_key=SEALING.public)) == Stranger.UNSIGNED


def test_what_does_not_decrypt_is_unreadable() -> None:
    sealed = cast().sealed
    other = seal(opened(sealed), capacity=CONTEXT.capacity, sealing_key=generate_sealing_keys().public)
    flipped = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(0, len(sealed), 5)]
    for unreadable in (b"", sealed[:47], sealed[:60], sealed + b"\0", other, *flipped):
        assert stranger_of(unreadable) == Stranger.UNREADABLE


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\x02",
        b"\x01" + bytes(168),
        b"\x02" + bytes(167),
        b"\x02" + bytes(164) + b"\x00\x00\x00\x01",
        b"\x02" + bytes(164) + b"\xff\xff\xff\xff" + bytes(100),
        b"\x02" + bytes(168) + b"\x00\x01",
    ],
)
def test_what_decrypts_to_something_else_is_malformed(plaintext: bytes) -> None:
    assert stranger_of(SealedBox(PublicKey(SEALING.public)).encrypt(plaintext)) == Stranger.MALFORMED


def test_no_secret_shows_when_printed() -> None:
    shown = repr(CONTEXT) + repr(SEALING)
    for secret in (LINK_KEY, SEED, SEALING.secret):
        assert repr(secret) not in shown
