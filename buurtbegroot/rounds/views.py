"""Pages of rounds for everyone: the list, and a round with its money, phases, rules, plans and map."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from buurtbegroot.areas.models import Level
from buurtbegroot.areas.queries import atlas, drawing
from buurtbegroot.areas.queries.atlas import Atlas
from buurtbegroot.booth.queries import withdrawn_from
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.queries.figures import figures_of_round
from buurtbegroot.extensions import db
from buurtbegroot.proposals.queries.listing import listing
from buurtbegroot.registry.queries import ways_to_code
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import date_changes, public_round, published_rounds, rules_or_none, standing_of
from buurtbegroot.rounds.queries.lists import COLOURS, RoundFilter, ordered_rounds, years_of
from buurtbegroot.rounds.words import (
    PHASE_NAMES,
    fact_rows,
    in_words,
    place_words,
    sentences,
    shortened,
    timeline,
)
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, shuffle_number, slice_page

bp = Blueprint("rounds", __name__, url_prefix="/rondes")

PLANS_SHOWN = 6

bp.add_app_template_filter(in_words)
bp.add_app_template_filter(sentences)


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """List the public rounds, those of now first."""
    moment, rounds = now(), published_rounds(db.session())
    wanted = RoundFilter.from_args(request.args)
    found = ordered_rounds(rounds, wanted, moment)
    return render_template(
        "rounds/index.html",
        page=slice_page(found, number=page_number()),
        wanted=wanted,
        phases=[(phase.value, str(PHASE_NAMES[phase])) for phase in Phase],
        districts=_owners(rounds),
        years=[(year, str(year)) for year in years_of(rounds)],
    )


@bp.get("/<slug>")
@admits(Audience.EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    """Show one round."""
    round_ = public_round(db.session(), slug)
    if round_ is None:
        abort(404)
    city, standing, rules = atlas(db.session()), standing_of(round_, now()), rules_or_none(round_)
    ways = ways_to_code(db.session(), round_.id) if standing.takes_votes else None
    plans = listing(db.session(), {}, seed=shuffle_number(), number=1, size=PLANS_SHOWN, round_id=round_.id)
    withdrawn = withdrawn_from(db.session(), current_app.config, round_)
    return render_template(
        "rounds/show.html",
        round=round_,
        standing=standing,
        timeline=timeline(round_, standing),
        shortened=shortened(round_, date_changes(db.session(), round_)),
        rules=rules,
        area_names={code: place.name for code, place in city.places.items()},
        facts=fact_rows(round_, rules, standing, by_letter=bool(ways and ways.letter)),
        place_words=place_words(city.extent(buurt.code for buurt in round_.buurten)),
        plans=plans.without({each.id for each in withdrawn}),
        pool=bool(ways and ways.account),
        withdrawn=withdrawn,
        figures=None if round_.opened_at else figures_of_round(db.session(), round_.id),
        map=_map(city, round_, fill=f"m-{COLOURS[standing.stage]}"),
    )


def _owners(rounds: Sequence[Round]) -> list[tuple[str, str]]:
    return sorted({(round_.owner_code, round_.owner.name) for round_ in rounds}, key=lambda owner: owner[1])


def _map(city: Atlas, round_: Round, *, fill: str) -> dict[str, Any] | None:
    """Return what the map of the round's buurten draws, or None when nothing is drawn of them."""
    codes = [buurt.code for buurt in round_.buurten if buurt.code in city.places]
    districts = {city.places[code].district_code for code in codes}
    if not any(city.places[code].outline for code in codes):
        return None
    one = districts.pop() if len(districts) == 1 else ""
    base = city.district_base(one) if one in city.places and city.places[one].outline else city.city_base
    wijken = [
        place for place in city.at(Level.WIJK) if any(buurt.parent_code == place.code for buurt in round_.buurten)
    ]
    sets = [[code for code in codes if city.places[code].parent_code == wijk.code] for wijk in wijken]
    marks = drawing.marks(city, base.frame, sets)
    return {"base": base, "fill": fill, "rows": list(zip(wijken, sets, marks, strict=True))}
