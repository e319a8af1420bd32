"""Plain Python verifies what libsodium signs, and refuses what libsodium refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.ed25519 import verifies
from buurtbegroot.core.signatures import is_signed, public_key, sign
from tests.examples import examples

ORDER = 2**252 + 27742317777372353535851937790883648493
SEED = bytes(range(32))
KEY, SIGNATURE = public_key(SEED), sign(bytes(range(32)), b"bericht")
SMALL = [
    bytes.fromhex("01" + "00" * 31),
    bytes(32),
    bytes.fromhex("00" * 31 + "80"),
    bytes.fromhex("ec" + "ff" * 30 + "7f"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
]


def both(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return what libsodium says, after seeing that plain Python says the same."""
    try:
        said = is_signed(message, signature, by=key)
    except ValueError:
        said = False
    assert verifies(key, message, signature) is said
    return said


@examples(12)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_is_signed_verifies(seed: bytes, message: bytes) -> None:
    assert both(public_key(seed), message, sign(seed, message))
    assert not both(public_key(seed), message + b"!", sign(seed, message))


# https://www.rfc-editor.org/rfc/rfc8032#section-7.1, test 2
def test_the_published_vector_verifies() -> None:
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert both(key, b"\x72", signature)


def test_every_changed_bit_shows() -> None:
    for at in range(0, 512, 13):
        changed = bytearray(SIGNATURE)
        changed[at // 8] ^= 1 << at % 8
        assert not both(KEY, b"bericht", bytes(changed))


@pytest.mark.parametrize("small", SMALL)
def test_keys_and_points_of_small_order_are_refused(small: bytes) -> None:
    assert not both(small, b"bericht", SIGNATURE)
    assert not both(small, b"bericht", small + bytes(32))
    assert not both(KEY, b"bericht", small + SIGNATURE[32:])


def test_a_second_spelling_of_the_scalar_is_refused() -> None:
    scalar = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    assert not both(KEY, b"bericht", SIGNATURE[:32] + scalar.to_bytes(32, "little"))
    for beyond in (2**255 - 19, 2**255 - 18, 2**256 - 1):
        assert not both(beyond.to_bytes(32, "little"), b"bericht", SIGNATURE)


@pytest.mark.parametrize(
    ("key", "signature"), [(b"", SIGNATURE), (KEY[:31], SIGNATURE), (KEY, b""), (KEY, SIGNATURE[:63])]
)
def test_other_sizes_are_refused(key: bytes, signature: bytes) -> None:
    assert not both(key, b"bericht", signature)
