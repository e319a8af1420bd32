"""How often links may be asked for and codes be tried; wherever a code is asked, its tries count together."""

from flask import abort, current_app
from flask_login import current_user
from limits import parse_many

from buurtbegroot.extensions import limiter

PURSE = "second-factor"


def sign_in_tries() -> str:
    """Return how often one network may ask for a link."""
    tries: str = current_app.config["SIGN_IN_TRIES"]
    return tries


def count_try() -> None:
    """Count one try of this person's code; with too many the answer is 429."""
    if not limiter.enabled:
        return
    for limit in parse_many(f"{sign_in_tries()}; 60 per day"):  # six figures: at this pace guessing takes decades
        if not limiter.limiter.hit(limit, PURSE, current_user.get_id()):
            abort(429)
