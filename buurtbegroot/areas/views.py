"""Pages of areas for everyone: the city, one area, and finding yours; nothing that is typed here is kept."""

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot import typed
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.areas.queries import Found, area_by_code, atlas, search_areas
from buurtbegroot.areas.queries.atlas import Atlas, Base, Place
from buurtbegroot.areas.queries.drawing import dots, fills, marks
from buurtbegroot.box.queries import off_ballot
from buurtbegroot.extensions import db
from buurtbegroot.results.queries import RoundCard, cards_of, plans_in_areas, rounds_in_areas
from buurtbegroot.results.queries.figures import Figures, figures_by_district, figures_for_areas
from buurtbegroot.rounds.queries.lists import COLOURS
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now

bp = Blueprint("areas", __name__, url_prefix="/gebieden")
PLANS_SHOWN = 12


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show the stadsdelen on a map and in a table, with their figures."""
    book = atlas(db.session())
    districts, base = book.at(Level.DISTRICT), book.city_base
    figures = figures_by_district(db.session())
    placed = marks(book, base.frame, [[district.code] for district in districts])
    return render_template(
        "areas/index.html",
        districts=[(each, len(book.inside(each.code)), figures.get(each.code, Figures())) for each in districts],
        wijken=len(book.at(Level.WIJK)),
        buurten=len(book.at(Level.BUURT)),
        base=base,
        dots=dots(placed, [(each.name, url_for("areas.show", code=each.code)) for each in districts]),
    )


@bp.get("/zoek")
@admits(Audience.EVERYONE)
def search() -> ResponseReturnValue:
    """Find an area by name or postcode; a postcode is approximate and never decides a right."""
    asked = typed.one_line(request.args.get("q", ""))[:80]
    found = search_areas(db.session(), asked)
    book = atlas(db.session())
    return render_template(
        "areas/search.html",
        asked=asked,
        found=found,
        districts={each.code: each for each in book.at(Level.DISTRICT)},
        now=now(),
        **_around(book, found),
    )


def _around(book: Atlas, found: Found) -> dict[str, Any]:
    """Return what lies around a postcode: the way to its buurt, the buurten to choose from, the rounds there."""
    place = book.places.get(found.postcode.buurt_code) if found.postcode else None
    if place is None:
        return {}
    way = [*book.way_to(place), place]
    gebied = book.places.get(place.gebied_code, book.places[place.district_code])
    buurten = book.inside(gebied.code)
    return {"way": way, "around": gebied, "buurten": buurten, "rows": _rows(book, [each.code for each in buurten])}


@bp.get("/<code>")
@admits(Audience.EVERYONE)
def show(code: str) -> ResponseReturnValue:
    """Show one area: its place, its buurten, and the rounds, plans and money there."""
    area = area_by_code(db.session(), code) or abort(404)
    book = atlas(db.session())
    inside = book.inside(code)
    codes = [each.code for each in inside] or [code]
    rows = _rows(book, codes)
    plans = db.session.scalars(plans_in_areas(codes).limit(PLANS_SHOWN)).all()
    return render_template(
        "areas/show.html",
        area=area,
        district=book.places.get(area.district_code),
        trail=_trail(book, area),
        figures=figures_for_areas(db.session(), codes),
        rows=rows,
        plans=plans,
        off_ballot=off_ballot(current_app.config, (plan.round_id for plan in plans)),
        parts=_parts(book, inside) if area.level is not Level.BUURT else [],
        now=now(),
        **_map(book, area, rows),
    )


def _rows(book: Atlas, codes: list[str]) -> list[tuple[RoundCard, Any]]:
    cards = cards_of(db.session(), rounds_in_areas(db.session(), codes), now=now())
    return [(card, book.extent(card.codes)) for card in cards]


def _trail(book: Atlas, area: Area) -> list[tuple[str, str]]:
    place = book.places.get(area.code)
    way = book.way_to(place) if place else []
    steps = [(each.name, url_for("areas.show", code=each.code)) for each in way]
    return [(_("Gebieden"), url_for("areas.index")), *steps, (area.name, "")]


def _parts(book: Atlas, inside: list[Place]) -> list[tuple[Place | None, list[Place]]]:
    """Group the buurten by wijk; one wijk alone needs no heading."""
    ordered = sorted(inside, key=lambda buurt: (buurt.parent_code or "", buurt.name))
    groups = [(code, list(buurten)) for code, buurten in groupby(ordered, key=lambda buurt: buurt.parent_code)]
    return [(book.places.get(code or "") if len(groups) > 1 else None, buurten) for code, buurten in groups]


def _map(book: Atlas, area: Area, rows: list[tuple[RoundCard, Any]]) -> dict[str, Any]:
    """Draw the stadsdeel with the area outlined and the rounds within it; nothing for an area that left the map."""
    if not area.is_current or area.district_code not in book.places:
        return {"base": None}
    base: Base = book.district_base(area.district_code)
    inside = {buurt.code for buurt in book.inside(area.district_code)}
    cards = [card for card, _extent in rows]
    placed = marks(book, base.frame, [inside & set(card.codes) for card in cards])
    return {
        "base": base,
        "fills": fills(placed, [COLOURS[card.standing.stage] for card in cards]),
        "outline": book.shape([area.code], base.frame) if area.level is not Level.DISTRICT else "",
        "dots": dots(placed, [(card.round.title, url_for("rounds.show", slug=card.round.slug)) for card in cards]),
    }
