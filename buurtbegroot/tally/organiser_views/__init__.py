"""The workplace of a count: close, open, count, look, certify; each step says what comes next."""

from collections.abc import Callable

from flask import Blueprint, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.dual_control.actions import OUTDATED, withdraw_request
from buurtbegroot.dual_control.forms import ReasonForm
from buurtbegroot.extensions import db
from buurtbegroot.rounds.asking import managed_round, viewed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.dual_acts import CERTIFY, CLOSE, CODE_LISTS, DESTROY
from buurtbegroot.tally.organiser_views.page import count_page, has_loss, jobs_shown
from buurtbegroot.tally.queries import (
    BUNDLE,
    OPEN,
)
from buurtbegroot.tally.queries.counting import counted
from buurtbegroot.web.access import Audience, Weight, admits, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import on_refusal, refused_to, say_again

bp = Blueprint("tally_organiser", __name__, url_prefix="/werkplek")

REFRESH_SECONDS = "3"


@bp.get("/rondes/<slug>/telling")
@admits(Audience.ORGANISER)
def show(slug: str) -> ResponseReturnValue:
    """Show how far the count is and the one thing to do now; while envelopes open the page reloads itself."""
    round_ = viewed_round(slug)
    if round_.archive:  # held elsewhere: there is nothing to open, count or destroy here
        return redirect(url_for("results.show", slug=slug))
    response = make_response(count_page(round_))
    jobs = jobs_shown(round_)
    opening = jobs.get(OPEN)
    bundling = jobs.get(BUNDLE)
    if any(job is not None and job.is_busy for job in (opening, bundling)):
        response.headers["Refresh"] = REFRESH_SECONDS
    return response


@bp.post("/rondes/<slug>/telling/sluiten-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def request_closing(slug: str) -> ResponseReturnValue:
    """Ask to shut the ballot box."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_close(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/sluiten")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def close(slug: str) -> ResponseReturnValue:
    """Shut the ballot box as the second person."""
    done = _("De stembus is dicht. Nu kunnen de enveloppen open.")
    seen = _seen(slug)

    def take(round_: Round) -> None:
        keys = KeyStore.from_config(current_app.config)
        actions.confirm_close(db.session(), round_, seen=seen, by=me(), keys=keys, now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/intrekken")
@admits(Audience.ORGANISER)
@refused_to("tally_organiser.show")
def withdraw(slug: str) -> ResponseReturnValue:
    """Take back a request for one of the acts of this page."""
    asked = request.form.get("stap")
    act = next((each for each in (CERTIFY, DESTROY, CODE_LISTS) if each.name == asked), CLOSE)
    done = _("De aanvraag is ingetrokken.")
    return _step(slug, lambda round_: withdraw_request(db.session(), act, round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/openen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def open_box(slug: str) -> ResponseReturnValue:
    """Let the envelopes be opened beside the server; asking twice does no harm."""
    done = _("De server gaat de enveloppen openen. U hoeft er niet op te wachten.")
    return _step(slug, lambda round_: actions.ask_to_open(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/tellen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def count(slug: str) -> ResponseReturnValue:
    """Count the opened ballots; what would have been enough for who lost is worked out beside the server."""
    done = _("De stembiljetten zijn geteld. Bekijk de uitslag en stel haar samen vast.")

    def take(round_: Round) -> None:
        found = counted(db.session(), round_, keys=KeyStore.from_config(current_app.config))
        actions.count_round(db.session(), round_, found, by=me(), now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/controlebestand")
@admits(Audience.ORGANISER)
@refused_to("tally_organiser.show")
def bundle(slug: str) -> ResponseReturnValue:
    """Let the bundle be made once more; asking twice does no harm."""
    done = _("De server maakt het controlebestand opnieuw.")
    return _step(slug, lambda round_: actions.ask_to_bundle(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/uitleggen")
@admits(Audience.ORGANISER)
@refused_to("tally_organiser.show")
def explain(slug: str) -> ResponseReturnValue:
    """Let that be worked out once more, if anything is left; asking twice does no harm."""
    done = _("Het uitrekenen gaat verder. U hoeft er niet op te wachten.")
    return _step(slug, lambda round_: actions.ask_to_explain(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vaststellen-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def request_certifying(slug: str) -> ResponseReturnValue:
    """Ask to make the outcome final."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    round_, form = managed_round(slug), ReasonForm()
    if has_loss(round_) and not form.validate():
        return count_page(round_, loss=form), 422
    reason = form.reden.data or ""

    def take(round_: Round) -> None:
        actions.request_certify(db.session(), round_, reason=reason, by=me(), now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/vaststellen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def certify(slug: str) -> ResponseReturnValue:
    """Make the outcome final and public as the second person."""
    done, seen = _("De uitslag is vastgesteld. Iedereen kan haar nu zien."), _seen(slug)
    keys = KeyStore.from_config(current_app.config)

    def take(round_: Round) -> None:
        actions.certify(db.session(), round_, seen=seen, keys=keys, by=me(), now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/lijsten-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def request_code_lists(slug: str) -> ResponseReturnValue:
    """Ask to put on record that the lists from letter to code are gone."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_code_lists_gone(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/lijsten")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def note_code_lists(slug: str) -> ResponseReturnValue:
    """Put on record that the lists from letter to code are gone, as the second person."""
    done, seen = _("Vastgelegd: de lijsten van brief naar stemcode zijn vernietigd."), _seen(slug)

    def take(round_: Round) -> None:
        actions.note_code_lists_gone(db.session(), round_, seen=seen, by=me(), now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/vernietigen-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def request_destroying(slug: str) -> ResponseReturnValue:
    """Ask to destroy what is secret of a certified round."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_destroy(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vernietigen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("tally_organiser.show")
def destroy(slug: str) -> ResponseReturnValue:
    """Destroy envelopes, stored receipts and keys for ever, as the second person."""
    done = _("De enveloppen en de sleutels van deze ronde zijn vernietigd.")
    keys, seen = KeyStore.from_config(current_app.config), _seen(slug)

    def take(round_: Round) -> None:
        actions.destroy_secrets(db.session(), round_, seen=seen, by=me(), keys=keys, now=now())

    return _step(slug, take, done)


@bp.post("/rondes/<slug>/telling/herschrijven")
@admits(Audience.ORGANISER)
@refused_to("tally_organiser.show")
def rewrite(slug: str) -> ResponseReturnValue:
    """Let what was destroyed be taken off the disk once more."""
    done = _("De server probeert het opnieuw.")
    return _step(slug, lambda round_: actions.ask_to_rewrite(db.session(), round_, by=me(), now=now()), done)


def _step(slug: str, take: Callable[[Round], object], done: str) -> ResponseReturnValue:
    """Take one step and say what happened; a refused one is said on the same page."""
    take(managed_round(slug))
    flash(done, "success")
    return redirect(url_for(".show", slug=slug), 303)


def _seen(slug: str) -> str:
    """Return the fingerprint that the form carries; who confirms something else than there is now sees the page."""
    on_refusal(say_again(lambda: count_page(managed_round(slug))), only=OUTDATED)
    return request.form.get("gezien", "")
