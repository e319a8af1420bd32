"""The files of an answer: its table, and the rounds or plans behind a figure; each row with its question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.datasets.domain.description import Field, column
from buurtbegroot.datasets.queries import facts_of_file, stamped
from buurtbegroot.figures.domain.money import Division, Side, Split
from buurtbegroot.figures.queries import Behind, Facts, Row, Table, plans_by_id
from buurtbegroot.population.domain.people import Measure
from buurtbegroot.tables.columns import Batch, Cell, Kind, in_batches
from buurtbegroot.tables.files import MACHINE, Told
from buurtbegroot.texts import Text
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

NAME, ROWS = "cijfers", "rijen"
"""What the files are called: that of a table, and that of the rows behind a figure."""
ENDINGS = (".csv", ".xlsx", MACHINE)
DIVIDED = {
    Division.BY_PLAN: _l("Gelijk over de punten van elk plan, anders over die van de ronde. Elke euro telt één keer."),
    Division.BY_ROUND: _l("Gelijk over de punten van de ronde. Elke euro telt één keer."),
}


SIDES = {Side.OFFERED: _l("Te verdelen"), Side.AWARDED: _l("Toegekend")}
ASKED = (
    column("gebied", Kind.TEXT, head=_l("Waar"), about=_l("Het gebied waarover de vraag gaat.")),
    column(
        "vanJaar",
        Kind.NUMBER,
        head=_l("Van jaar"),
        about=_l("Het jaar van een ronde is dat waarin de stemming begint."),
    ),
    column("totEnMetJaar", Kind.NUMBER, head=_l("Tot en met"), about=_l("Het laatste jaar dat meetelt.")),
)
"""With what every row begins: the question."""
CODE = column(
    "code",
    Kind.CODE,
    head=_l("Code"),
    about=_l(
        "De code van het gebied, welk akkoord met het nummer van het"
        " punt, of de naam. Leeg voor geld dat niet bij één gebied, thema of punt hoort."
    ),
)
DIVISION = column(
    "verdelingPunten",
    Kind.TEXT,
    head=_l("Zo is het geld verdeeld"),
    about=_l("Hoe geld over akkoordpunten verdeeld is. Alleen bij akkoordpunten."),
)
COLUMNS = (
    *ASKED,
    column("verdeeldOver", Kind.CODE, head=_l("Verdeeld over"), about=_l("Wat een rij is.")),
    CODE,
    column("naam", Kind.TEXT, head=_l("Naam"), about=_l("Zo heet de rij op de pagina.")),
    column(
        "teVerdelenEur",
        Kind.EUROS,
        head=_l("Te verdelen"),
        about=_l("Geld van rondes waarvan de stemming begon. Leeg als er geen is."),
        adds=True,
    ),
    column(
        "toegekendEur",
        Kind.EUROS,
        head=_l("Toegekend"),
        about=_l("Geld voor plannen, uit vastgestelde uitslagen. Leeg zolang er geen uitslag is."),
        adds=True,
    ),
    column("inwoners", Kind.NUMBER, head=_l("Inwoners"), about=_l("Leeg als het aantal niet bekend is.")),
    column("huishoudens", Kind.NUMBER, head=_l("Huishoudens"), about=_l("Leeg als het aantal niet bekend is.")),
    column(
        "toegekendPerInwonerEur",
        Kind.EUROS,
        head=_l("Toegekend per inwoner"),
        about=_l("Afgerond op centen. Leeg bij minder dan 1.000 inwoners, of als hun aantal niet bekend is."),
    ),
    column(
        "toegekendPerHuishoudenEur",
        Kind.EUROS,
        head=_l("Toegekend per huishouden"),
        about=_l("Afgerond op centen. Leeg bij minder dan 1.000 inwoners, of als een aantal niet bekend is."),
    ),
    column(
        "peildatumInwoners", Kind.DAY, head=_l("Inwoners geteld op"), about=_l("De dag waarop de aantallen golden.")
    ),
    column("bronInwoners", Kind.TEXT, head=_l("Bron van de inwoners"), about=_l("Wie ze telde.")),
    DIVISION,
)
RONDE = column(
    "rondeId", Kind.CODE, head=_l("Ronde"), about=_l("In bestanden voor programma's: de naam van de ronde in adressen.")
)
ROW_COLUMNS = (
    *ASKED,
    column("geld", Kind.CODE, codes=SIDES, head=_l("Geld"), about=_l("Van welk cijfer dit de rijen zijn.")),
    column("verdeeldOver", Kind.CODE, head=_l("Verdeeld over"), about=_l("Leeg als het om het hele gebied gaat.")),
    CODE,
    RONDE,
    column("jaar", Kind.NUMBER, head=_l("Jaar"), about=_l("Het jaar waarin de stemming begint.")),
    column("planId", Kind.NUMBER, head=_l("Plan"), about=_l("Leeg bij geld dat te verdelen is.")),
    column("titel", Kind.TEXT, head=_l("Titel"), language="taal", about=_l("Zoals de maker hem schreef.")),
    column("taal", Kind.CODE, head=_l("Taal"), about=_l("De taal van de titel.")),
    column("teltMeeEur", Kind.EUROS, head=_l("Telt mee voor"), adds=True,
        about=_l("Het deel dat in het cijfer meetelt. Alle rijen samen zijn precies het cijfer.")),
    DIVISION,
)  # fmt: skip


def told(table: Table, found: Facts, *, url: str, now: datetime) -> Told:
    """Return the table as its files tell it; its columns of euros add up to the totals."""

    def read(_with_places: bool) -> Iterator[Batch]:
        return in_batches((_cells(found, table.split, row) for row in table.rows), len(COLUMNS))

    about = _("Geld van buurtbegroten in %(area)s.", area=found.question.area.name)
    divides = _division(found, table.split)
    return Told(
        name=NAME,
        title=_("Cijfers"),
        about=about,
        columns=COLUMNS,
        read=read,
        has_places=False,
        facts=facts_of_file(about, url=url, now=now, divides=divides),
        made_at=stamped(now),
    )


def _division(found: Facts, split: Split | None) -> Text | None:
    return DIVIDED[found.question.division] if split is Split.POINTS else None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with the rows behind it, as `behind` gives them; without a key it is that of the whole area."""

    side: Side
    key: str | None
    rows: Sequence[Behind]


