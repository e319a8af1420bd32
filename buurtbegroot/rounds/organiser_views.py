"""The workplace of a coordinator: the rounds, a new one, and the steps in which one is set up and put to the vote."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot import typed
from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.policy import may_coordinate
from buurtbegroot.accounts.queries import coordinators_of, names_of
from buurtbegroot.acts import RefusedError
from buurtbegroot.akkoord.models import Point
from buurtbegroot.akkoord.queries import latest_edition, points_in
from buurtbegroot.areas.queries import atlas
from buurtbegroot.areas.queries.atlas import Atlas
from buurtbegroot.audit.queries import entries_for_objects
from buurtbegroot.core.standing import Standing
from buurtbegroot.dual_control.queries import Waiting, last_request, open_requests, waiting_for
from buurtbegroot.dual_control.queries.ended import ended_for
from buurtbegroot.extensions import db
from buurtbegroot.moderation.asking import seat
from buurtbegroot.proposals.queries import (
    buurten_with_plans,
    plans_on_ballot,
    status_counts,
)
from buurtbegroot.results.queries import totals_of_rounds
from buurtbegroot.rounds import actions
from buurtbegroot.rounds.asking import is_valid_post, managed_round, saved, step_page, viewed_round
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.forms.basics import (
    BasicsForm,
    NewRoundForm,
    basics_values,
    buurten_by_wijk,
    grow_rows,
    offer_areas,
)
from buurtbegroot.rounds.forms.steps import PhasesForm, PointsForm
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_publish, may_start_rounds
from buurtbegroot.rounds.queries import (
    is_time_to_open,
    makers_of,
    missing_parts,
    owners_within,
    round_key,
    rounds_within,
    rules_or_none,
    standing_of,
)
from buurtbegroot.rounds.words import MISSING_WORDS, PHASE_NAMES, timeline
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import sent
from buurtbegroot.web.pagination import page_number, slice_page
from buurtbegroot.web.refusals import on_refusal, refused_to, words_of
from buurtbegroot.web.rows import options
from buurtbegroot.web.versions import form_of_act, versioned
from buurtbegroot.worklist.queries import Due, by_pressing, due_in, work_for

bp = Blueprint("rounds_organiser", __name__, url_prefix="/werkplek")


class Progress(NamedTuple):
    """What every page about a round in the workplace shows of it: `plans` counts them by status.

    `missing` is what a concept lacks first, with its step; `waiting` what its reader can confirm as a second person.
    """

    standing: Standing
    due: Due
    missing: tuple[object, str] | None
    plans: Mapping[Any, int]
    waiting: Waiting | None


@bp.app_template_global()
def progress_of(round_: Round) -> Progress:
    """Return how far a round is and what comes next, for the tabs that all rooms share."""
    moment = now()
    plans = status_counts(db.session(), round_.id)
    requests, workplace = open_requests(db.session()), f"/werkplek/rondes/{round_.slug}/"
    due = due_in(db.session(), [round_], requests=requests, now=moment)[0]
    waiting = waiting_for(db.session(), me(), requests=requests, now=moment)
    return Progress(
        standing=standing_of(round_, moment),
        due=due,
        missing=MISSING_WORDS[missing_parts(round_, moment)[0]] if due.step == "set_up" else None,
        plans=plans,
        waiting=next((each for each in waiting if each.path.startswith(workplace) and not each.is_mine), None),
    )


@bp.get("")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the rounds that this organiser may see: what needs doing first, and what each holds."""
    session, moment, user = db.session(), now(), me()
    rounds = rounds_within(session, [grant.area_code for grant in user.grants])
    requests = open_requests(session)
    waiting = waiting_for(session, user, requests=requests, now=moment)
    dues = due_in(session, rounds, requests=requests, now=moment)
    rows = [(due.round, standing_of(due.round, moment), due) for due in by_pressing(dues)]
    return render_template(
        "rounds/organiser/index.html",
        waiting=waiting,
        works=work_for(session, dues, seat=seat()),
        ended=ended_for(session, user, now=moment),
        waits_on_me={each.object for each in waiting if not each.is_mine},
        page=slice_page(rows, number=page_number()),
        totals=totals_of_rounds(session, [round_.id for round_ in rounds]),
        offered_cents=sum(round_.budget_cents for round_ in rounds if round_.published_at),
        entries=entries_for_objects(session, [round_key(round_) for round_ in rounds], most=5),
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
    round_ = actions.create_round(
        db.session(), title=form.title.data or "", owner=owners[form.owner.data], by=user, now=now()
    )
    flash(_("De ronde is bewaard als concept. Alleen organisatoren kunnen haar zien."), "success")
    return redirect(url_for("rounds_organiser.basics", slug=round_.slug), 303)


@bp.route("/rondes/<slug>/gebied-en-geld", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def basics(slug: str) -> ResponseReturnValue:
    """Step 1: title, buurten, themes and money."""
    round_, city = viewed_round(slug), atlas(db.session())
    form = versioned(partial(_basics_form, round_, city), about=round_key(round_))
    rows_only = grow_rows(form)
    offer_areas(form, city)
    words = typed.one_line(sent("zoek"))
    shown: dict[str, Any] = {"wijken": buurten_by_wijk(city, form, words=words), "sought": words}
    if rows_only or not is_valid_post(form, round_):
        return step_page("rounds/organiser/basics.html", round_, form=form, as_is=rows_only, **shown)

    def refused(refusal: RefusedError) -> ResponseReturnValue:
        form.refuse(words_of(refusal), buurten=refusal.fault is actions.SetupFault.BUURT_IN_USE)
        return step_page("rounds/organiser/basics.html", viewed_round(slug), form=form, **shown)

    on_refusal(refused, only={actions.SetupFault.THEME_IN_USE, actions.SetupFault.BUURT_IN_USE})
    actions.save_basics(db.session(), round_, form.basics(), seen=form.seen, by=me(), now=now())
    return saved(round_, here="rounds_organiser.basics", onward="rounds_organiser.phases")


@bp.route("/rondes/<slug>/fasen", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def phases(slug: str) -> ResponseReturnValue:
    """Step 2: the dates of the phases."""
    round_ = viewed_round(slug)
    form = versioned(partial(_phases_form, round_), about=round_key(round_))
    if not is_valid_post(form, round_):
        shown = timeline(round_, standing_of(round_, now()))
        return step_page("rounds/organiser/phases.html", round_, form=form, timeline=shown, phase_names=PHASE_NAMES)
    schedule, reason, less_time = form.schedule(), form.reason.data or "", form.shorter.data
    actions.save_windows(
        db.session(), round_, schedule, reason=reason, less_time=less_time, seen=form.seen, by=me(), now=now()
    )
    return saved(round_, here="rounds_organiser.phases", onward="rules_organiser.show")


@bp.route("/rondes/<slug>/akkoordpunten", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def points(slug: str) -> ResponseReturnValue:
    """Step 4: the points of the accord that the round carries out."""
    round_ = viewed_round(slug)
    form = versioned(partial(_points_form, round_), about=round_key(round_))
    if not is_valid_post(form, round_):
        return step_page("rounds/organiser/points.html", round_, form=form)
    offered = {str(point.id): point for point in _points_offered()}
    chosen = [offered[key] for key in dict.fromkeys(form.points.data or ())]
    actions.save_points(db.session(), round_, chosen, seen=form.seen, by=me(), now=now())
    return saved(round_, here="rounds_organiser.points", onward="rounds_organiser.ready")


def _basics_form(round_: Round, city: Atlas, **how: Any) -> BasicsForm:
    places = {place.code: place for place in city.inside(round_.owner_code)}
    used = buurten_with_plans(db.session(), round_.id)
    form = BasicsForm(data=basics_values(round_), places=places, used=used, version=round_.version, **how)
    offer_areas(form, city)
    return form


def _phases_form(round_: Round, **how: Any) -> PhasesForm:
    return PhasesForm(round_=round_, **how)


def _points_form(round_: Round, **how: Any) -> PointsForm:
    choices = [(str(point.id), f"{point.number}. {point.title}") for point in _points_offered()]
    chosen = [str(point.id) for point in round_.points]
    return PointsForm(data={"points": chosen}, offered=choices, version=round_.version, **how)


def _points_offered() -> Sequence[Point]:
    found = latest_edition(db.session())
    return points_in(db.session(), found[0]) if found else ()


@bp.get("/rondes/<slug>/vaststellen")
@admits(Audience.ORGANISER)
def ready(slug: str) -> ResponseReturnValue:
    """Step 6: what is still missing, how a resident reads it, publishing and opening."""
    round_ = viewed_round(slug)
    session, moment = db.session(), now()
    ballot = plans_on_ballot(session, round_.id)
    asked, makers = last_request(session, RoundAct.OPEN, round_key(round_)), makers_of(session, round_)
    publishers = [each for each in coordinators_of(session, round_.owner) if may_publish(each, round_, makers=makers)]
    return step_page(
        "rounds/organiser/ready.html",
        round_,
        missing=[MISSING_WORDS[each] for each in missing_parts(round_, moment)],
        asked=asked,
        people=names_of(session, {asked.requested_by_id, asked.ended_by_id or 0}) if asked else {},
        publishers=publishers,
        may_open=is_time_to_open(round_, moment),
        rules=rules_or_none(round_),
        area_names={code: place.name for code, place in atlas(session).places.items()},
        on_ballot={plan.id: plan for plan in ballot},
        plans=len(ballot),
        confirm_url=url_for("booth_organiser.opening", slug=slug),
        seen=form_of_act(round_).versie,
    )


@bp.post("/rondes/<slug>/publiceren")
@admits(Audience.ORGANISER)
@refused_to("rounds_organiser.ready")
def publish(slug: str) -> ResponseReturnValue:
    """Show the round to everyone."""
    round_, page = managed_round(slug), url_for("rounds_organiser.ready", slug=slug)
    form = versioned(partial(form_of_act, round_), about=round_key(round_), page=page)
    actions.publish_round(db.session(), round_, seen=form.seen, by=me(), now=now())
    flash(_("De ronde is openbaar. Iedereen kan haar nu lezen."), "success")
    return redirect(url_for("rounds_organiser.ready", slug=slug), 303)
