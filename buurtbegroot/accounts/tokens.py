"""Random tokens, of which the database keeps only the hash; who gets one is decided elsewhere."""

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits in letters that fit in an address."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps of a token; a token has so much chance in it that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
