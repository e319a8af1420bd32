"""From a voting code to its key, the one step of the protocol that is slow on purpose."""

from nacl.pwhash import argon2id

from buurtbegroot.core.credentials import KEY_BYTES, normalise_code

ARGON2_SALT_BYTES = argon2id.SALTBYTES
ARGON2_PASSES = 2
ARGON2_MEMORY = 19 * 1024 * 1024  # bytes


def derive_key(code: str, salt: bytes, *, passes: int = ARGON2_PASSES, memory: int = ARGON2_MEMORY) -> bytes:
    """Turn a code into `k`, 32 bytes, with Argon2id; `salt` is the round's, 16 bytes; `memory` in bytes.

    The only slow step of the protocol (about 20 ms): do it once per code entered, and equally for unknown
    codes. Only tests pass cheaper parameters. Raises CodeError when `code` is no voting code.
    """
    password = normalise_code(code).encode("ascii")
    return argon2id.kdf(KEY_BYTES, password, salt, opslimit=passes, memlimit=memory)
