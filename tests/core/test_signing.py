"""Signed notes are those of the C2SP specification; only the exact text of a known key gets through."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.signatures import is_signed, public_key, sign
from buurtbegroot.core.signing import (
    LONGEST_NOTE,
    Note,
    NoteError,
    NoteSigner,
    NoteVerifier,
    generate_seed,
    open_note,
    parse_verifier,
    sign_note,
    signature_line,
)

# The worked examples of c2sp.org/signed-note and of golang.org/x/mod/sumdb/note.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    f"{GO_TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

SERVER = NoteSigner("stem.example/noord", bytes(range(32)))
WITNESS = NoteSigner("buurtcomite.example", bytes(range(1, 33)))
NOTE = sign_note("eerste regel\n\nlaatste regel\n", SERVER)


def test_the_example_of_the_specification_verifies() -> None:
    key = parse_verifier(SPEC_KEY)
    assert open_note(SPEC_NOTE, [key]) == Note("This is an example message.\n", (key,))


def test_the_reference_implementation_gives_the_same_bytes() -> None:
    signer = NoteSigner("PeterNeumann", GO_SEED)
    assert str(signer.verifier) == GO_KEY
    assert sign_note(GO_TEXT, signer) == GO_NOTE


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")))
def test_what_is_signed_is_what_is_read(text: str) -> None:
    text += "\n"
    assert open_note(sign_note(text, SERVER), [SERVER.verifier]).text == text


def test_more_keys_may_sign_and_unknown_ones_are_passed_over() -> None:
    both = NOTE + sign_note("eerste regel\n\nlaatste regel\n", WITNESS).rpartition("\n\n")[2]
    assert open_note(both, [SERVER.verifier]).signed_by == (SERVER.verifier,)
    assert open_note(both, [WITNESS.verifier, SERVER.verifier]).signed_by == (
        SERVER.verifier,
        WITNESS.verifier,
    )
    with pytest.raises(NoteError, match="no known key"):
        open_note(NOTE, [WITNESS.verifier])
    with pytest.raises(NoteError, match="no known key"):
        open_note(NOTE, [NoteVerifier("another.example", SERVER.verifier.key)])


def test_a_signature_can_be_taken_to_the_same_note_elsewhere() -> None:
    other = sign_note("eerste regel\n\nlaatste regel\n", WITNESS)
    joined = NOTE + signature_line(other, WITNESS.verifier)
    assert open_note(joined, [WITNESS.verifier, SERVER.verifier]).signed_by == (SERVER.verifier, WITNESS.verifier)
    with pytest.raises(NoteError):
        signature_line(NOTE, WITNESS.verifier)


def test_every_flipped_bit_is_noticed() -> None:
    original = NOTE.encode()
    for place in range(len(original)):
        for bit in range(8):
            changed = bytearray(original)
            changed[place] ^= 1 << bit
            assert not opens(bytes(changed)), (place, bit)


def opens(note: bytes) -> bool:
    try:
        open_note(note.decode(), [SERVER.verifier])
    except (NoteError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("— ", "- "),
        NOTE.replace("=\n", "\n"),
        NOTE.replace("\n\nlaatste", "\r\n\r\nlaatste"),
        NOTE + "— \n",
        NOTE + "— naam\n",
        NOTE + "— naam AAAA\n",
        NOTE + "— naam ÿÿÿÿ\n",
        NOTE + "— naam AAAAAB==\n",
        NOTE + "— naam AAAAAAB=\n",
        sign_note("a" * LONGEST_NOTE + "\n", SERVER),
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        open_note(note, [SERVER.verifier])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "return\r\n", "nul\0\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, SERVER)


@pytest.mark.parametrize("name", ["", "two words", "plus+sign", "line\nbreak", "no\N{NO-BREAK SPACE}break", "bell\a"])
def test_a_name_that_would_break_a_signature_line_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        NoteVerifier(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+",
        SPEC_KEY[:-4],
        SPEC_KEY.replace("foo", "bar"),
        SPEC_KEY.replace("530d903a", "530D903A"),
        SPEC_KEY.replace("+Aeky", "+Beky"),
        SPEC_KEY + "\n",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # another algorithm
    ],
)
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_verifier(text)


def test_signatures() -> None:
    seed = generate_seed(lambda size: bytes(range(size)))
    signature = sign(seed, b"message")
    assert signature == sign(seed, b"message")
    assert is_signed(b"message", signature, by=public_key(seed))
    assert not is_signed(b"massage", signature, by=public_key(seed))
    assert not is_signed(b"message", signature[:-1], by=public_key(seed))
    assert not is_signed(b"message", signature, by=public_key(generate_seed()))


def test_a_signer_does_not_show_its_seed() -> None:
    assert repr(SERVER) == "NoteSigner('stem.example/noord')"
