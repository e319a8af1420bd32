"""The workplace of a count: close, open, count, look, certify; each step says what comes next."""

from collections.abc import Callable

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from buurtbegroot.rounds.actions import StepRefusedError, withdraw_request
from buurtbegroot.rounds.models import DoubleStep, Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.problem_words import STEP_FAULT_WORDS
from buurtbegroot.rounds.queries import is_time_for, step_of, window_of
from buurtbegroot.rounds.setup_pages import managed_round, me, viewed_round
from buurtbegroot.tally import actions
from buurtbegroot.tally.faults import TallyRefusedError
from buurtbegroot.tally.queries import EXPLAIN, OPEN, REWRITE, jobs_of, tally_of, unexplained
from buurtbegroot.tally.words import FAULT_WORDS, NO_KEYS
from buurtbegroot.voting.keys import KeyFileError, KeyStore
from buurtbegroot.web.access import Audience, Weight, admits, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.work.words import standing_of

bp = Blueprint("tally_organiser", __name__, url_prefix="/werkplek")

REFRESH_SECONDS = "3"


@bp.get("/rondes/<slug>/telling")
@admits(Audience.ORGANISER)
def show(slug: str) -> ResponseReturnValue:
    """Show how far the count is and the one thing to do now; while envelopes open the page reloads itself."""
    round_ = viewed_round(slug)
    session, moment = db.session(), now()
    tally = tally_of(session, round_.id)
    jobs = {task: standing_of(job, FAULT_WORDS, moment) for task, job in jobs_of(session, round_.id).items() if job}
    is_busy = OPEN in jobs and jobs[OPEN].is_busy
    page = render_template(
        "tally/organiser/show.html",
        round=round_,
        tally=tally,
        voting=window_of(round_, Phase.VOTING),
        to_close=step_of(session, round_.id, DoubleStep.CLOSE),
        to_certify=step_of(session, round_.id, DoubleStep.CERTIFY),
        to_destroy=step_of(session, round_.id, DoubleStep.DESTROY),
        may_close=is_time_for(round_, DoubleStep.CLOSE, moment),
        unexplained=len(unexplained(session, round_.id)) if tally and tally.counted_at else 0,
        may_manage=may_manage(me(), round_),
        opening=jobs.get(OPEN),
        explaining=jobs.get(EXPLAIN),
        rewriting=jobs.get(REWRITE),
    )
    response = make_response(page)
    if is_busy:
        response.headers["Refresh"] = REFRESH_SECONDS
    return response


@bp.post("/rondes/<slug>/telling/sluiten-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def request_closing(slug: str) -> ResponseReturnValue:
    """Ask to shut the ballot box."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_close(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/sluiten")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def close(slug: str) -> ResponseReturnValue:
    """Shut the ballot box as the second person."""
    done = _("De stembus is dicht. Nu kunnen de enveloppen open.")
    keys = KeyStore.from_config(current_app.config)
    return _step(slug, lambda round_: actions.confirm_close(db.session(), round_, by=me(), keys=keys, now=now()), done)


@bp.post("/rondes/<slug>/telling/intrekken")
@admits(Audience.ORGANISER)
def withdraw(slug: str) -> ResponseReturnValue:
    """Take back a request to close, to certify or to destroy."""
    asked = request.form.get("stap")
    step = DoubleStep(asked) if asked in {DoubleStep.CERTIFY, DoubleStep.DESTROY} else DoubleStep.CLOSE
    done = _("De aanvraag is ingetrokken.")
    return _step(slug, lambda round_: withdraw_request(db.session(), round_, step, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/openen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def open_box(slug: str) -> ResponseReturnValue:
    """Let the envelopes be opened beside the server; asking twice does no harm."""
    done = _("De server gaat de enveloppen openen. U hoeft er niet op te wachten.")
    return _step(slug, lambda round_: actions.ask_to_open(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/tellen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def count(slug: str) -> ResponseReturnValue:
    """Count the opened ballots; what would have been enough for who lost is worked out beside the server."""
    done = _("De stembiljetten zijn geteld. Bekijk de uitslag en stel haar samen vast.")
    return _step(slug, lambda round_: actions.count_round(db.session(), round_, now=now(), actor=me().actor), done)


@bp.post("/rondes/<slug>/telling/uitleggen")
@admits(Audience.ORGANISER)
def explain(slug: str) -> ResponseReturnValue:
    """Let that be worked out once more, if anything is left; asking twice does no harm."""
    done = _("Het uitrekenen gaat verder. U hoeft er niet op te wachten.")
    return _step(slug, lambda round_: actions.ask_to_explain(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vaststellen-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def request_certifying(slug: str) -> ResponseReturnValue:
    """Ask to make the outcome final."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_certify(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vaststellen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def certify(slug: str) -> ResponseReturnValue:
    """Make the outcome final and public as the second person."""
    done = _("De uitslag is vastgesteld. Iedereen kan haar nu zien.")
    return _step(slug, lambda round_: actions.certify(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vernietigen-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def request_destroying(slug: str) -> ResponseReturnValue:
    """Ask to destroy what is secret of a certified round."""
    done = _("De aanvraag is bewaard. Een andere organisator moet haar bevestigen.")
    return _step(slug, lambda round_: actions.request_destroy(db.session(), round_, by=me(), now=now()), done)


@bp.post("/rondes/<slug>/telling/vernietigen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def destroy(slug: str) -> ResponseReturnValue:
    """Destroy envelopes, stored receipts and keys for ever, as the second person."""
    keys = KeyStore.from_config(current_app.config)
    done = _("De enveloppen en de sleutels van deze ronde zijn vernietigd.")
    return _step(
        slug, lambda round_: actions.destroy_secrets(db.session(), round_, by=me(), keys=keys, now=now()), done
    )


@bp.post("/rondes/<slug>/telling/herschrijven")
@admits(Audience.ORGANISER)
def rewrite(slug: str) -> ResponseReturnValue:
    """Let what was destroyed be taken off the disk once more."""
    done = _("De server probeert het opnieuw.")
    return _step(slug, lambda round_: actions.ask_to_rewrite(db.session(), round_, by=me(), now=now()), done)


def _step(slug: str, take: Callable[[Round], object], done: str) -> ResponseReturnValue:
    """Take one step and say what happened; a refused step leaves nothing behind."""
    round_ = managed_round(slug)
    try:
        take(round_)
        flash(done, "success")
    except (StepRefusedError, TallyRefusedError, KeyFileError) as refusal:
        db.session.rollback()
        flash(_words(refusal), "error")
    return redirect(url_for(".show", slug=slug), 303)


def _words(refusal: StepRefusedError | TallyRefusedError | KeyFileError) -> str:
    if isinstance(refusal, StepRefusedError):
        return str(STEP_FAULT_WORDS[refusal.fault])
    if isinstance(refusal, TallyRefusedError):
        return str(FAULT_WORDS[refusal.fault])
    return str(NO_KEYS)
