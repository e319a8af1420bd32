"""Ed25519 signatures by libsodium; verify.py, which has no libraries, has `verifying.plain.signatures` in its place."""

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

SIGNATURE_BYTES = 64


def public_key(seed: bytes) -> bytes:
    """Return the Ed25519 public key, 32 bytes, that belongs to a seed."""
    return bytes(SigningKey(seed).verify_key)


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature, 64 bytes; the same seed and message always give the same one."""
    return SigningKey(seed).sign(message).signature


def is_signed(message: bytes, signature: bytes, *, by: bytes) -> bool:
    """Whether the public key `by` verifies `signature` under `message`; False for one of another size."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        VerifyKey(by).verify(message, signature)
    except BadSignatureError:
        return False
    return True
