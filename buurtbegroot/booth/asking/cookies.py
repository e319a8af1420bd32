"""What a voter's browser keeps: the key of the code, encrypted, and the basket, signed; the server keeps neither."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from werkzeug.wrappers import Response

from buurtbegroot.booth.queries import VotingRound
from buurtbegroot.core.canonical import digest

CODE_LIFETIME = timedelta(minutes=60)
RECEIPT_LIFETIME = timedelta(minutes=5)
"""How long the key stays after its ballot was cast: long enough to keep the receipt."""
BASKET_LIFETIME = timedelta(days=7)
MOST_CHOICES = 400  # what fits in a cookie
MARK_BYTES = 8


class Voter(NamedTuple):
    """Whose browser it is: the key of the code, and the form of the last ballot that was cast here, or nothing.

    `again` says that whoever cast it asked to choose anew.
    """

    k: bytes
    form: bytes = b""
    again: bool = False

    @property
    def is_done(self) -> bool:
        """Whether this code voted here, and nobody asked to choose anew."""
        return bool(self.form) and not self.again

    @property
    def lifetime(self) -> timedelta:
        """How long the browser keeps this."""
        return RECEIPT_LIFETIME if self.is_done else CODE_LIFETIME


class Kept(NamedTuple):
    """The chosen plans in the order of choosing, and the plan that was added or taken out last (0: none).

    `of` marks the code that was there when they were chosen, see `mark_of`; "" as long as there was none.
    """

    choices: tuple[int, ...] = ()
    last: int = 0
    of: str = ""


def remember_voter(response: Response, round_id: int, voter: Voter, *, now: datetime) -> None:
    """Let the browser keep the key of a code, and the form that shows its receipt, for a while; only we can read it."""
    until = (now + voter.lifetime).timestamp()
    content = {
        "round": round_id,
        "k": voter.k.hex(),
        "form": voter.form.hex(),
        "again": voter.again,
        "until": until,
    }
    sealed = _secret_box().encrypt(json.dumps(content).encode())
    response.set_cookie(
        _code_name(round_id),
        base64.urlsafe_b64encode(sealed).decode(),
        max_age=voter.lifetime,
        path="/",
        secure=_is_secure(),
        httponly=True,
        samesite="Strict",
    )


def remembered_voter(round_id: int, *, now: datetime) -> Voter | None:
    """Return what this browser keeps for the round, or None when that is nothing, stale, forged or of another shape."""
    value = request.cookies.get(_code_name(round_id), "")
    try:
        content = json.loads(_secret_box().decrypt(base64.urlsafe_b64decode(value.encode())))
        voter = Voter(bytes.fromhex(content["k"]), bytes.fromhex(content["form"]), content["again"])
    except (CryptoError, KeyError, ValueError):
        return None
    return voter if content["round"] == round_id and content["until"] > now.timestamp() else None


def forget_key(response: Response, round_id: int) -> None:
    """Let the browser drop the key."""
    response.delete_cookie(_code_name(round_id), path="/", secure=_is_secure(), httponly=True, samesite="Strict")


def kept_basket(round_: VotingRound) -> Kept:
    """Return what this browser keeps of the basket; anything unreadable is an empty basket."""
    try:
        content = _signer(round_.id).loads(request.cookies.get(_basket_name(round_.id), ""))
        choices = tuple(int(choice) for choice in content["keuze"])[:MOST_CHOICES]
        return Kept(choices, int(content["laatst"]), str(content["van"]))
    except (BadSignature, KeyError, TypeError, ValueError):
        return Kept()


def keep_basket(response: Response, round_: VotingRound, choices: Sequence[int], *, of: str, last: int = 0) -> None:
    """Let the browser keep the basket, sent along to the pages of this booth only."""
    content = {"keuze": list(choices)[:MOST_CHOICES], "laatst": last, "van": of}
    response.set_cookie(
        _basket_name(round_.id),
        str(_signer(round_.id).dumps(content)),
        max_age=BASKET_LIFETIME,
        path=url_for("booth.choose", slug=round_.slug, _external=False),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def mark_of(k: bytes) -> str:
    """Return what tells choices and forms of one code from those of another, and nothing else to anybody but us."""
    return digest("v2/basket-of", str(current_app.config["SECRET_KEY"]).encode(), k)[:MARK_BYTES].hex()


def drop_basket(response: Response, round_: VotingRound) -> None:
    """Let the browser drop the basket."""
    path = url_for("booth.choose", slug=round_.slug, _external=False)
    response.delete_cookie(_basket_name(round_.id), path=path, secure=_is_secure())


def _code_name(round_id: int) -> str:
    return f"{'__Host-' if _is_secure() else ''}stemcode-{round_id}"


def _basket_name(round_id: int) -> str:
    return f"{'__Secure-' if _is_secure() else ''}mandje-{round_id}"


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _secret_box() -> SecretBox:
    return SecretBox(digest("v2/booth-cookie", str(current_app.config["SECRET_KEY"]).encode()))


def _signer(round_id: int) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"basket-{round_id}")
