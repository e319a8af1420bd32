"""Signed notes (c2sp.org/signed-note) and the keys of who signs them; what a note says is up to other modules."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from buurtbegroot.core.signatures import is_signed, public_key, sign

SEED_BYTES = 32
PUBLIC_KEY_BYTES = 32
LONGEST_NOTE = 100_000  # characters: room for far more than the 16 signatures that a reader must accept

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_SIGNATURE_MARK = "\N{EM DASH} "


class NoteError(ValueError):
    """A signed note or a key that is malformed, or a note that no known key has signed."""


def generate_seed(entropy: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Draw the private half of a signing key, 32 bytes."""
    return entropy(SEED_BYTES)


@dataclass(frozen=True)
class NoteVerifier:
    """A named public key. The name goes on each signature line; for a log it is the log's origin."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(c.isspace() or c < " " for c in self.name):
            raise NoteError("a key name is not empty and has no spaces, plus signs or control characters")
        if len(self.key) != PUBLIC_KEY_BYTES:
            raise NoteError(f"a public key has {PUBLIC_KEY_BYTES} bytes, not {len(self.key)}")

    @property
    def key_id(self) -> bytes:
        """The four bytes that lead to this key from a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"


@dataclass(frozen=True)
class NoteSigner:
    """A named private key, 32 bytes."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> NoteVerifier:
        """The public half, under the same name."""
        return NoteVerifier(self.name, public_key(self.seed))

    def __repr__(self) -> str:  # the seed must not reach a log
        return f"NoteSigner({self.name!r})"


@dataclass(frozen=True)
class Note:
    """The text of a note and the known keys that signed it, in the order of the signatures."""

    text: str
    signed_by: tuple[NoteVerifier, ...]


def parse_verifier(text: str) -> NoteVerifier:
    """Read a public key in the form `name+keyid+base64`. Raises NoteError when it is not one of ours."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    verifier = NoteVerifier(name, decode_base64(encoded)[len(_ED25519) :])
    if str(verifier) != text:
        raise NoteError("not an Ed25519 key, or its key id belongs to another name and key")
    return verifier


def sign_note(text: str, signer: NoteSigner) -> str:
    """Return `text` as a signed note.

    Raises NoteError unless it ends in a newline and has no other control characters.
    """
    _check_text(text)
    signature = signer.verifier.key_id + sign(signer.seed, text.encode())
    return f"{text}\n{_SIGNATURE_MARK}{signer.name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, known: Sequence[NoteVerifier]) -> Note:
    """Return the text of a note that at least one known key has signed.

    Signatures of unknown keys are passed over. Raises NoteError when the note is malformed, when a signature
    that claims to come from a known key is wrong, or when no known key has signed.
    """
    text, signatures = _split(note)
    keys = {(key.name, key.key_id): key for key in known}
    signed_by = []
    for name, signature in map(_parse_signature, signatures):
        key = keys.get((name, signature[:_KEY_ID_BYTES]))
        if key is None:
            continue
        if not is_signed(text.encode(), signature[_KEY_ID_BYTES:], by=key.key):
            raise NoteError(f"the signature of {name} is wrong")
        signed_by.append(key)
    if not signed_by:
        raise NoteError("no known key has signed this note")
    return Note(text, tuple(signed_by))


def signature_line(note: str, key: NoteVerifier) -> str:
    """Return the line with which a key signed a note that open_note accepts, its newline included.

    Raises NoteError when there is none.
    """
    _text, signatures = _split(note)
    for line in signatures:
        name, signature = _parse_signature(line)
        if (name, signature[:_KEY_ID_BYTES]) == (key.name, key.key_id):
            return f"{line}\n"
    raise NoteError(f"{key.name} has not signed this note")


def decode_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical spelling. Raises NoteError on anything else."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(decoded).decode() != text:
        raise NoteError("base64 with a second spelling")
    return decoded


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > LONGEST_NOTE:
        raise NoteError("the note is too long")
    head, blank_line, tail = note.rpartition("\n\n")
    if not blank_line or not tail.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signature lines")
    text = head + "\n"
    _check_text(text)
    return text, tail[:-1].split("\n")


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise NoteError("the text of a note ends in a newline and has no other control characters")


def _parse_signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    signature = decode_base64(encoded)
    if not line.startswith(_SIGNATURE_MARK) or not name or len(signature) <= _KEY_ID_BYTES:
        raise NoteError("malformed signature line")
    return name, signature
