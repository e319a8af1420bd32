"""Where and when rows belong: the round, year, stadsdeel, gebied, wijk and buurt that data sets share."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.datasets.domain.description import Choice, Field, Filter, Named, column
from buurtbegroot.proposals.models import Proposal, ProposalPoint
from buurtbegroot.rounds.models import PhaseWindow, Round, RoundPoint
from buurtbegroot.tables.columns import Kind
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.timezone import AMSTERDAM

OWNER = aliased(Area, name="owner")
"""The area of the round; join it with `Round.owner_code`."""


def window(phase: Phase, moment: Any) -> ScalarSelect[Any]:
    """Select a moment of the window that a round has for a phase, NULL without one."""
    own = (PhaseWindow.round_id == Round.id, PhaseWindow.phase == phase)
    return select(moment).where(*own).correlate(Round).scalar_subquery()


BEGAN = func.coalesce(window(Phase.VOTING, PhaseWindow.begins_at), Round.published_at, type_=PhaseWindow.begins_at.type)
"""The moment that gives a round its year: when its vote begins, or else when it was published."""


def year_of(moment: datetime | None) -> int | None:
    """Return the year of a moment in Amsterdam."""
    return moment.astimezone(AMSTERDAM).year if moment else None


def in_rounds(choice: Choice) -> Iterable[ColumnElement[bool]]:
    """Yield the conditions on rounds (with their OWNER) that a choice makes."""
    if choice.rounds:
        yield Round.slug.in_(choice.rounds)
    if choice.districts:
        yield OWNER.district_code.in_(choice.districts)
    if choice.years:
        yield or_(*(and_(_first_of(year) <= BEGAN, _first_of(year + 1) > BEGAN) for year in choice.years))


def at_places(choice: Choice) -> Iterable[ColumnElement[bool]]:
    """Yield what a choice asks of the place of a plan beside its round; needs Proposal and its buurt, Area."""
    if choice.areas:
        inside = or_(*(column.in_(choice.areas) for column in (Area.code, Area.parent_code, Area.gebied_code)))
        yield or_(inside, Proposal.buurt_code.is_(None)) if choice.whole else inside


def numbers_of_round() -> ScalarSelect[str]:
    """Select the numbers of the accord points of a round, with spaces between; `as_numbers` reads them."""
    rows = select(Point.number).join(RoundPoint, RoundPoint.point_id == Point.id)
    return _listed(rows.where(RoundPoint.round_id == Round.id).correlate(Round).subquery())


def numbers_of_plan() -> ScalarSelect[str]:
    """Select the numbers of the accord points that a plan itself carries out, NULL when it names none."""
    rows = select(Point.number).join(ProposalPoint, ProposalPoint.point_id == Point.id)
    return _listed(rows.where(ProposalPoint.proposal_id == Proposal.id).correlate(Proposal).subquery())


def as_numbers(listed: str | None, *otherwise: str | None) -> tuple[int, ...] | None:
    """Return the first list that is not empty as rising numbers, None when all are."""
    found = next(filter(None, (listed, *otherwise)), None)
    return tuple(sorted(map(int, found.split()))) if found else None


def _listed(rows: Any) -> ScalarSelect[str]:
    return select(func.aggregate_strings(cast(rows.c.number, String), " ")).scalar_subquery()


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
DISTRICT_CODE = column(
    "stadsdeelCode",
    Kind.CODE,
    func.nullif(OWNER.district_code, ""),
    named=Named.AREA,
    head=_l("Stadsdeel"),
    about=_l(
        "Het stadsdeel van de ronde. Leeg voor een ronde van de hele stad. In bestanden voor programma's: de letter."
    ),
)
WHERE = (ROUND, YEAR, DISTRICT_CODE)
"""With what every row of a round begins."""
OF_ROUNDS = frozenset({Filter.DISTRICT, Filter.YEAR, Filter.ROUND})
