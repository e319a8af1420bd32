"""The workplace of a coordinator: the rounds, a new one, and the steps in which one is set up and put to the vote."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.policy import may_coordinate
from buurtbegroot.accounts.queries import names_of
from buurtbegroot.akkoord.queries import latest_edition, points_in
from buurtbegroot.areas.queries import atlas
from buurtbegroot.audit.queries import entries_for_objects
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.dual_control.queries import Waiting, last_request, waiting_for
from buurtbegroot.extensions import db
from buurtbegroot.proposals.queries import (
    ballot_plans,
    buurten_with_plans,
    named_plans,
    plans_on_ballot,
    status_counts,
)
from buurtbegroot.results.queries import totals_of_rounds
from buurtbegroot.rounds import setup_actions, setup_pages
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.form_fields import options
from buurtbegroot.rounds.forms import BasicsForm, NewRoundForm, PhasesForm, PointsForm, basics_values, phases_values
from buurtbegroot.rounds.lists import NextStep, by_next_step, next_step
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.phase_words import timeline
from buurtbegroot.rounds.policy import may_start_rounds
from buurtbegroot.rounds.problem_words import MISSING_WORDS, PHASE_NAMES
from buurtbegroot.rounds.queries import (
    Standing,
    is_time_to_open,
    missing_parts,
    owners_within,
    phase_of,
    round_key,
    rounds_within,
    rules_or_none,
    standing_of,
)
from buurtbegroot.rounds.rule_forms import RulesForm
from buurtbegroot.rounds.setup_pages import managed_round, me, page, viewed_round
from buurtbegroot.rounds.trial import trial_of
from buurtbegroot.tally.queries import certified_rounds, earlier_vote
from buurtbegroot.voting.queries import code_counts
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, slice_page

bp = Blueprint("rounds_organiser", __name__, url_prefix="/werkplek")
MOST_OFFERED = 50
"""Earlier votes that rules can be tried on, the latest."""


class Progress(NamedTuple):
    """What every page about a round in the workplace shows of it.

    `plans` counts plans by status; `missing` is what a concept lacks first, in words, with its step of the set-up.
    `waiting` is what the reader can confirm as a second person.
    """

    standing: Standing
    step: NextStep
    missing: tuple[object, str] | None
    plans: Mapping[Any, int]
    waiting: Waiting | None
    now: datetime


@bp.app_template_global()
def progress_of(round_: Round) -> Progress:
    """Return how far a round is and what comes next, for the tabs that all rooms share."""
    moment = now()
    step, plans = next_step(round_, moment), status_counts(db.session(), round_.id)
    waiting = waiting_for(db.session(), me(), now=moment)
    to_check = sum(number for status, number in plans.items() if status == "submitted")
    if step is NextStep.CHECK and not to_check:
        step = NextStep.NOTHING if code_counts(db.session(), round_.id).active else NextStep.CODES
    return Progress(
        standing=standing_of(round_, moment),
        step=step,
        missing=MISSING_WORDS[missing_parts(round_, moment)[0]] if step is NextStep.SET_UP else None,
        plans=plans,
        waiting=next((each for each in waiting if each.object == round_key(round_) and not each.is_mine), None),
        now=moment,
    )


@bp.get("")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the rounds that this organiser may see: what needs doing first, and what each holds."""
    session, moment, user = db.session(), now(), me()
    rounds = rounds_within(session, [grant.area_code for grant in user.grants])
    waiting = waiting_for(session, user, now=moment)
    return render_template(
        "rounds/organiser/index.html",
        waiting=waiting,
        waits_on_me={each.object for each in waiting if not each.is_mine},
        page=slice_page(by_next_step(rounds, moment), number=page_number()),
        totals=totals_of_rounds(session, [round_.id for round_ in rounds]),
        offered_cents=sum(round_.budget_cents for round_ in rounds if round_.published_at),
        entries=entries_for_objects(session, [f"round:{round_.slug}" for round_ in rounds], most=5),
        now=moment,
        may_start=may_start_rounds(user),
    )


