"""The desk of whoever moderates: what was reported, and the page on which one thing is judged."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.queries import entries_for_objects
from buurtbegroot.extensions import db
from buurtbegroot.moderation import asking, words
from buurtbegroot.moderation.actions import (
    ModerationFault,
    ask_for_change,
    hide_words,
    keep_words,
    show_words,
)
from buurtbegroot.moderation.actions.appeals import hand_on_appeal, judge_appeal
from buurtbegroot.moderation.domain import Act, key_in, late_before
from buurtbegroot.moderation.forms import JudgementForm, RulingForm, acts_on
from buurtbegroot.moderation.models import Case, CaseState, Hideable
from buurtbegroot.moderation.policy import may_hide, may_judge_appeal, moderates_in
from buurtbegroot.moderation.queries import (
    MOST_COUNTED,
    Wanted,
    case_of,
    desk,
    figures_of_desk,
    handed_on_by,
    last_appeal,
    moderators,
    reported_of,
)
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import on_refusal, refused_to
from buurtbegroot.web.versions import versioned
from buurtbegroot.web.versions.values import flat

bp = Blueprint("moderation_organiser", __name__, url_prefix="/werkplek")

DOING: dict[Act, Callable[..., None]] = {
    Act.KEEP: keep_words,
    Act.ASK: ask_for_change,
    Act.HIDE: hide_words,
    Act.SHOW: show_words,
}
FILTERS = ("soort", "reden", "gebied", "leeftijd")
SURE = "doe"
"""What the button sends on the page that shows what the maker will read."""


@bp.get("/meldingen")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show what was reported where whoever asks moderates, the oldest first."""
    if not moderates_in(me()):
        abort(404)
    asked = {name: request.args.get(name, "")[:40] for name in FILTERS}
    state = next((each for each in words.STATES if each == request.args.get("stand")), CaseState.OPEN)
    after = key_in(request.args.get("na", ""))
    wanted = Wanted(
        state=state, kind=asked["soort"], reason=asked["reden"], area=asked["gebied"], after=after, **_aged(asked)
    )
    figures = figures_of_desk(db.session(), seat=asking.seat(), now=now())
    known = None if any(asked.values()) else figures.counts[state]
    found = desk(db.session(), wanted, seat=asking.seat(), total=known)
    return render_template(
        "moderation/organiser/index.html",
        desk=found,
        most_counted=MOST_COUNTED,
        rows=asking.desk_rows(found.rows),
        wanted=wanted,
        asked={name: value for name, value in asked.items() if value},
        counts=figures.counts,
        late=figures.late,
        ages=words.AGES,
        areas=figures.areas,
        kinds=asking.names_of_kinds(figures.kinds),
        words=words,
        now=now(),
    )


def _aged(asked: dict[str, str]) -> dict[str, datetime]:
    """Return between which moments that must lie since when something waits."""
    bounds = {"oud": "older_than", "nieuw": "newer_than"}
    return {bounds[asked["leeftijd"]]: late_before(now())} if asked["leeftijd"] in bounds else {}


