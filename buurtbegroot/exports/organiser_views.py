"""Asking for a long file on the staff's page, stopping it, and trying again."""

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import RefusedError
from buurtbegroot.datasets.domain.description import Choice, DataSet
from buurtbegroot.datasets.forms import address_of, read_choice
from buurtbegroot.datasets.queries import DATA_SETS, ask, count_of, file_called
from buurtbegroot.exports.actions import ask_for_export, drop_export, try_export_again
from buurtbegroot.exports.models import Export
from buurtbegroot.exports.queries import own_export
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import on_refusal, words_of

bp = Blueprint("exports_organiser", __name__, url_prefix="/werkplek/bestanden")

KIND = "soort"
"""What the page of files calls the data set in its address."""


@bp.post("/maken/<name>")
@admits(Audience.ORGANISER)
def ask_for(name: str) -> ResponseReturnValue:
    """Let a file be made of what the address asks for."""
    data_set, form = file_called(name) or abort(404)
    choice, unclear = read_choice(request.args, data_set)
    if unclear:
        abort(404)
    on_refusal(lambda refusal: _stay(refusal, data_set, choice))
    url = url_for("datasets.file", filename=name, _external=True, **address_of(choice))
    asked = ask(db.session(), data_set, choice, config=current_app.config, now=now())
    export = Export(
        data_set=data_set.name,
        ending=form.ending,
        url=url,
        language=str(get_locale()),
        rows=count_of(db.session(), asked),
    )
    ask_for_export(db.session(), export, by=me(), now=now())
    return _page(data_set, choice)


@bp.post("/uw/<int:number>/weg")
@admits(Audience.ORGANISER)
def drop(number: int) -> ResponseReturnValue:
    """Throw a file away, or stop making it."""
    export = own_export(db.session(), me().id, number) or abort(404)
    drop_export(db.session(), export, by=me())
    flash(_("Het bestand is weg."), "success")
    return _back()


@bp.post("/uw/<int:number>/opnieuw")
@admits(Audience.ORGANISER)
def again(number: int) -> ResponseReturnValue:
    """Try once more to make a file."""
    export = own_export(db.session(), me().id, number) or abort(404)
    try_export_again(db.session(), export, by=me(), now=now())
    return _back()


def _back() -> ResponseReturnValue:
    """Lead back to the page as its address was: a file that goes takes no choice along."""
    data_set = DATA_SETS.get(request.args.get(KIND, ""))
    if data_set is None:
        return redirect(url_for("datasets_organiser.index", _anchor="uw"), 303)
    choice, _unclear = read_choice(request.args, data_set)
    return _page(data_set, choice)


def _stay(refusal: RefusedError, data_set: DataSet, choice: Choice) -> ResponseReturnValue:
    flash(words_of(refusal), "error")
    return _page(data_set, choice)


def _page(data_set: DataSet, choice: Choice) -> ResponseReturnValue:
    chosen = {KIND: data_set.name, **address_of(choice)}
    return redirect(url_for("datasets_organiser.index", _anchor="uw", **chosen), 303)
