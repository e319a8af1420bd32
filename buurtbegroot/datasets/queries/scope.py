"""Where and when rows belong: the round, year, stadsdeel, gebied, wijk and buurt that data sets share.

A round lies in an area when all its buurten do, and a plan where its buurt does, or else where its round lies: that is
how the figures count too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, Subquery, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.domain import BETWEEN, PointName, point_named
from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.core.phases import Phase
from buurtbegroot.datasets.domain.description import Choice, Field, Filter, Named, column
from buurtbegroot.proposals.models import Proposal, ProposalPoint
from buurtbegroot.rounds.models import PhaseWindow, Round, RoundArea, RoundPoint
from buurtbegroot.tables.columns import Kind
from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.timezone import AMSTERDAM

OF_BUURT: Mapping[Level, Any] = {
    Level.DISTRICT: Area.district_code,
    Level.GEBIED: Area.gebied_code,
    Level.WIJK: Area.parent_code,
    Level.BUURT: Area.code,
}
"""The column of a buurt that names the area of each level in which it lies."""


def _lies() -> Subquery:
    """Select by round the area of each level in which all its buurten lie: the first code is the last one."""
    single = (
        case((func.min(code) == func.max(code), func.nullif(func.min(code), ""))).label(level.value)
        for level, code in OF_BUURT.items()
    )
    inside = select(RoundArea.round_id, *single).join(Area, Area.code == RoundArea.area_code)
    return inside.group_by(RoundArea.round_id).subquery("lies")


LIES = _lies()
"""In which areas rounds lie, a column for each level, NULL where it is more than one; join it outer, on WITH_LIES."""
WITH_LIES = LIES.c.round_id == Round.id
OF_ROUND = LIES.c[Level.DISTRICT.value]
"""The stadsdeel of a round."""


def of_plan(level: Level) -> ColumnElement[str | None]:
    """Say in which area of a level a plan lies; needs its buurt, Area, and LIES."""
    return func.coalesce(func.nullif(OF_BUURT[level], ""), LIES.c[level.value])


OF_PLAN = of_plan(Level.DISTRICT)
"""The stadsdeel of a plan."""


def window(phase: Phase, moment: Any) -> ScalarSelect[Any]:
    """Select a moment of the window that a round has for a phase, NULL without one."""
    own = (PhaseWindow.round_id == Round.id, PhaseWindow.phase == phase)
    return select(moment).where(*own).correlate(Round).scalar_subquery()


BEGAN = func.coalesce(window(Phase.VOTING, PhaseWindow.begins_at), Round.published_at, type_=PhaseWindow.begins_at.type)
"""The moment that gives a round its year: when its vote begins, or else when it was published."""


def year_of(moment: datetime | None) -> int | None:
    """Return the year of a moment in Amsterdam."""
    return moment.astimezone(AMSTERDAM).year if moment else None


def in_rounds(choice: Choice, *, district: ColumnElement[Any] = OF_ROUND) -> Iterable[ColumnElement[bool]]:
    """Yield the conditions on rounds (with where each LIES) that a choice makes."""
    if choice.rounds:
        yield Round.slug.in_(choice.rounds)
    if choice.districts:
        yield district.in_(choice.districts)
    if choice.years:
        yield or_(*(and_(_first_of(year) <= BEGAN, _first_of(year + 1) > BEGAN) for year in choice.years))


def in_plans(choice: Choice) -> Iterable[ColumnElement[bool]]:
    """Yield what a choice asks of plans and their rounds; needs Proposal with its buurt, Area, and LIES."""
    yield from in_rounds(choice, district=OF_PLAN)
    if choice.areas:
        inside = or_(*(of_plan(level).in_(choice.areas) for level in (Level.GEBIED, Level.WIJK, Level.BUURT)))
        yield or_(inside, Proposal.buurt_code.is_(None)) if choice.whole else inside


def points_of_round() -> ScalarSelect[str]:
    """Select the accord points of a round, with spaces between; `as_points` reads them."""
    rows = _POINTS.join(RoundPoint, RoundPoint.point_id == Point.id)
    return _listed(rows.where(RoundPoint.round_id == Round.id).correlate(Round).subquery())


def points_of_plan() -> ScalarSelect[str]:
    """Select the accord points that a plan itself carries out, NULL when it names none."""
    rows = _POINTS.join(ProposalPoint, ProposalPoint.point_id == Point.id)
    return _listed(rows.where(ProposalPoint.proposal_id == Proposal.id).correlate(Proposal).subquery())


def as_points(listed: str | None, *otherwise: str | None) -> tuple[PointName, ...] | None:
    """Return the points of the first list that is not empty, the lowest numbers first, None when all are."""
    found = next(filter(None, (listed, *otherwise)), None)
    return tuple(sorted(map(point_named, found.split()))) if found else None


def as_point_codes(listed: str | None, *otherwise: str | None) -> tuple[str, ...] | None:
    """Return those points as codes."""
    found = as_points(listed, *otherwise)
    return tuple(map(str, found)) if found else None


def _listed(rows: Any) -> ScalarSelect[str]:
    return select(func.aggregate_strings(rows.c.point, " ")).scalar_subquery()


_POINT = Edition.slug + BETWEEN + cast(Point.number, String)
_POINTS = select(_POINT.label("point")).select_from(Point).join(Edition, Edition.id == Point.edition_id)


def unknown_in(session: Session, choice: Choice) -> set[str]:
    """Return the names of filters that choose an area or a public round that there is not; a query for each chosen."""
    asked = {
        Filter.DISTRICT: (select(Area.code), Area.code, choice.districts),
        Filter.AREA: (select(Area.code), Area.code, choice.areas),
        Filter.ROUND: (select(Round.slug).where(Round.published_at.is_not(None)), Round.slug, choice.rounds),
    }
    return {
        name.value
        for name, (rows, code, chosen) in asked.items()
        if chosen and {*chosen} - {*session.scalars(rows.where(code.in_(chosen)))}
    }


def _first_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=AMSTERDAM).astimezone(UTC)


def with_names(session: Session, columns: Sequence[Field]) -> tuple[Field, ...]:
    """Return the columns with the names that their codes have now, each name once; two queries at most."""
    wanted = {each.named for each in columns}
    names = {kind: names_of(session, kind) for kind in Named if kind in wanted}
    return tuple(replace(each, names=names[each.named]) if each.named else each for each in columns)


def names_of(session: Session, kind: Named) -> Mapping[str, str]:
    """Return the names by code; areas of a level, or rounds, that have the same name get their code behind it."""
    found = session.execute(NAMES[kind]).all()
    often = Counter((name, level) for _code, name, level in found)
    return {code: name if often[name, level] == 1 else f"{name} ({code})" for code, name, level in found}


NAMES = {
    Named.ROUND: select(Round.slug, Round.title, literal("")).where(Round.published_at.is_not(None)),
    Named.AREA: select(Area.code, Area.name, Area.level),
    Named.POINT: select(_POINT, cast(Point.number, String) + ". " + Point.title, literal("")).join(
        Edition, Edition.id == Point.edition_id
    ),
}
"""What has a name: its code, its name, and among what the name has to differ."""

ROUND = column(
    "rondeId",
    Kind.CODE,
    Round.slug,
    named=Named.ROUND,
    head=_l("Ronde"),
    about=_l("In bestanden voor programma's: de naam van de ronde in adressen."),
)
YEAR = column(
    "jaar",
    Kind.NUMBER,
    BEGAN,
    made=year_of,
    head=_l("Jaar"),
    about=_l("Het jaar waarin de stemming begint. Is er geen stemming, dan het jaar waarin de ronde openbaar werd."),
)


def _district(of: Any, about: Text) -> Field:
    return column("stadsdeelCode", Kind.CODE, of, named=Named.AREA, head=_l("Stadsdeel"), about=about)


WHERE = (
    ROUND,
    YEAR,
    _district(
        OF_ROUND,
        _l(
            "Het stadsdeel waarin alle buurten van de ronde liggen. Leeg als ze in meer stadsdelen liggen."
            " In bestanden voor programma's: de letter."
        ),
    ),
)
"""With what every row of a round begins."""
WHERE_PLAN = (
    ROUND,
    YEAR,
    _district(
        OF_PLAN,
        _l(
            "Het stadsdeel van de buurt van het plan, ook in een ronde van de hele stad. Heeft een plan geen buurt, dan"
            " het stadsdeel waarin alle buurten van de ronde liggen. Leeg als ze in meer stadsdelen liggen."
            " In bestanden voor programma's: de letter."
        ),
    ),
)
"""With what every row of a plan begins: it counts at the same place as in the figures."""
POINTS = partial(column, "akkoordpunten", Kind.CODES, made=as_point_codes, named=Named.POINT, head=_l("Akkoordpunten"))
"""A column of accord points, by their lists and what it is about."""
OF_ROUNDS = frozenset({Filter.DISTRICT, Filter.YEAR, Filter.ROUND})
