"""Asking for a long file on the staff's page, stopping it, and trying again."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.datasets.forms import address_of, read_choice
from buurtbegroot.datasets.queries import ask, count_of, file_called
from buurtbegroot.exports.actions import ask_for_export, drop_export, try_export_again
from buurtbegroot.exports.models import Export
from buurtbegroot.exports.queries import own_export
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import refused_to

bp = Blueprint("exports_organiser", __name__, url_prefix="/werkplek/bestanden")


@bp.post("/maken/<name>")
@admits(Audience.ORGANISER)
@refused_to("datasets_organiser.index")
def ask_for(name: str) -> ResponseReturnValue:
    """Let a file be made of what the address asks for."""
    data_set, form = file_called(name) or abort(404)
    choice, unclear = read_choice(request.args, data_set)
    if unclear:
        abort(404)
    address = address_of(choice)
    url = url_for("datasets.file", filename=name, _external=True, **address)
    asked = ask(db.session(), data_set, choice, config=current_app.config, now=now())
    export = Export(
        data_set=data_set.name,
        ending=form.ending,
        url=url,
        language=str(get_locale()),
        rows=count_of(db.session(), asked),
    )
    ask_for_export(db.session(), export, by=me(), now=now())
    return redirect(url_for("datasets_organiser.index", soort=data_set.name, **address, _anchor="uw"), 303)


@bp.post("/uw/<int:number>/weg")
@admits(Audience.ORGANISER)
@refused_to("datasets_organiser.index")
def drop(number: int) -> ResponseReturnValue:
    """Throw a file away, or stop making it."""
    export = own_export(db.session(), me().id, number) or abort(404)
    drop_export(db.session(), export, by=me())
    flash(_("Het bestand is weg."), "success")
    return _back()


@bp.post("/uw/<int:number>/opnieuw")
@admits(Audience.ORGANISER)
@refused_to("datasets_organiser.index")
def again(number: int) -> ResponseReturnValue:
    """Try once more to make a file."""
    export = own_export(db.session(), me().id, number) or abort(404)
    try_export_again(db.session(), export, by=me(), now=now())
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("datasets_organiser.index", _anchor="uw"), 303)
