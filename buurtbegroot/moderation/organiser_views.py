"""The page on which a moderator hides words and pictures, and shows them again."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.extensions import db
from buurtbegroot.moderation.actions import hide_words, show_words
from buurtbegroot.moderation.forms import HidingForm
from buurtbegroot.moderation.models import Hideable
from buurtbegroot.moderation.policy import may_hide, may_moderate
from buurtbegroot.moderation.words import MEANINGS
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.register import register
from buurtbegroot.web.versions import form_of_act, versioned

bp = Blueprint("moderation_organiser", __name__, url_prefix="/werkplek/verbergen")


@bp.route("/<kind>/<int:number>", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def hide(kind: str, number: int) -> ResponseReturnValue:
    """Show all words of a thing, and hide them everywhere else."""
    thing = _found(kind, number)
    form = versioned(partial(HidingForm, thing=thing), about=thing.key)
    if not form.validate_on_submit():
        page = render_template(
            "moderation/organiser/hide.html",
            thing=thing,
            kind=kind,
            number=number,
            form=form,
            show=form_of_act(thing, formdata=None),
            may_hide=may_hide(me(), thing),
            meanings=MEANINGS,
        )
        return page, 422 if form.errors else 200
    hide_words(db.session(), thing, form.to_hiding(), seen=form.seen, by=me(), now=now())
    flash(_("%(called)s: woorden en beeld zijn verborgen.", called=thing.called), "success")
    return redirect(thing.path, 303)


@bp.post("/<kind>/<int:number>/tonen")
@admits(Audience.ORGANISER)
def show(kind: str, number: int) -> ResponseReturnValue:
    """Show again what was hidden."""
    thing = _found(kind, number)
    page = url_for("moderation_organiser.hide", kind=kind, number=number)
    form = versioned(partial(form_of_act, thing), about=thing.key, page=page)
    show_words(db.session(), thing, seen=form.seen, by=me(), now=now())
    flash(_("%(called)s: woorden en beeld zijn weer te zien.", called=thing.called), "success")
    return redirect(thing.path, 303)


def _found(kind: str, number: int) -> Hideable:
    known = register().moderated.get(kind) or abort(404)
    thing: Hideable = known.find(db.session(), number) or abort(404)
    return thing if may_moderate(me(), thing) else abort(404)
