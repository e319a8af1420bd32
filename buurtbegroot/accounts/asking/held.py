"""What somebody typed when the session had ended: kept for an hour, and back on the page after signing in."""

from datetime import timedelta

from flask import Flask, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from buurtbegroot import typed
from buurtbegroot.accounts.forms import ProofForm, PublishingForm
from buurtbegroot.accounts.models import HeldForm, User
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, audience_of, is_unkept
from buurtbegroot.web.addresses import LONGEST
from buurtbegroot.web.choice import CHOICES, NOT_TYPED, page_of_request
from buurtbegroot.web.clock import now
from buurtbegroot.web.errors import expired_form
from buurtbegroot.web.fields import TYPED
from buurtbegroot.web.transaction import settle_before_view

OWNER = "owner"  # whose session this was, after it ran out: only that person gets back what was typed
HELD = "held"  # the path of the form that waits for this person
KEPT = timedelta(hours=1)
MOST_CHARACTERS = (
    100_000  # ten times the longest plan; a person keeps one form, so this bounds what an account can fill
)
NOT_KEPT = CHOICES | {"csrf_token", ProofForm.FIELD, PublishingForm.FIELD}  # the last tells an age
CONFIRMED = "bevestiging"  # the token of a mailed link, beside what a visitor wrote before that mail
VISITORS_ADDRESS = "mailadres"  # where that mail goes; a form that has it was never of somebody who was signed in
OF_A_BUTTON = NOT_TYPED | {"versie", "gezien"}  # with nothing else it is no form in which somebody typed


def init_app(app: Flask) -> None:
    """Catch forms of ended sessions before they are turned away; comes before the guard, and after the error pages."""
    app.before_request(_catch)
    app.before_request(_give_back)
    app.register_error_handler(CSRFError, _stale)


def page_of_form() -> str:
    """Return the path of the page that holds the form that was sent; "" when it is too long to lead back to."""
    path = page_of_request().partition("?")[0]
    return path if len(path) <= LONGEST else ""


def hold(user_id: int) -> str:
    """Keep the form that was sent, for this person only, and return the path of its page; "" when it cannot be kept."""
    names = [name for name in request.form if name not in NOT_KEPT]
    fields = [[name, typed.more_lines(value)] for name in names for value in request.form.getlist(name)]
    path, owner = page_of_form(), db.session.get(User, user_id)
    if not path or not owner or owner.deleted_at or sum(len(value) for _, value in fields) > MOST_CHARACTERS:
        return ""
    if OF_A_BUTTON.issuperset(names):
        return ""
    db.session.merge(HeldForm(user_id=user_id, path=path, fields=fields, expires_at=now() + KEPT))
    settle_before_view()
    return path


def _catch() -> ResponseReturnValue | None:
    """Keep what comes from a browser whose session has just ended, and go to the sign-in page."""
    if (request.method != "POST" and TYPED not in g) or not _may_keep() or current_user.is_authenticated:
        return None
    return _to_sign_in()


def _to_sign_in() -> ResponseReturnValue | None:
    owner = session.get(OWNER)
    path = hold(owner) if owner else ""
    if not path:
        return None
    flash(_("U was niet meer ingelogd. Log opnieuw in. Wat u had ingevuld, is bewaard voor u."), "warning")
    return redirect(url_for("accounts.sign_in", verder=path), 303)


def _stale(error: CSRFError) -> ResponseReturnValue:
    """Give back a form of our own whose token went with an earlier session; to look through and send again."""
    db.session.rollback()
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or not _may_keep():
        return expired_form(error)
    if not current_user.is_authenticated:
        return _to_sign_in() or expired_form(error)
    path = hold(current_user.id)
    if not path:
        return expired_form(error)
    session[HELD] = path
    return redirect(path, 303)


def _give_back() -> None:
    """Put what was kept into the form of its page; sending that form lets go of it."""
    path = session.get(HELD)
    if path is None or path != page_of_form() or not current_user.is_authenticated or _is_halfway():
        return
    if CONFIRMED in request.form:  # another text than the one that is kept
        return
    found = db.session.get(HeldForm, current_user.id)
    if found is None or found.path != path or found.expires_at <= now():
        return
    if request.method == "POST":
        session.pop(HELD)
        db.session.delete(found)
    else:
        g.setdefault(TYPED, MultiDict((name, value) for name, value in found.fields))
        flash(_("Wat u had ingevuld, staat hier nog. Het is nog niet verstuurd."), "warning")


def _is_halfway() -> bool:
    return current_user.is_organiser and not current_user.second_factor_passed


def _may_keep() -> bool:
    endpoint = request.endpoint
    return (
        endpoint is not None
        and audience_of(current_app, endpoint) is not Audience.EVERYONE
        and not is_unkept(current_app, endpoint)
        and not {CONFIRMED, VISITORS_ADDRESS} & request.form.keys()
    )
