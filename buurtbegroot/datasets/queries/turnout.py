"""The data set of participation: plans, people and money per round and per buurt, without small groups of people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.datasets.domain.description import NOW, Absent, DataSet, column
from buurtbegroot.datasets.queries.rounds import CODES, turnout
from buurtbegroot.datasets.queries.scope import BEGAN, LIES, OF_ROUND, OF_ROUNDS, WHERE, WITH_LIES, in_rounds, year_of
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.support.models import Support
from buurtbegroot.support.queries import is_public
from buurtbegroot.tables.columns import Cell, Kind
from buurtbegroot.tables.suppression import SMALLEST_GROUP, Sum, hidden_cells
from buurtbegroot.tally.models import PlanResult, Tally
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

WHOLE, AREA, EVERYWHERE = "ronde", "buurt", "heel-gebied"
LEVELS = {
    WHOLE: _l("De hele ronde"),
    AREA: _l("Plannen voor één buurt"),
    EVERYWHERE: _l("Plannen voor het hele gebied"),
}


class _Counted(NamedTuple):
    """A round as a row of the statement; the codes and voters are those of a public outcome."""

    round_id: int
    slug: str
    began: Any
    district: str | None
    codes: int | None
    voters: int | None
    shows_support: bool


class _Place(NamedTuple):
    """What there is of one buurt or of EVERYWHERE: plans, and people who are each counted at one place."""

    plans: int = 0
    chosen: int = 0
    cents: int | None = None
    makers: int = 0
    supporters: int = 0


def _tell(session: Session, rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    for row in map(_Counted._make, rows):
        places = _places(session, row.round_id)
        names = dict(session.execute(select(Area.code, Area.name).where(Area.code.in_(places))).all())
        shown = _people(places, shows_support=row.shows_support)
        before = (row.slug, year_of(row.began), row.district)
        yield (*before, WHOLE, None, None, *_voted(row), *shown[WHOLE], *_together(places.values(), row))
        for code in sorted(places):
            level, held = (EVERYWHERE if code == EVERYWHERE else AREA), places[code]
            money = (held.plans, held.chosen if row.voters is not None else None, held.cents)
            place = (None, None) if level == EVERYWHERE else (code, names.get(code))
            yield (*before, level, *place, None, None, None, *shown[code], *money)


def _voted(row: _Counted) -> tuple[Cell, ...]:
    codes, voters = (None if each is None or each < SMALLEST_GROUP else each for each in (row.codes, row.voters))
    return codes, voters, turnout(codes, voters)


def _together(places: Iterable[_Place], row: _Counted) -> tuple[Cell, ...]:
    held = list(places)
    if row.voters is None:
        return sum(each.plans for each in held), None, None
    return tuple(sum(getattr(each, name) or 0 for each in held) for name in ("plans", "chosen", "cents"))


def _people(places: Mapping[str, _Place], *, shows_support: bool) -> Mapping[str, tuple[Cell, ...]]:
    """Return makers, supporters and whether any of them is hidden, for each place and for the whole round."""
    shown: dict[str, list[Cell]] = {name: [] for name in (WHOLE, *places)}
    hides: set[str] = set()
    for figure in ("makers", "supporters"):
        counts = {code: int(getattr(held, figure)) for code, held in places.items()}
        figures: dict[str, int] = {**counts, WHOLE: sum(counts.values())}
        hidden = hidden_cells(figures, [Sum(WHOLE, tuple(counts))])
        if figure == "supporters" and not shows_support:
            figures, hidden = dict.fromkeys(figures, 0), set(figures)
        hides |= hidden
        for name, cells in shown.items():
            cells.append(None if name in hidden else figures[name])
    return {name: (*cells, name in hides) for name, cells in shown.items()}


def _places(session: Session, round_id: int) -> dict[str, _Place]:
    won = case((PlanResult.awarded_cents > 0, 1), else_=0)
    plans = (
        select(Proposal.buurt_code, func.count(), func.sum(won), func.sum(PlanResult.awarded_cents))
        .outerjoin(
            PlanResult,
            and_(PlanResult.proposal_id == Proposal.id, exists().where(Round.id == round_id, HAS_PUBLIC_OUTCOME)),
        )
        .where(Proposal.round_id == round_id, Proposal.status.in_(PUBLIC_STATUSES))
        .group_by(Proposal.buurt_code)
    )
    makers = _at_one_place(session, _first_made(round_id))
    supporters = _at_one_place(session, _first_supported(round_id))
    return {
        code or EVERYWHERE: _Place(
            number, int(chosen), None if cents is None else int(cents), makers.get(code, 0), supporters.get(code, 0)
        )
        for code, number, chosen, cents in session.execute(plans)
    }


def _first_made(round_id: int) -> Select[Any]:
    public = (Proposal.round_id == round_id, Proposal.status.in_(PUBLIC_STATUSES), Proposal.author_id.is_not(None))
    return select(func.min(Proposal.id).label("plan")).where(*public).group_by(Proposal.author_id)


def _first_supported(round_id: int) -> Select[Any]:
    public = (Proposal.round_id == round_id, Proposal.status.in_(PUBLIC_STATUSES))
    plans = select(func.min(Proposal.id).label("plan")).join(Support, Support.proposal_id == Proposal.id)
    return plans.where(*public).group_by(Support.user_id)


def _at_one_place(session: Session, first: Select[Any]) -> Mapping[str | None, int]:
    """Count people at the place of their first plan, so that each is counted once."""
    plans = first.subquery()
    counted = select(Proposal.buurt_code, func.count()).join(plans, plans.c.plan == Proposal.id)
    return {row[0]: row[1] for row in session.execute(counted.group_by(Proposal.buurt_code))}


DATA_SET = DataSet(
    name="deelname",
    order=30,
    title=_l("Deelname"),
    short=_l("Plannen, mensen en geld per buurt"),
    about=_l("Hoeveel mensen meededen, per ronde en per buurt van hun plannen. Iedereen is één keer geteld."),
    counted=lambda number: ngettext("%(num)s rij", "%(num)s rijen", number),
    source=select(
        Round.id,
        Round.slug,
        BEGAN,
        OF_ROUND,
        CODES,
        Tally.valid_ballots,
        case((is_public(NOW), True), else_=False),
    )
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Tally, (Tally.round_id == Round.id) & HAS_PUBLIC_OUTCOME)
    .where(Round.published_at.is_not(None))
    .order_by(Round.id),
    within=in_rounds,
    filters=OF_ROUNDS,
    tell=_tell,
    is_steady=True,
    first=("rondeId", "soort", "buurt", "stemmers", "steuners", "ingediend", "toegekendEur"),
    hides=_l(
        "Groepen van minder dan tien mensen, en wat ze zou verraden: is van een ronde één buurt verborgen, dan ook een"
        " tweede, of het totaal. Hoeveel steun één plan heeft, is wel openbaar en staat bij Plannen."
    ),
    absent=(
        (Absent.UNKNOWN, _l("Stemmers per buurt, per dag of per manier van stemmen.")),
        (Absent.NOT_PUBLIC, _l("Groepen van minder dan tien mensen. Die vakjes zijn leeg.")),
    ),
    fields=(
        *WHERE,
        column("soort", Kind.CODE, codes=LEVELS, head=_l("Waarover"), about=_l("Waarover de rij gaat.")),
        column(
            "buurtCode", Kind.CODE, head=_l("Code van de buurt"), about=_l("Leeg als de rij niet over een buurt gaat.")
        ),
        column("buurt", Kind.TEXT, head=_l("Buurt"), about=_l("De naam van de buurt.")),
        column("codes", Kind.NUMBER, head=_l("Codes"), about=_l("Zo veel codes konden stemmen.")),
        column("stemmers", Kind.NUMBER, head=_l("Stemmers"), about=_l("Zo veel stembiljetten telden mee.")),
        column("opkomstPct", Kind.PERCENT, head=_l("Opkomst"), about=_l("Stemmers van honderd codes.")),
        column(
            "indieners", Kind.NUMBER, head=_l("Indieners"), about=_l("Mensen met een plan, bij hun eerste plan geteld.")
        ),
        column("steuners", Kind.NUMBER, head=_l("Steuners"), about=_l("Mensen die steun gaven, bij één plan geteld.")),
        column("verborgen", Kind.YES_NO, head=_l("Verborgen"), about=_l("Of 'Indieners' of 'Steuners' verborgen is.")),
        column("ingediend", Kind.NUMBER, head=_l("Plannen"), about=_l("Alle openbare plannen.")),
        column("gekozen", Kind.NUMBER, head=_l("Gekozen plannen"), about=_l("Plannen die geld kregen.")),
        column("toegekendEur", Kind.EUROS, head=_l("Toegekend"), about=_l("Leeg tot de uitslag is vastgesteld.")),
    ),
)
