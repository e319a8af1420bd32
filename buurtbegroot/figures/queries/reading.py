"""Reading rounds that opened, their pots and what plans were awarded, each with the areas in which all of it lies."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.domain import PointName
from buurtbegroot.areas.models import CITY, Area, Level
from buurtbegroot.areas.queries.atlas import Place
from buurtbegroot.datasets.queries.scope import (
    BEGAN,
    LIES,
    OF_BUURT,
    WITH_LIES,
    as_points,
    points_of_plan,
    points_of_round,
    year_of,
)
from buurtbegroot.figures.domain.money import Money, Side
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.rounds.models import Pot, Round, RoundArea, Theme
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tally.models import PlanResult

PLACE = (Area.level, Area.code, Area.parent_code, Area.gebied_code, Area.district_code)


@dataclass(frozen=True, kw_only=True)
class OpenedRound:
    """A public round whose vote was opened: `at` has the areas in which all its buurten lie.

    `is_archived` says that it was brought in from a file of then.
    """

    id: int
    slug: str
    title: str
    note: str
    is_archived: bool
    year: int
    decided: bool
    points: tuple[PointName, ...]
    at: Mapping[Level, str]

    def lies_in(self, area: Place) -> bool:
        """Tell whether all of it lies in an area."""
        return self.at.get(area.level) == area.code


def opened_rounds(session: Session) -> Sequence[OpenedRound]:
    """Return all rounds that opened, the earliest first; one query."""
    wanted = (
        Round.id,
        Round.slug,
        Round.title,
        Round.note,
        Round.archive,
        BEGAN,
        HAS_PUBLIC_OUTCOME,
        points_of_round(),
    )
    rows = select(*wanted, *(LIES.c[level.value] for level in OF_BUURT))
    found = session.execute(
        rows.outerjoin(LIES, WITH_LIES)
        .where(Round.published_at.is_not(None), Round.opened_at.is_not(None))
        .order_by(BEGAN, Round.id)
    )
    return [_opened(*row) for row in found]


def _opened(id_: int, *row: Any) -> OpenedRound:
    slug, title, note, archive, began, decided, listed, *codes = row
    return OpenedRound(
        id=id_,
        slug=slug,
        title=title,
        note=note,
        is_archived=bool(archive),
        year=year_of(began) or 0,
        decided=bool(decided),
        points=as_points(listed) or (),
        at=_at(dict(zip(OF_BUURT, codes, strict=True))),
    )


def _at(codes: Mapping[Level, str | None]) -> Mapping[Level, str]:
    return {Level.CITY: CITY} | {level: code for level, code in codes.items() if code}


def money_of(session: Session, rounds: Collection[OpenedRound]) -> list[Money]:
    """Return the pots of these rounds, and what their plans were awarded; two queries."""
    by_id = {each.id: each for each in rounds}
    return [*_offered(session, by_id), *_awarded(session, by_id)] if by_id else []


def _offered(session: Session, rounds: Mapping[int, OpenedRound]) -> Iterator[Money]:
    rows = (
        select(Pot.round_id, Pot.cents, Theme.name, *PLACE)
        .outerjoin(Theme, Theme.id == Pot.theme_id)
        .outerjoin(Area, Area.code == Pot.area_code)
        .where(Pot.round_id.in_(rounds))
        .order_by(Pot.id)
    )
    for round_id, cents, theme, *place in session.execute(rows):
        yield _money(rounds[round_id], Side.OFFERED, cents, theme=theme or "", at=_place(place))


def _awarded(session: Session, rounds: Mapping[int, OpenedRound]) -> Iterator[Money]:
    rows = (
        select(
            Proposal.round_id, PlanResult.awarded_cents, Theme.name, Proposal.id, points_of_plan(),
            *PLACE,
        )
        .join(PlanResult, PlanResult.proposal_id == Proposal.id)
        .join(Round, and_(Round.id == Proposal.round_id, HAS_PUBLIC_OUTCOME))
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .outerjoin(Area, Area.code == Proposal.buurt_code)
        .where(Proposal.round_id.in_(rounds), PlanResult.awarded_cents > 0, Proposal.status.in_(PUBLIC_STATUSES))
        .order_by(Proposal.id)
    )  # fmt: skip
    for round_id, cents, theme, plan, listed, *place in session.execute(rows):
        own = {"plan_id": plan, "own_points": as_points(listed) or ()}
        yield _money(rounds[round_id], Side.AWARDED, cents, theme=theme or "", at=_place(place), **own)


def _money(round_: OpenedRound, side: Side, cents: int, *, at: Mapping[Level, str], theme: str, **own: Any) -> Money:
    return Money(
        side=side,
        cents=int(cents),
        round_id=round_.id,
        slug=round_.slug,
        year=round_.year,
        decided=round_.decided,
        at=at or round_.at,
        theme=theme,
        round_points=round_.points,
        **own,
    )


def _place(row: Sequence[Any]) -> Mapping[Level, str]:
    """Return in which areas an area lies, itself too; nothing for no area."""
    level, code, parent, gebied, district = row
    if code is None:
        return {}
    wijk = {Level.BUURT: parent, Level.WIJK: code}.get(level)
    buurt = code if level is Level.BUURT else None
    return _at({Level.DISTRICT: district, Level.GEBIED: gebied, Level.WIJK: wijk, Level.BUURT: buurt})


def touched(
    session: Session, rounds: Collection[int], area: Place, *, level: Level | None
) -> Sequence[tuple[int, str]]:
    """Return (id, code) of the rounds that take part in an area, with each area of the level where; one query.

    Without a level the code is that of the area itself.
    """
    column = OF_BUURT[level] if level else None
    rows: Select[Any] = select(RoundArea.round_id, *([] if column is None else [column])).distinct()
    found = session.execute(
        rows.join(Area, Area.code == RoundArea.area_code).where(RoundArea.round_id.in_(rounds), *_inside(area))
    )
    return [(row[0], (row[1] or "") if level else area.code) for row in found]


def _inside(area: Place) -> Iterable[ColumnElement[bool]]:
    if area.code != CITY:
        yield or_(*(column == area.code for column in OF_BUURT.values()))