@bp.route("/meldingen/<kind>/<int:number>", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def judge(kind: str, number: int) -> ResponseReturnValue:
    """Show a thing with what people reported of it; first show what the maker will read, then do it."""
    thing = asking.found_to_moderate(kind, number)
    case = case_of(db.session(), thing)
    form = versioned(partial(RulingForm, thing=thing, case=case), about=thing.key, answer=partial(_look_again, thing))
    on_refusal(partial(_after_another, thing, form), only={ModerationFault.JUDGED})
    if case and case.state is CaseState.APPEALED:
        return redirect(url_for("moderation_organiser.appeal", kind=kind, number=number), 303)
    if form.is_submitted() and not may_hide(me(), thing):
        raise RefusedError(ModerationFault.OWN)  # before its form tells whether anybody reported it
    if form.is_submitted() and not form.knows(case):
        raise RefusedError(ModerationFault.JUDGED)  # before its form is looked at, of which more may no longer fit
    if not form.validate_on_submit():
        return _page(thing, case, form), 422 if form.errors else 200
    act, ruling = form.to_ruling()
    if request.form.get("stap") != SURE:
        return _page(thing, case, form, act=act, ruling=ruling)
    called = {"called": thing.named, **asking.spoken(thing)._asdict()}
    DOING[act](db.session(), thing, ruling, seen=form.seen, by=me(), now=now())
    flash(asking.sentence(words.DONE[act] % called), "success")
    return redirect(url_for("moderation_organiser.index"), 303)


@bp.route("/bezwaar/<kind>/<int:number>", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def appeal(kind: str, number: int) -> ResponseReturnValue:
    """Show both sides of an appeal, and judge it."""
    thing = asking.found_to_moderate(kind, number)
    case = case_of(db.session(), thing) or abort(404)
    last_appeal(db.session(), case) or abort(404)
    make = partial(JudgementForm, thing=thing, case=case)
    form = versioned(make, about=thing.key, answer=partial(_appeal_again, thing))
    on_refusal(partial(_appeal_after_another, thing, form), only={ModerationFault.JUDGED})
    if form.is_submitted() and not (form.knows(case) and case.state is CaseState.APPEALED):
        raise RefusedError(ModerationFault.JUDGED)
    if not form.validate_on_submit():
        return _appeal_page(thing, case, form), 422 if form.errors else 200
    judge_appeal(db.session(), thing, form.to_judgement(), seen=form.seen, by=me(), now=now())
    flash(_("Uw oordeel is bekend. Wie het schreef, krijgt een mail."), "success")
    return redirect(url_for("moderation_organiser.index", stand=CaseState.APPEALED), 303)


@bp.post("/bezwaar/<kind>/<int:number>/doorgeven")
@admits(Audience.ORGANISER)
@refused_to("moderation_organiser.appeal")
def hand_on(kind: str, number: int) -> ResponseReturnValue:
    """Leave an appeal to a colleague."""
    thing = asking.found_to_moderate(kind, number)
    hand_on_appeal(db.session(), thing, by=me(), now=now())
    flash(_("Een collega beoordeelt dit bezwaar."), "success")
    return redirect(url_for("moderation_organiser.index", stand=CaseState.APPEALED), 303)


def _appeal_page(thing: Hideable, case: Case, form: JudgementForm, **what: Any) -> str:
    found = last_appeal(db.session(), case)
    handed_on = handed_on_by(db.session(), found)
    kind, _colon, number = thing.key.partition(":")
    return render_template(
        "moderation/organiser/appeal.html",
        thing=thing,
        kind=kind,
        number=int(number),
        case=case,
        appeal=found,
        form=form,
        waits=case.state is CaseState.APPEALED,
        may_judge=may_judge_appeal(me(), thing, case, handed_on=handed_on),
        has_judge=any(may_judge_appeal(each, thing, case, handed_on=handed_on) for each in moderators(db.session())),
        is_first=case.ruled_by_id == me().id,
        has_judged=me() in case.judges,
        is_own=not may_hide(me(), thing),
        shown=asking.moderated(kind).shown,
        history=entries_for_objects(db.session(), [thing.key], most=10),
        words=words,
        now=now(),
        **what,
    )


def _appeal_again(thing: Hideable, form: JudgementForm, stored: JudgementForm) -> ResponseReturnValue:
    """Show the appeal as it is by now; what was typed stays."""
    case = case_of(db.session(), thing) or abort(404)
    was_judged = case.state is not CaseState.APPEALED
    form.versie.data, form.zaak.data = stored.versie.data, stored.zaak.data
    return _appeal_page(thing, case, form, was_judged=was_judged, has_changed=not was_judged), 409


def _appeal_after_another(thing: Hideable, form: JudgementForm, _refusal: RefusedError) -> ResponseReturnValue:
    stored = JudgementForm(thing=thing, case=case_of(db.session(), thing), formdata=None)
    stored.see()
    return _appeal_again(thing, form, stored)


def _page(thing: Hideable, case: Case | None, form: RulingForm, **what: Any) -> str:
    act, ruling = what.get("act"), what.get("ruling")
    kind, _colon, number = thing.key.partition(":")
    return render_template(
        "moderation/organiser/judge.html",
        thing=thing,
        kind=kind,
        number=int(number),
        case=case,
        form=form,
        acts=acts_on(thing, case),
        spoken=asking.spoken(thing),
        shown=asking.moderated(kind).shown,
        may_judge=may_hide(me(), thing),
        reported=reported_of(db.session(), case),
        letters=asking.letters(thing, act, ruling) if act and ruling else (),
        kept=[(name, value) for name, value in flat(form.shown()).items(multi=True) if name != "zaak"],
        words=words,
        now=now(),
        **what,
    )


def _look_again(thing: Hideable, form: RulingForm, stored: RulingForm) -> ResponseReturnValue:
    """Show the thing as it is by now; what was typed stays, and is now about this text."""
    case = case_of(db.session(), thing)
    was_judged = form.zaak.data != stored.zaak.data
    form.versie.data, form.zaak.data = stored.versie.data, stored.zaak.data
    for field in (stored.doe, stored.reden, stored.grond):
        form[field.name].choices = field.choices
    return _page(thing, case, form, was_judged=was_judged, has_changed=not was_judged), 409


def _after_another(thing: Hideable, form: RulingForm, _refusal: RefusedError) -> ResponseReturnValue:
    """Show what another moderator decided meanwhile."""
    stored = RulingForm(thing=thing, case=case_of(db.session(), thing), formdata=None)
    stored.see()
    return _look_again(thing, form, stored)
