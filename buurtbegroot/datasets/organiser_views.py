"""The staff's page of files: choose what is wanted, see what comes out, download it or keep the choice as a link."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from buurtbegroot.accounts.asking import me
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.database import snapshot
from buurtbegroot.datasets.domain.description import Filter
from buurtbegroot.datasets.forms import address_of, read_choice
from buurtbegroot.datasets.queries import DATA_SETS, ask, preview, years_of_rounds
from buurtbegroot.exports.queries import LONG, exports_of, names_of_choices
from buurtbegroot.extensions import db
from buurtbegroot.tables.columns import FIGURES
from buurtbegroot.tables.files import FORMS, forms_of
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now

bp = Blueprint("datasets_organiser", __name__, url_prefix="/werkplek/bestanden")

KIND, SHOW, ALL = "soort", "toon", "alle"


@bp.get("")
@admits(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the form, the first rows and the totals of what is chosen, and its files."""
    data_set = DATA_SETS.get(request.args.get(KIND, "plannen")) or abort(404)
    wanted = [(name, value) for name, value in request.args.items(multi=True) if name not in {KIND, SHOW} and value]
    choice, unclear = read_choice(MultiDict(wanted if request.args else _at_first()), data_set)
    areas = choice.areas
    choice = replace(choice, areas=_areas_in(choice.districts, areas))
    asked = ask(db.session(), data_set, choice, config=current_app.config, now=now())
    db.session.rollback()
    shows_all = request.args.get(SHOW) == ALL
    with snapshot(db.session()):
        exports = exports_of(db.session(), me().id)
        return render_template(
            "datasets/organiser/index.html",
            data_sets=list(DATA_SETS.values()),
            data_set=data_set,
            choice=choice,
            unclear=sorted(unclear),
            lost=len(areas) > len(choice.areas),
            seen=preview(db.session(), asked, asked.columns if choice.columns or shows_all else data_set.telling),
            shows_all=shows_all,
            columns=asked.columns,
            figures=FIGURES,
            forms=forms_of(has_places=bool(data_set.place)),
            address=address_of(choice),
            exports=exports,
            names=names_of_choices(db.session(), exports),
            known=DATA_SETS,
            all_forms=FORMS,
            long=LONG,
            now=asked.now,
            filters=data_set.filters,
            Filter=Filter,
            **_offered(choice.districts[0] if choice.districts else ""),
        )


def _at_first() -> list[tuple[str, str]]:
    """Return what somebody sees who chose nothing yet: the stadsdeel of their roles, when that is one."""
    districts = {grant.area.district_code for grant in me().grants}
    return [(Filter.DISTRICT.value, district) for district in districts if district and len(districts) == 1]


def _areas_in(districts: Sequence[str], codes: Sequence[str]) -> tuple[str, ...]:
    """Return the areas that lie in these stadsdelen: only of those the form shows what is chosen."""
    inside = select(Area.code).where(Area.code.in_(codes), Area.district_code.in_(districts))
    found = set(db.session.scalars(inside)) if codes else set()
    return tuple(code for code in codes if code in found)


def _offered(district: str) -> dict[str, Any]:
    """Return the stadsdelen, the wijken of the one that is chosen, and the years of rounds."""
    areas = select(Area.code, Area.name).where(Area.is_current).order_by(Area.name)
    wijken = areas.where(Area.level == Level.WIJK, Area.district_code == district)
    return {
        "districts": db.session.execute(areas.where(Area.level == Level.DISTRICT)).all(),
        "wijken": db.session.execute(wijken).all() if district else [],
        "years": years_of_rounds(db.session()),
    }
