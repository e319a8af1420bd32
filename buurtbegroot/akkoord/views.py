"""Pages of akkoord for everyone."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.web.access import Audience, admits

bp = Blueprint("akkoord", __name__, url_prefix="/akkoord")


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show the start of this room."""
    return render_template("akkoord/index.html")
