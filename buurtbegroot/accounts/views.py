"""Pages for signing in and out and for one's own account."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.web.access import Audience, admits

bp = Blueprint("accounts", __name__, url_prefix="/account")


@bp.get("")
@admits(Audience.RESIDENT)
def show() -> ResponseReturnValue:
    """Show one's own account."""
    return render_template("accounts/show.html")


@bp.get("/inloggen")
@admits(Audience.EVERYONE)
def sign_in() -> ResponseReturnValue:
    """Ask for an e-mail address."""
    return render_template("accounts/sign_in.html")


@bp.get("/tweede-stap")
@admits(Audience.RESIDENT)
def second_factor() -> ResponseReturnValue:
    """Ask for the code of the authenticator."""
    return render_template("accounts/second_factor.html")
