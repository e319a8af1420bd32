"""The workplace of a coordinator: setting up and running rounds."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.web.access import Audience, admits

bp = Blueprint("rounds_organiser", __name__, url_prefix="/werkplek")


@bp.get("")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the rounds that this organiser may work on."""
    return render_template("rounds/organiser/index.html")
