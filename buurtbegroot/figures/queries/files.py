"""The table of an answer as a file: each row with its question, the way of dividing, and who counted the people."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from buurtbegroot.datasets.domain.description import column
from buurtbegroot.datasets.queries import LICENCE
from buurtbegroot.figures.domain.money import Division, Split
from buurtbegroot.figures.queries import Facts, Row, Table
from buurtbegroot.population.domain.people import Measure
from buurtbegroot.tables.columns import Batch, Cell, Kind, in_batches
from buurtbegroot.tables.files import MACHINE, Told
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import long_datetime

NAME = "cijfers"
ENDINGS = (".csv", ".xlsx", MACHINE)
DIVIDED = {
    Division.BY_PLAN: _l("Gelijk over de punten van elk plan, anders over die van de ronde. Elke euro telt één keer."),
    Division.BY_ROUND: _l("Gelijk over de punten van de ronde. Elke euro telt één keer."),
}


COLUMNS = (
    column("gebied", Kind.TEXT, head=_l("Waar"), about=_l("Het gebied waarover de vraag gaat.")),
    column("vanJaar", Kind.NUMBER, head=_l("Van jaar"),
        about=_l("Het jaar van een ronde is dat waarin de stemming begint.")),
    column("totEnMetJaar", Kind.NUMBER, head=_l("Tot en met"), about=_l("Het laatste jaar dat meetelt.")),
    column("verdeeldOver", Kind.CODE, head=_l("Verdeeld over"), about=_l("Wat een rij is.")),
    column("code", Kind.CODE, head=_l("Code"), about=_l("De code van het gebied, het nummer van het punt, of de naam."
        " Leeg voor geld dat niet bij één gebied, thema of punt hoort.")),
    column("naam", Kind.TEXT, head=_l("Naam"), about=_l("Zo heet de rij op de pagina.")),
    column("teVerdelenEur", Kind.EUROS, head=_l("Te verdelen"),
        about=_l("Geld van rondes waarvan de stemming begon. Leeg als er geen is."), adds=True),
    column("toegekendEur", Kind.EUROS, head=_l("Toegekend"),
        about=_l("Geld voor plannen, uit vastgestelde uitslagen. Leeg zolang er geen uitslag is."), adds=True),
    column("inwoners", Kind.NUMBER, head=_l("Inwoners"), about=_l("Leeg als het aantal niet bekend is.")),
    column("huishoudens", Kind.NUMBER, head=_l("Huishoudens"), about=_l("Leeg als het aantal niet bekend is.")),
    column("toegekendPerInwonerEur", Kind.EUROS, head=_l("Toegekend per inwoner"),
        about=_l("Afgerond op centen. Leeg bij minder dan 1.000 inwoners, of als hun aantal niet bekend is.")),
    column("toegekendPerHuishoudenEur", Kind.EUROS, head=_l("Toegekend per huishouden"),
        about=_l("Afgerond op centen. Leeg bij minder dan 1.000 inwoners, of als een aantal niet bekend is.")),
    column("peildatumInwoners", Kind.DAY, head=_l("Inwoners geteld op"),
        about=_l("De dag waarop de aantallen golden.")),
    column("bronInwoners", Kind.TEXT, head=_l("Bron van de inwoners"), about=_l("Wie ze telde.")),
    column("verdelingPunten", Kind.TEXT, head=_l("Zo is het geld verdeeld"),
        about=_l("Hoe geld over akkoordpunten verdeeld is. Alleen bij akkoordpunten.")),
)  # fmt: skip


def told(table: Table, found: Facts, *, url: str, now: datetime) -> Told:
    """Return the table as its files tell it; its columns of euros add up to the totals."""

    def read(_with_places: bool) -> Iterator[Batch]:
        return in_batches((_cells(found, table.split, row) for row in table.rows), len(COLUMNS))

    about = _("Geld van buurtbegroten in %(area)s.", area=found.question.area.name)
    facts = {
        _("Gegevens"): about,
        _("Gemaakt op"): long_datetime(now),
        _("De nieuwste"): url,
        _("Lege vakjes"): _("Leeg betekent: niet bekend, of niet openbaar. Dat is geen nul."),
        _("Licentie"): str(LICENCE),
    }
    if table.split is Split.POINTS:
        facts[_("Zo is het geld verdeeld")] = str(DIVIDED[found.question.division])
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Told(
        name=NAME,
        title=_("Cijfers"),
        about=about,
        columns=COLUMNS,
        read=read,
        has_places=False,
        facts=facts,
        made_at=made_at,
    )


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
