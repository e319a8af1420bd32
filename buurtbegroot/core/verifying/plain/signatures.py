"""In the place of `core.signatures`: signatures are verified in plain Python, and none are made."""

from typing import NoReturn

from buurtbegroot.core.ed25519 import verifies

SIGNATURE_BYTES = 64


def is_signed(message: bytes, signature: bytes, *, by: bytes) -> bool:
    """Whether the public key `by` verifies `signature` under `message`; False for one of another size."""
    return verifies(by, message, signature)


def sign(seed: bytes, message: bytes) -> NoReturn:
    """Raise NotImplementedError: who checks has nothing to sign."""
    raise NotImplementedError


def public_key(seed: bytes) -> NoReturn:
    """Raise NotImplementedError: who checks has no secret keys."""
    raise NotImplementedError
