"""Asking who is there, once more, before a weighty act; which acts are weighty is declared beside each route."""

from flask import Flask, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from limits import parse_many

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.actions import pass_second_factor
from buurtbegroot.accounts.asking.held import hold, page_of_form
from buurtbegroot.accounts.domain import Vault
from buurtbegroot.accounts.forms import ProofForm
from buurtbegroot.accounts.models import User
from buurtbegroot.extensions import db, limiter
from buurtbegroot.web.access import Weight, weight_of
from buurtbegroot.web.clock import now
from buurtbegroot.web.transaction import settle_before_view

OWN_FIELDS = frozenset({ProofForm.FIELD})

PURSE = "second-factor"


def init_app(app: Flask) -> None:
    """Guard every weighty view; comes after the guard that knows who may enter at all."""
    app.before_request(_guard)


def sign_in_tries() -> str:
    """Return how often one network may ask for a link."""
    tries: str = current_app.config["SIGN_IN_TRIES"]
    return tries


def count_try() -> None:
    """Count one try of this person's code; with too many the answer is 429."""
    if not limiter.enabled:
        return
    for limit in parse_many(f"{sign_in_tries()}; 60 per day"):  # six figures: at this pace guessing takes decades
        if not limiter.limiter.hit(limit, PURSE, current_user.get_id()):
            abort(429)


def is_right_code(user: User, code: str) -> bool:
    """Tell whether the code of the authenticator is good now, and use it up; raises VaultError.

    Each call is a try, and after too many the answer is 429.
    """
    count_try()
    vault = Vault.from_config(current_app.config)
    return pass_second_factor(db.session(), user, code=code, vault=vault, by=user, now=now())


def _guard() -> ResponseReturnValue | None:
    weight = weight_of(current_app, request.endpoint) if request.endpoint else None
    if weight is None or current_app.config["DEMO"] or not _is_act(weight) or asking.is_proved_lately():
        return None
    if not current_user.totp_secret:
        return _sign_in_again()
    return None if weight is Weight.PAGE else _ask_for_code(weight)


def _is_act(weight: Weight) -> bool:
    return request.method == "POST" or weight is Weight.PAGE


def _ask_for_code(weight: Weight) -> ResponseReturnValue | None:
    """Show the page that asks for a code and carries the form along; None when the code that came with it is right."""
    form = ProofForm()
    if not form.code.raw_data:
        return _page(form), 403
    if not form.validate() or not is_right_code(current_user._get_current_object(), form.code.data or ""):
        form.refuse()
        return _page(form), 422
    asking.renew_session()
    settle_before_view()
    if weight is not Weight.FILE:
        return None
    path = session[asking.HELD] = hold(current_user.id, without=OWN_FIELDS)
    return redirect(path or url_for("accounts.show"), 303)


def _page(form: ProofForm) -> str:
    own = {"csrf_token", *OWN_FIELDS}
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in own]
    minutes = current_app.config["PROOF_MINUTES"]
    has_file = any(request.files.values())
    return render_template("accounts/_step_up.html", form=form, carried=carried, minutes=minutes, has_file=has_file)


def _sign_in_again() -> ResponseReturnValue:
    """Send somebody without an authenticator past the mailbox again."""
    flash(_("Log hiervoor opnieuw in. Zo weten wij zeker dat u het bent."), "warning")
    return redirect(url_for("accounts.sign_in", verder=page_of_form() or None, opnieuw=1), 303)
