"""Pages with which administrators keep the accord: a point's plan, its status and its figures."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.akkoord.actions import PLAN_FIELDS, record_figure, record_status, write_plan
from buurtbegroot.akkoord.forms import FigureForm, PlanForm, StatusForm
from buurtbegroot.akkoord.models import Point, Standing
from buurtbegroot.akkoord.queries import (
    editions,
    latest_figures,
    latest_statuses,
    point_by_number,
    point_key,
    points_in,
    statuses_of,
)
from buurtbegroot.extensions import db
from buurtbegroot.timezone import AMSTERDAM
from buurtbegroot.web.access import Audience, admits, signed_in
from buurtbegroot.web.clock import now
from buurtbegroot.web.versions import versioned

bp = Blueprint("akkoord_organiser", __name__, url_prefix="/werkplek/akkoord")


@bp.get("")
@admits(Audience.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """List the points of each edition with what is recorded and what is missing."""
    session = db.session()
    offered = [(edition, points_in(session, edition)) for edition in editions(session)]
    points = [point for _edition, inside in offered for point in inside]
    return render_template(
        "akkoord/organiser/index.html",
        editions=offered,
        statuses=latest_statuses(session, points),
        measured=latest_figures(session, points),
    )


@bp.route("/<edition>/<int:number>/plan", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def plan(edition: str, number: int) -> ResponseReturnValue:
    """Write the answers to the five questions of a point."""
    point = _point(edition, number)
    form = versioned(lambda **how: PlanForm(obj=point, version=point.version, **how), about=point_key(point))
    if form.validate_on_submit():
        texts = {name: form[name].data or "" for name in PLAN_FIELDS}
        write_plan(db.session(), point, texts, seen=form.seen, by=signed_in(), now=now())
        return _done(point, _("Het plan staat op de pagina van het punt."))
    return _page("akkoord/organiser/plan.html", point, form)


@bp.route("/<edition>/<int:number>/stand", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def status(edition: str, number: int) -> ResponseReturnValue:
    """Add to the history of a point how it stood on a day."""
    point = _point(edition, number)
    form = StatusForm(today=now().astimezone(AMSTERDAM).date())
    if form.validate_on_submit():
        assert form.happened_on.data
        record_status(
            db.session(),
            point,
            happened_on=form.happened_on.data,
            standing=Standing(form.standing.data),
            source=form.source.data or "",
            note=form.note.data or "",
            by=signed_in(),
            now=now(),
        )
        return _done(point, _("De stand is toegevoegd."))
    return _page("akkoord/organiser/status.html", point, form, statuses=statuses_of(db.session(), point))


@bp.route("/<edition>/<int:number>/cijfer", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def figure(edition: str, number: int) -> ResponseReturnValue:
    """Add how much of a point's target was reached on a day; 404 for a point without a target."""
    point = _point(edition, number)
    if not point.has_target:
        abort(404)
    form = FigureForm(today=now().astimezone(AMSTERDAM).date(), is_share=bool(point.target_share_to))
    if form.validate_on_submit():
        assert form.measured_on.data
        record_figure(
            db.session(),
            point,
            measured_on=form.measured_on.data,
            value=form.value,
            source=form.source.data or "",
            note=form.note.data or "",
            by=signed_in(),
            now=now(),
        )
        return _done(point, _("Het cijfer is toegevoegd."))
    return _page("akkoord/organiser/figure.html", point, form)


def _point(slug: str, number: int) -> Point:
    edition = next((each for each in editions(db.session()) if each.slug == slug), None)
    point = point_by_number(db.session(), edition, number) if edition else None
    return point or abort(404)


def _page(template: str, point: Point, form: object, **values: object) -> ResponseReturnValue:
    page = render_template(template, point=point, form=form, **values)
    return page, 422 if request.method == "POST" else 200


def _done(point: Point, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("akkoord.show", number=point.number, editie=point.edition.slug), 303)
