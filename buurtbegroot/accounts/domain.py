"""Tokens, codes of authenticators (RFC 6238), the vault that seals their secrets, and names; nothing is stored."""

import hashlib
import secrets
import unicodedata
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt,
    crypto_aead_chacha20poly1305_ietf_encrypt,
    crypto_aead_chacha20poly1305_ietf_KEYBYTES,
    crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.owner_files import OwnerFileError, put_new, read_owned

STEPS_AROUND = (0, -1, 1)  # a clock that runs half a minute off is still good
NONCE_BYTES: int = crypto_aead_chacha20poly1305_ietf_NPUBBYTES
KEY_BYTES: int = crypto_aead_chacha20poly1305_ietf_KEYBYTES

OFFICES = (
    *("stadsdeel", "gemeente", "coordinator", "moderator", "administrator", "ambtenaar", "officieel"),
    *("makervanhetplan", "official", "municipal", "cityof"),
)
LOOKALIKES = str.maketrans(
    dict(zip("iӏ1|!ι0оοσ3еεє€4аα@5ѕ$7тτ†сԁрνηм", "llllllooooeeeeeaaaasssttttcdpvnm", strict=True))
)
"""Letters and signs that are read as another one; i and l are one, since a capital I is written as a small l."""


def new_token() -> str:
    """Return 256 random bits in letters that fit in an address."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps of a token; a token has so much chance in it that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_secret() -> str:
    """Return a secret of 160 bits in base32, as authenticators read it."""
    return pyotp.random_base32()


def enrolment_address(secret: str, *, email: str, site: str) -> str:
    """Return the otpauth address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the half minute, counted from 1970, that the code is good for; None when the code is wrong now."""
    totp = pyotp.TOTP(secret)
    typed = "".join(code.split())
    current = totp.timecode(now)
    good = [
        current + offset
        for offset in STEPS_AROUND
        if pyotp.utils.strings_equal(typed, totp.generate_otp(current + offset))
    ]
    return max(good, default=None)


class VaultFault(Fault):
    """Why no secret of an authenticator can be sealed or opened."""

    NO_KEY = "no_key"


class VaultError(RefusedError):
    """The key is missing, open to others or not the one that sealed; the message says which file."""

    status = 503

    def __init__(self, trouble: str) -> None:
        super().__init__(VaultFault.NO_KEY, trouble=trouble)


class Vault:
    """Seals with ChaCha20-Poly1305 under one owner-only file; a sealed secret is good for its own account only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Vault":
        """Return the vault in the folder that the setting KEY_DIRECTORY names."""
        return cls(Path(config["KEY_DIRECTORY"]) / "second-factor.key")

    def seal(self, secret: str, *, owner: str) -> str:
        """Return a base32 secret as the database keeps it; the first time makes the key."""
        self._create()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = crypto_aead_chacha20poly1305_ietf_encrypt(b32decode(secret), owner.encode(), nonce, self._key())
        return urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, owner: str) -> str:
        """Return the base32 secret of what `seal` gave for this owner; raises VaultError."""
        key = self._key()
        try:
            raw = urlsafe_b64decode(sealed)
            nonce, content = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return b32encode(crypto_aead_chacha20poly1305_ietf_decrypt(content, owner.encode(), nonce, key)).decode()
        except (CryptoError, ValueError):
            raise VaultError(f"{self._path} is not the key that sealed this secret") from None

    def _key(self) -> bytes:
        try:
            key = bytes.fromhex(read_owned(self._path))
        except OwnerFileError as error:
            raise VaultError(str(error)) from None
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultError(f"{self._path} is damaged")
        return key

    def _create(self) -> None:
        if not self._path.exists():
            with suppress(FileExistsError):  # another process made one in this very moment
                put_new(self._path, secrets.token_hex(KEY_BYTES))


def claims_office(name: str) -> bool:
    """Tell whether a name is read as that of who decides, in whichever letters that look like it.

    Of a sign that no Latin letter is like, any letter may be meant, as long as half of the word is there.
    """
    seen = "".join(_read_as(sign) for sign in unicodedata.normalize("NFKD", name))
    return any(
        _is_like(seen[start : start + len(office)], office.translate(LOOKALIKES))
        for office in OFFICES
        for start in range(len(seen) - len(office) + 1)
    )


def _is_like(seen: str, office: str) -> bool:
    pairs = list(zip(seen, office, strict=True))
    alike = sum(one == other for one, other in pairs)
    return 2 * alike >= len(office) and all(one in {other, "?"} for one, other in pairs)


def _read_as(sign: str) -> str:
    """Return the Latin letter that a sign is read as, "?" when that may be any, and nothing for what parts letters."""
    small = sign.casefold().translate(LOOKALIKES)
    if len(small) == 1 and small.isascii() and small.isalnum():
        return small
    if unicodedata.category(sign)[0] in "MPZC" and small == sign.casefold():
        return ""
    *_script, letter = unicodedata.name(sign, "?").partition(" WITH ")[0].split()
    return letter.lower().translate(LOOKALIKES) if len(letter) == 1 and letter.isalpha() else "?"