@bp.route("/rondes/nieuw", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def new() -> ResponseReturnValue:
    """Start a concept in an area that one coordinates."""
    user = me()
    if not may_start_rounds(user):
        abort(404)
    form = NewRoundForm()
    areas = owners_within(db.session(), [grant.area_code for grant in user.grants])
    owners = {area.code: area for area in areas if may_coordinate(user, area)}
    form.owner.choices = options((area.code, area.name) for area in owners.values())
    if not form.validate_on_submit():
        return render_template("rounds/organiser/new.html", form=form), 422 if form.is_submitted() else 200
    round_ = setup_actions.create_round(
        db.session(), title=form.title.data or "", owner=owners[form.owner.data], by=user, now=now()
    )
    flash(_("De ronde is bewaard als concept. Alleen organisatoren kunnen haar zien."), "success")
    return redirect(url_for("rounds_organiser.basics", slug=round_.slug), 303)


@bp.route("/rondes/<slug>/gebied-en-geld", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def basics(slug: str) -> ResponseReturnValue:
    """Step 1: title, buurten, themes and money."""
    round_ = viewed_round(slug)
    city = atlas(db.session())
    places = {place.code: place for place in city.inside(round_.owner_code)}
    used = buurten_with_plans(db.session(), round_.id)
    form = BasicsForm(data=basics_values(round_), places=places, used=used)
    rows_only = setup_pages.grow_rows(form)
    setup_pages.offer_areas(form, city)
    shown: dict[str, Any] = {"wijken": setup_pages.buurten_by_wijk(city, form, words=request.form.get("zoek", ""))}
    if rows_only or not setup_pages.is_valid_post(form, round_):
        return page("basics", round_, form=form, as_is=rows_only, **shown)
    try:
        setup_actions.save_basics(db.session(), round_, form.basics(), by=me(), now=now())
    except setup_actions.ThemeInUseError:
        form.refuse_themes()
        return page("basics", round_, form=form, **shown)
    return setup_pages.saved(round_, here="basics", onward="phases")


@bp.route("/rondes/<slug>/fasen", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def phases(slug: str) -> ResponseReturnValue:
    """Step 2: the dates of the phases."""
    round_ = viewed_round(slug)
    form = PhasesForm(data=phases_values(round_))
    if not setup_pages.is_valid_post(form, round_):
        moment = now()
        shown = timeline(round_, phase_of(round_, moment), moment)
        return page("phases", round_, form=form, timeline=shown, phase_names=PHASE_NAMES)
    setup_actions.save_windows(db.session(), round_, form.schedule(), by=me(), now=now())
    return setup_pages.saved(round_, here="phases", onward="rules")


@bp.route("/rondes/<slug>/regels", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def rules(slug: str) -> ResponseReturnValue:
    """Step 3: how residents choose and how votes are counted, with a preview."""
    round_ = viewed_round(slug)
    ballot = plans_on_ballot(db.session(), round_.id)
    stored = rules_or_none(round_)
    form = RulesForm(
        round_=round_,
        stored=stored,
        titles={plan.number: (plan.id, plan.title) for plan in ballot},
        plans=lambda drafted: ballot_plans(db.session(), round_, rules=drafted),
    )
    names = {code: place.name for code, place in atlas(db.session()).places.items()}
    shown: dict[str, Any] = {"area_names": names, "plan_names": {plan.id: plan.title for plan in ballot}}
    is_valid = setup_pages.is_valid_post(form, round_)
    if not is_valid or request.form.get("actie") == "voorbeeld":
        is_new = stored is None and bool(round_.pots) and not form.is_submitted()
        preview = form.ruleset() if is_valid or is_new else stored
        is_refused = form.is_submitted() and not is_valid
        return page("rules", round_, form=form, rules=preview, **shown, **_trial(None if is_refused else preview))
    setup_actions.save_rules(db.session(), round_, form.ruleset(), by=me(), now=now())
    return setup_pages.saved(round_, here="rules", onward="points")


def _trial(drafted: Ruleset | None) -> dict[str, Any]:
    """Return the earlier votes that rules can be tried on, and what the drafted ones give on the one asked for."""
    session, asked = db.session(), request.form if request.method == "POST" else request.args
    slug = asked.get("stemming", "").replace("\0", "")  # no text in a database holds that character
    votes = certified_rounds(session, most=MOST_OFFERED, first=slug)
    vote = earlier_vote(session, slug) if slug and drafted else None
    trial = None
    if vote and drafted:
        names = named_plans(session, [plan.id for plan in vote.plans])
        trial = trial_of(drafted.counting, vote, plans=names, asked=asked.get("regel", ""))
    return {"votes": votes, "tried": slug, "trial": trial, "is_tried": vote is not None}


@bp.route("/rondes/<slug>/akkoordpunten", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def points(slug: str) -> ResponseReturnValue:
    """Step 4: the points of the accord that the round carries out."""
    round_ = viewed_round(slug)
    found = latest_edition(db.session())
    offered = {str(point.id): point for point in (points_in(db.session(), found[0]) if found else ())}
    choices = [(key, f"{point.number}. {point.title}") for key, point in offered.items()]
    form = PointsForm(data={"points": [str(point.id) for point in round_.points]}, offered=choices)
    if not setup_pages.is_valid_post(form, round_):
        return page("points", round_, form=form)
    chosen = [offered[key] for key in dict.fromkeys(form.points.data or ())]
    setup_actions.save_points(db.session(), round_, chosen, by=me(), now=now())
    return setup_pages.saved(round_, here="points", onward="ready")


@bp.get("/rondes/<slug>/vaststellen")
@admits(Audience.ORGANISER)
def ready(slug: str) -> ResponseReturnValue:
    """Step 6: what is still missing, how a resident reads it, publishing and opening."""
    round_ = viewed_round(slug)
    session, moment = db.session(), now()
    ballot = plans_on_ballot(session, round_.id)
    asked = last_request(session, RoundAct.OPEN, round_key(round_))
    return page(
        "ready",
        round_,
        missing=[MISSING_WORDS[each] for each in missing_parts(round_, moment)],
        asked=asked,
        people=names_of(session, {asked.requested_by_id, asked.ended_by_id or 0}) if asked else {},
        may_open=is_time_to_open(round_, moment),
        rules=rules_or_none(round_),
        area_names={code: place.name for code, place in atlas(session).places.items()},
        plan_names={plan.id: plan.title for plan in ballot},
        plans=len(ballot),
        confirm_url=setup_pages.voting_url("opening", round_),
    )


@bp.post("/rondes/<slug>/publiceren")
@admits(Audience.ORGANISER)
def publish(slug: str) -> ResponseReturnValue:
    """Show the round to everyone."""
    round_ = managed_round(slug)
    try:
        setup_actions.publish_round(db.session(), round_, by=me(), now=now())
        flash(_("De ronde is openbaar. Iedereen kan haar nu lezen."), "success")
    except setup_actions.NotReadyError:
        flash(_("De ronde is nog niet compleet. Hieronder staat wat er nog moet gebeuren."), "error")
    return redirect(url_for("rounds_organiser.ready", slug=slug), 303)
