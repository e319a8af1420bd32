"""An envelope tells nothing before opening, and then the ballot of its leaf or what is wrong with it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey, SealedBox

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.credentials import locator, nullifier, receipt_key, voter_tag
from buurtbegroot.core.envelope import (
    CastContext,
    CastMaterial,
    Defect,
    DefectError,
    OpenedBallot,
    ballot_leaf,
    cast_material,
    choices_capacity,
    generate_sealing_keys,
    is_own_receipt,
    make_tracker,
    open_envelope,
    seal,
)
from buurtbegroot.core.receipts import ReceiptError, open_receipt, verify_receipt
from buurtbegroot.core.signing import public_key

K, OTHER_K = bytes(range(32)), bytes(range(1, 33))
SEED, LINK_KEY = bytes(range(32, 64)), bytes(range(64, 96))
ROUND, MANIFEST = b"noord-2026", digest("manifest", b"rules")
SEALING = generate_sealing_keys()
CONTEXT = CastContext(
    round_id=ROUND,
    manifest=MANIFEST,
    capacity=choices_capacity(5),
    sealing_key=SEALING.public,
    link_key=LINK_KEY,
    signing_seed=SEED,
)
CHOICES = canonical_json([3, 14, 15])

choices_lists = st.lists(st.integers(0, 2**63 - 1), max_size=5).map(canonical_json)


def cast(choices: bytes = CHOICES, rev: int = 1) -> CastMaterial:
    return cast_material(K, choices, rev, context=CONTEXT)


def opened(material: CastMaterial) -> OpenedBallot:
    return open_envelope(material.sealed, SEALING.secret, round_id=ROUND, manifest=MANIFEST, leaf=material.leaf)


def defect_of(sealed: bytes, **other: bytes) -> Defect:
    expected = {"round_id": ROUND, "manifest": MANIFEST, "leaf": cast().leaf} | other
    with pytest.raises(DefectError) as caught:
        open_envelope(sealed, SEALING.secret, **expected)
    return caught.value.defect


@given(choices_lists)
def test_what_was_cast_is_what_is_opened(choices: bytes) -> None:
    material = cast(choices)
    ballot = opened(material)
    assert ballot.choices == choices
    assert ballot.nullifier == nullifier(K)
    assert ballot.tracker == material.receipt.tracker
    assert material.locator == locator(LINK_KEY, K)


@given(choices_lists, choices_lists)
def test_envelopes_of_a_round_have_one_size_and_no_two_are_alike(one: bytes, other: bytes) -> None:
    first, second = cast(one), cast(other)
    assert len(first.sealed) == len(second.sealed)
    assert first.sealed != second.sealed
    assert first.leaf != second.leaf
    assert one not in first.sealed or len(one) <= 3


def test_the_formulas_are_the_published_ones() -> None:
    receipt = cast(rev=7).receipt
    ballot = opened(cast())
    tag = voter_tag(K)
    expected = digest("tracker", ROUND, tag, receipt.s, (7).to_bytes(8, "big"))[:16]
    assert receipt.tracker == expected == make_tracker(tag, round_id=ROUND, s=receipt.s, rev=7)
    leaf = digest("ballot", ROUND, MANIFEST, ballot.tracker, CHOICES, ballot.blind)
    made = ballot_leaf(ballot.tracker, CHOICES, ballot.blind, round_id=ROUND, manifest=MANIFEST)
    assert leaf == made


def test_the_plaintext_has_the_published_layout() -> None:
    material = cast()
    ballot = opened(material)
    plaintext = SealedBox(PrivateKey(SEALING.secret)).decrypt(material.sealed)
    fields = [b"\x01", ballot.tracker, nullifier(K), ballot.blind, (9).to_bytes(4, "big"), CHOICES]
    assert plaintext == b"".join(fields) + bytes(2 + 5 * 20 - len(CHOICES))
    assert (len(ballot.tracker), len(ballot.blind), len(CHOICES)) == (16, 32, 9)


def test_the_receipt_is_signed_stored_for_its_owner_and_names_no_choice() -> None:
    material = cast()
    assert verify_receipt(material.receipt, public_key(SEED))
    assert open_receipt(receipt_key(LINK_KEY, K), material.receipt_ct) == material.receipt
    with pytest.raises(ReceiptError):
        open_receipt(receipt_key(LINK_KEY, OTHER_K), material.receipt_ct)
    assert (material.receipt.leaf, material.receipt.rev) == (material.leaf, 1)


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
    assert first.leaf != second.leaf


def test_all_but_the_envelope_follows_from_the_entropy() -> None:
    once, again = (cast_material(K, CHOICES, 1, context=CONTEXT, entropy=bytes) for _ in range(2))
    assert replace(once, sealed=b"") == replace(again, sealed=b"")
    assert generate_sealing_keys(bytes) == generate_sealing_keys(bytes)


def test_choices_beyond_the_capacity_are_refused() -> None:
    full = b"7" * CONTEXT.capacity
    assert opened(cast(full)).choices == full
    with pytest.raises(ValueError, match="do not fit"):
        cast(full + b"7")


def test_capacity_holds_the_longest_ballot() -> None:
    for most in (0, 1, 5, 200):
        assert len(canonical_json([2**63 - 1] * most)) <= choices_capacity(most)


def test_an_envelope_under_another_leaf_round_or_manifest_is_a_defect() -> None:
    material = cast()
    assert defect_of(material.sealed) == Defect.WRONG_LEAF
    assert defect_of(material.sealed, leaf=material.leaf, round_id=b"west") == Defect.WRONG_LEAF
    assert defect_of(material.sealed, leaf=material.leaf, manifest=bytes(32)) == Defect.WRONG_LEAF


def test_a_changed_choice_is_a_defect_even_for_the_key_holder() -> None:
    material = cast()
    forged = replace(opened(material), choices=canonical_json([3, 14, 16]))
    sealed = seal(forged, capacity=CONTEXT.capacity, sealing_key=SEALING.public)
    assert defect_of(sealed, leaf=material.leaf) == Defect.WRONG_LEAF


def test_what_does_not_decrypt_is_unreadable() -> None:
    sealed = cast().sealed
    other = seal(opened(cast()), capacity=CONTEXT.capacity, sealing_key=generate_sealing_keys().public)
    flipped = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for unreadable in (b"", sealed[:47], sealed[:60], sealed + b"\0", other, *flipped):
        assert defect_of(unreadable) == Defect.UNREADABLE


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"\x01",
        b"\x02" + bytes(84),
        b"\x01" + bytes(83),
        b"\x01" + bytes(80) + b"\x00\x00\x00\x01",
        b"\x01" + bytes(80) + b"\xff\xff\xff\xff" + bytes(100),
        b"\x01" + bytes(84) + b"\x00\x01",
    ],
)
def test_what_decrypts_to_something_else_is_malformed(plaintext: bytes) -> None:
    assert defect_of(SealedBox(PublicKey(SEALING.public)).encrypt(plaintext)) == Defect.MALFORMED


def test_no_secret_shows_when_printed() -> None:
    shown = repr(CONTEXT) + repr(SEALING) + repr(opened(cast()))
    for secret in (LINK_KEY, SEED, SEALING.secret, nullifier(K)):
        assert repr(secret) not in shown
