"""The staff's pages of inhabitants: which files are loaded, and loading a newer one."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import require
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.extensions import db
from buurtbegroot.population.actions import load_population, remove_population
from buurtbegroot.population.forms import PopulationForm
from buurtbegroot.population.policy import may_load_population
from buurtbegroot.population.queries import areas_within, file_of, owners, version_of
from buurtbegroot.timezone import local_date
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import refused_to
from buurtbegroot.web.versions import VersionedForm, versioned

bp = Blueprint("population_organiser", __name__, url_prefix="/werkplek/cijfers")


@bp.get("/inwoners")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """List the city and the stadsdelen for which somebody may load inhabitants, with what is loaded."""
    own = owners(db.session(), [grant.area_code for grant in me().grants])
    files = {area.code: file_of(db.session(), area.code) for area in own}
    return render_template("population/organiser/index.html", areas=own, files=files)


@bp.route("/inwoners/<code>", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def load(code: str) -> ResponseReturnValue:
    """Load a file of inhabitants in the place of the one before."""
    area = _own_area(code)
    within = areas_within(db.session(), area.code)
    form = versioned(partial(_form, area, within), about=f"population:{code}", answer=partial(_look_again, area))
    if form.validate_on_submit():
        assert form.peildatum.data
        load_population(
            db.session(),
            area,
            form.read.rows,
            source=form.bron.data or "",
            counted_on=form.peildatum.data,
            seen=form.seen,
            by=me(),
            now=now(),
        )
        flash(_("Het bestand is geladen. De cijfers per inwoner zijn nu nieuw."), "success")
        return redirect(url_for("figures.index", waar=code if area.parent_code else None, reken="inwoner"), 303)
    return _page(area, form), 422 if request.method == "POST" else 200


@bp.route("/inwoners/<code>/weg", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
@refused_to("population_organiser.index")
def remove(code: str) -> ResponseReturnValue:
    """Take back the file of an area, after showing which it is and what counts then."""
    area = _own_area(code)
    form = versioned(partial(_removal, area), about=f"population:{code}", answer=partial(_look_at_newer, area))
    if form.validate_on_submit():
        remove_population(db.session(), area, seen=form.seen, by=me(), now=now())
        flash(_("Het bestand van %(area)s is weg. Zo nodig laadt u een ander.", area=area.name), "success")
        return redirect(url_for(".index"), 303)
    return _removal_page(area, form)


def _own_area(code: str) -> Area:
    """Return the area of a file that somebody may load; else there is no such page."""
    area = (db.session.get(Area, code) if code.isalnum() else None) or abort(404)
    require(may_load_population(me(), area), hidden=True)
    return area


def _removal(area: Area, **how: object) -> VersionedForm:
    return VersionedForm(version=version_of(db.session(), area.code), **how)


def _look_at_newer(area: Area, _form: VersionedForm, stored: VersionedForm) -> ResponseReturnValue:
    """Say that another file was loaded or that it is gone; nothing is removed unseen."""
    return _removal_page(area, stored, is_late=True), 409


def _removal_page(area: Area, form: VersionedForm, *, is_late: bool = False) -> str:
    file = file_of(db.session(), area.code)
    rest = file_of(db.session(), CITY) if area.code != CITY else None
    return render_template(
        "population/organiser/remove.html", area=area, form=form, file=file, rest=rest, is_late=is_late
    )


def _form(area: Area, within: Mapping[str, bool], **how: object) -> PopulationForm:
    version = version_of(db.session(), area.code)
    return PopulationForm(areas=within, today=local_date(now()), version=version, **how)


def _look_again(area: Area, form: PopulationForm, stored: PopulationForm) -> ResponseReturnValue:
    """Say that somebody else loaded a file; what was typed stays, and sending it again is about the newer one."""
    form.versie.data = stored.versie.data
    return _page(area, form, is_late=True), 409


def _page(area: Area, form: PopulationForm, *, is_late: bool = False) -> str:
    file = file_of(db.session(), area.code)
    return render_template("population/organiser/load.html", area=area, form=form, file=file, is_late=is_late)
