"""What a visitor sees of what waits: the page that says where to look, and the page behind the mailed link."""

from datetime import datetime
from functools import partial
from math import ceil

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts import asking as people
from buurtbegroot.accounts.forms import PublishingForm
from buurtbegroot.accounts.queries import user_by_email
from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.waiting import asking
from buurtbegroot.waiting.actions import WaitingFault, mail_again, throw_away
from buurtbegroot.waiting.domain import LINK_WORKS, MAIL_AGAIN
from buurtbegroot.waiting.forms import AddressForm
from buurtbegroot.waiting.models import WaitingForm
from buurtbegroot.waiting.queries import Opened, opened_by
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import on_refusal, words_of

bp = Blueprint("waiting", __name__)


@bp.route("/bijna-klaar/<key>", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def show(key: str) -> ResponseReturnValue:
    """Say that what was written waits for its mail; the address can be mended and the mail sent again."""
    waiting = asking.own_waiting_form(key) or abort(404)
    form = AddressForm(data={"mailadres": waiting.email})
    if form.validate_on_submit():
        on_refusal(lambda refusal: _again(key, form, refusal), only={*WaitingFault})
        _mail_again(waiting, form.mailadres.normalised)
        flash(_("De mail is opnieuw verstuurd."), "success")
        return redirect(url_for("waiting.show", key=key), 303)
    return _page(waiting, form)


def _page(waiting: WaitingForm, form: AddressForm) -> tuple[str, int]:
    again_at = waiting.mailed_at + MAIL_AGAIN
    page = render_template(
        "waiting/show.html",
        waiting=waiting,
        told=waiting.words,
        form=form,
        link_until=min(waiting.mailed_at + LINK_WORKS, waiting.expires_at),
        again_at=again_at if again_at > now() else None,
    )
    return page, 422 if form.errors else 200


def _again(key: str, form: AddressForm, refusal: RefusedError) -> ResponseReturnValue:
    form.mailadres.errors = [words_of(refusal)]
    return *_page(asking.own_waiting_form(key) or abort(404), form), _when_again(refusal)


def _mail_again(waiting: WaitingForm, email: str) -> None:
    limits.count(*people.asked_links(email))
    mail_again(db.session(), waiting, email=email, link_for=asking.link_for, by=ANYONE, now=now())


@bp.route("/bevestigen/<token>", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def confirm(token: str) -> ResponseReturnValue:
    """Show what waits behind a mailed link, with the button that does it; a mail scanner that opens it does nothing."""
    opened = opened_by(db.session(), token, now=now())
    if opened is None:
        return asking.gone()
    if request.method != "POST":
        return _confirming(opened, token) if opened.works else _too_old(opened)
    if request.form.get("actie") == "weg":
        throw_away(db.session(), opened.form, by=ANYONE, now=now())
        flash(_("Weg. Er komt niets van op de site."), "success")
        return redirect(url_for("pages.home"), 303)
    on_refusal(partial(_too_old, opened), only={WaitingFault.JUST_MAILED})
    _mail_again(opened.form, opened.form.email)
    return render_template("waiting/_mailed.html", email=opened.form.email), 200


def _confirming(opened: Opened, token: str) -> ResponseReturnValue:
    waiting = opened.form
    user = user_by_email(db.session(), waiting.email)
    asks_age = asking.publishes(waiting.path) and not (user and user.may_publish_at)
    return render_template(
        "waiting/confirm.html",
        waiting=waiting,
        told=waiting.words,
        token=token,
        consent=PublishingForm(formdata=None, asks=asks_age),
    )


def _too_old(opened: Opened, refusal: RefusedError | None = None) -> ResponseReturnValue:
    why = words_of(refusal) if refusal else ""
    page = render_template("waiting/_too_old.html", waiting=opened.form, told=opened.form.words, why=why)
    return page, 409 if refusal else 410, _when_again(refusal) if refusal else {}


def _when_again(refusal: RefusedError) -> dict[str, str]:
    """Return the header that says how long to wait, where time is what it takes."""
    at = refusal.facts.get("at")
    return {"Retry-After": str(ceil((at - now()).total_seconds()))} if isinstance(at, datetime) else {}
