"""The front page, the pages about the site, and the choice of language and colours."""

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from buurtbegroot.extensions import csrf
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.addresses import own_path
from buurtbegroot.web.locale import LANGUAGE_COOKIE, SCHEME_COOKIE, SCHEMES

bp = Blueprint("pages", __name__)
YEAR = 365 * 24 * 3600


@bp.get("/")
@admits(Audience.EVERYONE)
def home() -> ResponseReturnValue:
    """Show what is going on in the city."""
    return render_template("pages/home.html")


@bp.get("/hulp")
@admits(Audience.EVERYONE)
def help_page() -> ResponseReturnValue:
    """Explain how a round works and where to get help."""
    return render_template("pages/help_page.html")


@bp.get("/toegankelijkheid")
@admits(Audience.EVERYONE)
def accessibility() -> ResponseReturnValue:
    """State how accessible the site is."""
    return render_template("pages/accessibility.html")


@bp.get("/privacy")
@admits(Audience.EVERYONE)
def privacy() -> ResponseReturnValue:
    """State what is kept of people, why and for how long."""
    return render_template("pages/privacy.html")


@bp.post("/taal")
@csrf.exempt  # sets a cookie and nothing else: a forged choice of language harms nobody
@admits(Audience.EVERYONE)
def choose_language() -> ResponseReturnValue:
    """Remember the chosen language in a cookie; an unknown one changes nothing."""
    return _remember(LANGUAGE_COOKIE, request.form.get("taal", ""), current_app.config["LANGUAGES"])


@bp.post("/weergave")
@csrf.exempt
@admits(Audience.EVERYONE)
def choose_scheme() -> ResponseReturnValue:
    """Remember light or dark in a cookie; an unknown one changes nothing."""
    return _remember(SCHEME_COOKIE, request.form.get("weergave", ""), SCHEMES)


def _remember(cookie: str, value: str, known: tuple[str, ...] | list[str]) -> Response:
    response = redirect(own_path(request.form.get("terug", "/")), 303)
    if value in known:
        response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response
