"""Pages of rounds for everyone."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.web.access import Audience, admits

bp = Blueprint("rounds", __name__, url_prefix="/rondes")


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show the start of this room."""
    return render_template("rounds/index.html")
