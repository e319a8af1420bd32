"""Pages of the accord for everyone: how far its points are, as far as anybody recorded or this site can compute."""

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from buurtbegroot.akkoord.models import Edition
from buurtbegroot.akkoord.queries import (
    editions,
    latest_figures,
    latest_statuses,
    milestones_of,
    point_by_number,
    points_beside,
    points_in,
    statuses_of,
)
from buurtbegroot.audit.queries import entries_for_point
from buurtbegroot.box.queries import off_ballot
from buurtbegroot.extensions import db
from buurtbegroot.results.queries import cards_of, plans_of_point, rounds_of_point
from buurtbegroot.results.queries.figures import Figures, figures_by_point, figures_for_point
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now

bp = Blueprint("akkoord", __name__, url_prefix="/akkoord")
PLANS_SHOWN = 12
LINES_SHOWN = 8


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show all points of an edition in their groups, with what is recorded and computed at each."""
    session = db.session()
    offered, edition = _editions()
    points = points_in(session, edition) if edition else []
    return render_template(
        "akkoord/index.html",
        edition=edition,
        other_edition=_other(offered, edition),
        editions=[(each.title, url_for("akkoord.index", editie=each.slug), each is edition) for each in offered],
        points=points,
        figures=figures_by_point(session),
        none=Figures(),
        statuses=latest_statuses(session, points),
        measured=latest_figures(session, points),
        milestones=milestones_of(session, edition) if edition else [],
    )


@bp.get("/<int:number>")
@admits(Audience.EVERYONE)
def show(number: int) -> ResponseReturnValue:
    """Show one point: its plan, its history with sources, and all that is linked to it."""
    session = db.session()
    offered, edition = _editions()
    point = point_by_number(session, edition, number) if edition else None
    if point is None or edition is None:
        abort(404)
    plans = session.scalars(plans_of_point(point.id).limit(PLANS_SHOWN)).all()
    return render_template(
        "akkoord/show.html",
        point=point,
        other_edition=_other(offered, edition),
        figures=figures_for_point(session, point.id),
        measured=latest_figures(session, [point]).get(point.id),
        statuses=statuses_of(session, point),
        milestones=milestones_of(session, edition),
        cards=cards_of(session, rounds_of_point(session, point.id), now=now()),
        plans=plans,
        off_ballot=off_ballot(current_app.config, (plan.round_id for plan in plans)),
        beside=points_beside(session, point),
        log=entries_for_point(session, point.name, most=LINES_SHOWN),
    )


def _other(offered: Sequence[Edition], edition: Edition | None) -> str | None:
    """Return what links must name to stay in this edition: nothing for the latest."""
    return edition.slug if edition and edition is not offered[0] else None


def _editions() -> tuple[Sequence[Edition], Edition | None]:
    """Return all editions and the one that the address names, the latest when it names none."""
    offered = editions(db.session())
    slug = request.args.get("editie")
    if slug is None:
        return offered, offered[0] if offered else None
    return offered, next((each for each in offered if each.slug == slug), None) or abort(404)
