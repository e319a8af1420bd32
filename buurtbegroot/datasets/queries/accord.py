"""The data set of the accord: each point with its status, its rounds and plans, and its part of the money."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.domain import PointName, divided
from buurtbegroot.akkoord.models import Edition, Point, PointGroup, StatusChange
from buurtbegroot.akkoord.words import STANDINGS
from buurtbegroot.datasets.domain.description import Absent, DataSet, Named, column
from buurtbegroot.datasets.queries.scope import (
    LIES,
    OF_ROUNDS,
    WITH_LIES,
    as_points,
    in_rounds,
    points_of_plan,
    points_of_round,
)
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.rounds.models import Pot, Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tables.columns import Cell, Kind
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

MONEY = ("offered", "asked", "checked", "awarded")


@dataclass
class _Part:
    """What a point has: the names of rounds, how many plans carry it out, and its part of each amount, in cents."""

    rounds: set[str] = field(default_factory=set)
    plans: int = 0
    cents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MONEY, 0))


Parts: TypeAlias = Mapping[PointName | None, _Part]
"""What each point has; None is what belongs to no point."""


def _tell(session: Session, rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    parts = _parts(session, list(rows))
    for point in _points(session):
        yield (*point, *_cells(parts.pop(PointName(point.number, point.slug), _Part())))
    for left in parts.values():  # rounds without points: their money is of the city too
        yield (*(None,) * 7, *_cells(left))


def _cells(part: _Part) -> tuple[Cell, ...]:
    return (tuple(sorted(part.rounds)) or None, part.plans, *(part.cents[name] for name in MONEY))


def _parts(session: Session, rounds: Sequence[Any]) -> dict[PointName | None, _Part]:
    """Return what each point has of these rounds."""
    parts: defaultdict[PointName | None, _Part] = defaultdict(_Part)
    points_of = {round_id: as_points(listed) or () for round_id, _slug, listed in rounds}
    for round_id, slug, _listed in rounds:
        for point in points_of[round_id] or (None,):
            parts[point].rounds.add(slug)
    pots = select(Pot.round_id, Pot.cents).where(Pot.round_id.in_(points_of))
    for round_id, cents in session.execute(pots):  # one by one, so that cents fall as they do in the figures
        _give(parts, points_of[round_id], {"offered": cents})
    for listed, otherwise, asked, checked, awarded in session.execute(_plans(list(points_of))):
        points = as_points(listed, otherwise) or ()
        for point in points or (None,):
            parts[point].plans += 1
        _give(parts, points, {"asked": asked, "checked": checked, "awarded": awarded})
    return dict(parts)


def _give(parts: Parts, points: Sequence[PointName], amounts: Mapping[str, int | None]) -> None:
    for name, cents in amounts.items():
        for point, part in divided(int(cents or 0), points).items():
            parts[point].cents[name] += part


def _plans(round_ids: Sequence[int]) -> Any:
    money = (Proposal.estimate_cents, Proposal.cost_cents, PlanResult.awarded_cents)
    return (
        select(points_of_plan(), points_of_round(), *money)
        .join(Round, Round.id == Proposal.round_id)
        .outerjoin(PlanResult, (PlanResult.proposal_id == Proposal.id) & HAS_PUBLIC_OUTCOME)
        .where(Round.id.in_(round_ids), Proposal.status.in_(PUBLIC_STATUSES))
        .order_by(Proposal.id)
    )


def _points(session: Session) -> Sequence[Any]:
    """Return edition, number, title, group, and the last known standing with its day and source, of every point."""
    last = select(StatusChange.id).where(StatusChange.point_id == Point.id)
    latest = last.order_by(StatusChange.happened_on.desc(), StatusChange.id.desc()).limit(1).correlate(Point)
    rows = (
        select(
            Edition.slug, Point.number, Point.title, PointGroup.title,
            StatusChange.standing, StatusChange.happened_on, StatusChange.source,
        )
        .join(Edition, Edition.id == Point.edition_id)
        .join(PointGroup, PointGroup.id == Point.group_id)
        .outerjoin(StatusChange, StatusChange.id == latest.scalar_subquery())
        .order_by(Edition.adopted_on.desc(), Edition.id.desc(), Point.number)
    )  # fmt: skip
    return session.execute(rows).all()


_ROUND: tuple[Any, ...] = (Round.id, Round.slug, points_of_round())

DATA_SET = DataSet(
    name="akkoord",
    order=70,
    title=_l("Akkoord"),
    short=_l("Elk punt met zijn stand, plannen en euro's"),
    about=_l("Elk punt van het maatschappelijk akkoord: hoe ver het is, welke rondes het uitvoeren, en hoeveel geld."),
    counted=lambda number: ngettext("%(num)s punt", "%(num)s punten", number),
    source=select(*_ROUND).outerjoin(LIES, WITH_LIES).where(Round.published_at.is_not(None)).order_by(Round.id),
    within=in_rounds,
    filters=OF_ROUNDS,
    tell=_tell,
    is_steady=True,
    first=("punt", "titel", "stand", "plannen", "budgetEur", "toegekendEur"),
    divides=_l(
        "Een ronde of plan met meer punten telt één keer: het geld is gelijk over die punten verdeeld. Alle punten"
        " samen hebben dus precies het geld van de stad. Een plan zonder eigen punten telt bij de punten van zijn"
        " ronde. Geld van rondes zonder punten staat op de laatste rij. Kiest u een stadsdeel, dan gaat het om rondes"
        " waarvan alle buurten daar liggen. Bij Cijfers tellen ook plannen in dat stadsdeel uit grotere rondes mee."
    ),
    absent=((Absent.UNKNOWN, _l("De stand van een punt waarvan niemand die vastlegde. Dat vakje is leeg.")),),
    fields=(
        column("akkoord", Kind.CODE, head=_l("Akkoord"), about=_l("Van welk akkoord het punt is.")),
        column("punt", Kind.NUMBER, head=_l("Punt"), about=_l("Leeg op de rij van rondes zonder punten.")),
        column("titel", Kind.TEXT, head=_l("Titel"), about=_l("Zoals het in het akkoord staat.")),
        column("groep", Kind.TEXT, head=_l("Groep"), about=_l("Het kopje waar het punt onder staat.")),
        column("stand", Kind.CODE, codes=STANDINGS, head=_l("Stand"), about=_l("Hoe ver het is, volgens de bron.")),
        column("standSinds", Kind.DAY, head=_l("Stand sinds"), about=_l("De dag die de bron noemt.")),
        column("standBron", Kind.TEXT, head=_l("Bron"), about=_l("Waar dat staat.")),
        column(
            "rondes",
            Kind.CODES,
            named=Named.ROUND,
            head=_l("Rondes"),
            about=_l("De rondes die het punt uitvoeren. In bestanden voor programma's: hun namen in adressen."),
        ),
        column(
            "plannen",
            Kind.NUMBER,
            head=_l("Plannen"),
            about=_l("Plannen die het punt uitvoeren. Een plan met twee punten staat bij allebei."),
        ),
        column("budgetEur", Kind.EUROS, head=_l("Te verdelen"), about=_l("Het deel van dit punt."), adds=True),
        column("aangevraagdEur", Kind.EUROS, head=_l("Gevraagd"), about=_l("Het deel van dit punt."), adds=True),
        column(
            "getoetstEur", Kind.EUROS, head=_l("Gecontroleerde kosten"), about=_l("Het deel van dit punt."), adds=True
        ),
        column("toegekendEur", Kind.EUROS, head=_l("Toegekend"), about=_l("Het deel van dit punt."), adds=True),
    ),
)
