"""Pages of opendata for everyone."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.web.access import Audience, admits

bp = Blueprint("opendata", __name__, url_prefix="/open-data")


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show the start of this room."""
    return render_template("opendata/index.html")
