"""What this visitor's browser remembers between pages: the seed of its own order of plans, and no name."""

import secrets

from flask import session

SEED = "order"


def visitor_seed() -> int:
    """Return this visitor's number for shuffled lists, the same as long as the browser stays open."""
    if SEED not in session:
        session[SEED] = 1 + secrets.randbelow(2**31 - 2)
    seed: int = session[SEED]
    return seed
