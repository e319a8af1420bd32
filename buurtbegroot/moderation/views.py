"""Reporting words in two taps, for everyone, saying more about it afterwards, and the appeal of a maker."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me, who
from buurtbegroot.extensions import db
from buurtbegroot.moderation import asking
from buurtbegroot.moderation.actions.appeals import appeal as file_appeal
from buurtbegroot.moderation.actions.reports import add_to_report, report_words, take_back_report
from buurtbegroot.moderation.domain import Act, last_day_of_appeal
from buurtbegroot.moderation.forms import AppealForm, MoreForm
from buurtbegroot.moderation.models import Reason
from buurtbegroot.moderation.policy import is_maker
from buurtbegroot.moderation.queries import appeal_against, case_of, last_appeal
from buurtbegroot.moderation.words import ICONS, MEANINGS, REASONS
from buurtbegroot.timezone import AMSTERDAM
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.markdown import plain_words
from buurtbegroot.web.refusals import refused_to

bp = Blueprint("moderation", __name__)

bp.add_app_template_global(asking.spoken_in_mail)
bp.add_app_template_global(asking.sentence)
bp.add_app_template_filter(plain_words)


@bp.route("/melden/<kind>/<int:number>", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def report(kind: str, number: int) -> ResponseReturnValue:
    """Ask why, and store it: each reason is the button that sends it."""
    thing = asking.moderated(kind).find(db.session(), number)
    if thing is None or not thing.is_published:
        return render_template("moderation/report.html", thing=None), 404
    reason = request.form.get("reden", "")
    if request.method == "POST" and reason in set(Reason):
        if asking.reported_before(thing):
            return redirect(url_for("moderation.report", kind=kind, number=number), 303)
        asking.count_report()
        made = report_words(db.session(), thing, asking.told(thing, Reason(reason)), by=who(), now=now())
        asking.remember(thing, made)
        return redirect(url_for("moderation.done", kind=kind, number=number), 303)
    page = render_template(
        "moderation/report.html",
        thing=thing,
        kind=kind,
        number=number,
        change=asking.moderated(kind).change(who(), thing, now()),
        take_back=asking.moderated(kind).take_back(who(), thing, now()),
        is_own=is_maker(who(), thing),
        mine=asking.reported_before(thing),
        is_judged=asking.is_judged(thing),
        reasons=[(reason.value, REASONS[reason], MEANINGS[reason], ICONS[reason]) for reason in Reason],
    )
    return page, 422 if request.method == "POST" else 200


@bp.route("/melden/<kind>/<int:number>/klaar", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
@refused_to("moderation.done")
def done(kind: str, number: int) -> ResponseReturnValue:
    """Say what happens now, and take words and an address for whoever wants to leave them."""
    thing = asking.found(kind, number)
    mine = asking.own_report(thing) or abort(404)
    form = MoreForm(data={"woorden": mine.words, "mail": mine.email})
    if mine.settled_at is None and form.validate_on_submit():
        email = form.mail.normalised if form.mail.data else ""
        more: dict[str, Any] = {"words": form.woorden.data or "", "email": email}
        add_to_report(db.session(), mine, **more, is_mailed=asking.is_mailed(mine, email), by=who(), now=now())
        flash(_("Dat staat erbij. Dank u."), "success")
        return redirect(url_for("moderation.done", kind=kind, number=number), 303)
    page = render_template(
        "moderation/done.html", thing=thing, kind=kind, number=number, report=mine, form=form, reasons=REASONS
    )
    return page, 422 if form.errors else 200


@bp.route("/bezwaar/<kind>/<int:number>", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@refused_to("moderation.appeal")
def appeal(kind: str, number: int) -> ResponseReturnValue:
    """Tell the maker why something is hidden and what can be done: change it, or appeal once."""
    thing = asking.moderated(kind).find(db.session(), number) or abort(404)  # also what was hidden while it waited
    case = case_of(db.session(), thing) if is_maker(me(), thing) else None
    last = last_appeal(db.session(), case)
    if case is None or not (thing.hidden_at or case.act is Act.SHOW or last):
        abort(404)
    made = appeal_against(db.session(), case, thing.hidden_at) if thing.hidden_at else last
    form = AppealForm()
    if form.validate_on_submit():
        file_appeal(db.session(), thing, form.woorden.data or "", by=me(), now=now())
        flash(_("Uw bezwaar is binnen. Iemand anders kijkt ernaar."), "success")
        return redirect(url_for("moderation.appeal", kind=kind, number=number), 303)
    last_day = last_day_of_appeal(thing.hidden_at) if thing.hidden_at else None
    page = render_template(
        "moderation/appeal.html",
        thing=thing,
        kind=kind,
        number=number,
        case=case,
        appeal=made,
        form=form,
        last_day=last_day,
        is_late=last_day is not None and now().astimezone(AMSTERDAM).date() > last_day,
        change=asking.moderated(kind).change(me(), thing, now()),
        shown=asking.moderated(kind).shown,
        spoken=asking.spoken(thing),
    )
    return page, 422 if form.errors else 200


@bp.post("/melden/<kind>/<int:number>/terug")
@admits(Audience.EVERYONE)
@refused_to("moderation.done")
def take_back(kind: str, number: int) -> ResponseReturnValue:
    """Take back what was reported by accident."""
    thing = asking.found(kind, number)
    mine = asking.own_report(thing) or abort(404)
    take_back_report(db.session(), mine, by=who(), now=now())
    flash(_("Wat u meldde, is weg. Niemand kijkt ernaar."), "success")
    return redirect(thing.path, 303)