def told_rows(session: Session, found: Facts, figure: Figure, *, url: str, now: datetime) -> Told:
    """Return the rows behind a figure as their files tell them: together they are the figure; one query."""
    question, split = found.question, found.question.split if figure.key is not None else None
    plans = plans_by_id(session, [each.plan_id for each in figure.rows if each.plan_id])
    before = (question.area.name, question.first, question.last, figure.side.value, split, figure.key or None)
    divides = _division(found, split)
    way = str(divides) if divides else None

    def read(_with_places: bool) -> Iterator[Batch]:
        cells = (
            (
                *before,
                row.round.slug,
                row.round.year,
                row.plan_id,
                *plans.get(row.plan_id or 0, (None, None)),
                row.cents,
                way,
            )
            for row in figure.rows
        )
        return in_batches(cells, len(ROW_COLUMNS))

    about = _("De rondes of plannen achter een cijfer over %(area)s.", area=question.area.name)
    return Told(
        name=f"{NAME}-{ROWS}",
        title=_("Waaruit dit bestaat"),
        about=about,
        columns=_with_rounds(found),
        read=read,
        has_places=False,
        facts=facts_of_file(about, url=url, now=now, divides=divides),
        made_at=stamped(now),
    )


def _with_rounds(found: Facts) -> Sequence[Field]:
    names = {each.slug: each.title for each in found.rounds}
    return [replace(each, names=names) if each is RONDE else each for each in ROW_COLUMNS]


def _cells(found: Facts, split: Split, row: Row) -> Sequence[Cell]:
    question = found.question
    is_area = question.level and split is question.split and row.key
    file = found.people.file_for(row.key if is_area else question.area.code)
    asked = (question.area.name, question.first, question.last, split.value)
    people = row.people
    return (
        *asked,
        row.key or None,
        row.name,
        row.offered,
        row.awarded,
        people.inhabitants,
        people.households,
        people.share(row.awarded, Measure.INHABITANT),
        people.share(row.awarded, Measure.HOUSEHOLD),
        file.counted_on if file else None,
        file.source if file else None,
        str(DIVIDED[question.division]) if split is Split.POINTS else None,
    )
