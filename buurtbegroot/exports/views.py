"""Fetching a file that was made beside the request; whoever has its address may, since all that is in it is public."""

from flask import Blueprint, abort, current_app
from flask.typing import ResponseReturnValue

from buurtbegroot.exports.domain import parts_of, path_of
from buurtbegroot.exports.queries import made_export
from buurtbegroot.extensions import db
from buurtbegroot.tables.files import FORMS
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment, spooled

bp = Blueprint("exports", __name__)


@bp.get("/open-data/gemaakt/<token>/<name>")
@admits(Audience.EVERYONE)
def fetch(token: str, name: str) -> ResponseReturnValue:
    """Send a file that is whole and not too old."""
    export = made_export(db.session(), token, now=now())
    if export is None or export.filename != name:
        abort(404)
    path, media = path_of(current_app.config, export.token), FORMS[export.ending].media
    db.session.rollback()
    try:
        content = spooled(parts_of(path))
    except FileNotFoundError:
        abort(404)
    return attachment(content, name, media)
