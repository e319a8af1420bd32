"""The organiser who is asking: which round they may open, whether a step of its set-up can be saved, what follows."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import insist
from buurtbegroot.extensions import db
from buurtbegroot.rounds.actions import SetupFault
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage, may_view_setup
from buurtbegroot.rounds.queries import round_by_slug, standing_of
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import Form


def viewed_round(slug: str) -> Round:
    """Return the round when this organiser may see its set-up; only who manages it may send forms; else 404."""
    round_ = round_by_slug(db.session(), slug)
    allowed = may_view_setup if request.method in {"GET", "HEAD"} else may_manage
    if round_ is None or not allowed(me(), round_):
        abort(404)
    return round_


def managed_round(slug: str) -> Round:
    """Return the round when this organiser manages it; else 404."""
    round_ = round_by_slug(db.session(), slug)
    if round_ is None or not may_manage(me(), round_):
        abort(404)
    return round_


def is_valid_post(form: Form, round_: Round) -> bool:
    """Tell whether a form was sent that can be saved; a round whose vote was opened cannot be changed at all."""
    if not form.is_submitted():
        return False
    insist(not round_.fingerprint, SetupFault.FROZEN)
    return bool(form.validate())


def step_page(
    template: str, round_: Round, *, form: Form | None = None, as_is: bool = False, **values: Any
) -> ResponseReturnValue:
    """Render a step; a form that was refused gives 422, `as_is` says that it was not meant to be checked yet."""
    refused = form is not None and bool(form.problems()) and not as_is
    shown = render_template(
        template,
        round=round_,
        form=form,
        standing=standing_of(round_, now()),
        may_manage=may_manage(me(), round_),
        may_edit=may_manage(me(), round_) and not round_.fingerprint,
        refused=refused,
        now=now(),
        **values,
    )
    return shown, 422 if refused else 200


def saved(round_: Round, *, here: str, onward: str) -> ResponseReturnValue:
    """Say that it was saved; stay here for a concept, else go on to the next step; both are endpoints."""
    flash(_("Bewaard."), "success")
    endpoint = here if request.form.get("actie") == "concept" else onward
    return redirect(url_for(endpoint, slug=round_.slug), 303)
