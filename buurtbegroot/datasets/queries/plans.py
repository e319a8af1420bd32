"""The data set of plans: where they are, what they cost, how they were judged and what became of them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, literal, select

from buurtbegroot.areas.domain.geometry import degrees
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.core.tally.trace import WINNING
from buurtbegroot.datasets.domain.description import NOW, OFF_BALLOT, Absent, Choice, DataSet, Filter, Named, column
from buurtbegroot.datasets.queries.scope import (
    LIES,
    OF_ROUNDS,
    POINTS,
    WHERE_PLAN,
    WITH_LIES,
    in_plans,
    of_plan,
    points_of_plan,
    points_of_round,
)
from buurtbegroot.discussion.queries.figures import counted_contributions
from buurtbegroot.proposals.models import (
    PUBLIC_STATUSES,
    Answer,
    CostLine,
    Decision,
    OffBallot,
    Proposal,
    ProposalStatus,
)
from buurtbegroot.proposals.words import QUESTIONS, STATUS_CHIPS
from buurtbegroot.rounds.models import Round, Theme
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.support.queries import counted_support
from buurtbegroot.tables.columns import Kind
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext


class Outcome(StrEnum):
    """What the count made of a plan, once that is final."""

    FUNDED = "funded"
    NOT_FUNDED = "not_funded"


STATE_WORDS = {
    ProposalStatus.SUBMITTED: STATUS_CHIPS[ProposalStatus.SUBMITTED].text,
    ProposalStatus.ADMITTED: STATUS_CHIPS[ProposalStatus.ADMITTED].text,
    ProposalStatus.REFUSED: STATUS_CHIPS[ProposalStatus.REFUSED].text,
    ProposalStatus.WITHDRAWN: STATUS_CHIPS[ProposalStatus.WITHDRAWN].text,
    OffBallot.WITHDRAWN: STATUS_CHIPS[OffBallot.WITHDRAWN].text,
    Outcome.FUNDED: _l("Krijgt geld"),
    Outcome.NOT_FUNDED: _l("Krijgt geen geld"),
}
"""How a plan stands, in the order in which it gets there."""


def _latest(what: Any) -> Any:
    """Select something of the last decision on a plan, NULL before the first."""
    own = select(what).where(Decision.proposal_id == Proposal.id).correlate(Proposal)
    return own.order_by(Decision.id.desc()).limit(1).scalar_subquery()


def _upkeep(figure: Any) -> Any:
    yearly = (CostLine.proposal_id == Proposal.id, CostLine.yearly.is_(True))
    return select(cast(figure, BigInteger)).where(*yearly).correlate(Proposal).scalar_subquery()


STATE: ColumnElement[str] = case(
    (Proposal.id.in_(OFF_BALLOT), literal(OffBallot.WITHDRAWN.value)),
    (PlanResult.verdict.in_([each.value for each in WINNING]), literal(Outcome.FUNDED.value)),
    (PlanResult.verdict.is_not(None), literal(Outcome.NOT_FUNDED.value)),
    else_=cast(Proposal.status, PlanResult.verdict.type),
)
SINCE = case(
    (PlanResult.verdict.is_not(None), Round.certified_at),
    (Proposal.status == ProposalStatus.WITHDRAWN, Proposal.changed_at),
    (Proposal.status == ProposalStatus.SUBMITTED, Proposal.submitted_at),
    else_=_latest(Decision.decided_at),
)
REFUSED = Proposal.status == ProposalStatus.REFUSED


def _grounds(answers: Any) -> Any:
    found = [name for name, answer in (answers or {}).items() if answer == Answer.NO.value]
    return tuple(sorted(found)) or None


def _within(choice: Choice) -> Iterable[ColumnElement[bool]]:
    yield from in_plans(choice)
    if choice.states:
        yield STATE.in_(choice.states)


_IN_ONE = _l(
    "Van de buurt van het plan, of anders waarin alle buurten van de ronde liggen. Leeg als die in meer liggen."
    " In bestanden voor programma's: de code."
)
_FIELDS = (
    column("planId", Kind.NUMBER, Proposal.id, head=_l("Plan"), about=_l("Vast nummer. Verandert nooit.")),
    *WHERE_PLAN,
    column("nummer", Kind.NUMBER, Proposal.number, head=_l("Nummer"), about=_l("Het nummer in de ronde.")),
    column("titel", Kind.TEXT, Proposal.title, language="taal", head=_l("Titel"),
        about=_l("Zoals de maker hem schreef.")),
    column("samenvatting", Kind.TEXT, func.nullif(Proposal.summary, ""), language="taal", head=_l("Samenvatting"),
        about=_l("Zoals de maker hem schreef.")),
    column("taal", Kind.CODE, Proposal.language, head=_l("Taal"), about=_l("De taal van titel en samenvatting.")),
    column("gebiedCode", Kind.CODE, of_plan(Level.GEBIED), named=Named.AREA, head=_l("Gebied"), about=_IN_ONE),
    column("wijkCode", Kind.CODE, of_plan(Level.WIJK), named=Named.AREA, head=_l("Wijk"), about=_IN_ONE),
    column("buurtCode", Kind.CODE, Proposal.buurt_code, head=_l("Code van de buurt"),
        about=_l("Leeg als het plan voor het hele gebied van de ronde is.")),
    column("buurt", Kind.TEXT, Area.name, head=_l("Buurt"), about=_l("De naam van de buurt.")),
    column("lengte", Kind.DEGREES, Area.x, Area.y, made=lambda x, y: None if x is None else degrees(x, y)[0],
        head=_l("Lengte"), about=_l("Van een punt midden in de buurt, niet van de plek zelf.")),
    column("breedte", Kind.DEGREES, Area.x, Area.y, made=lambda x, y: None if x is None else degrees(x, y)[1],
        head=_l("Breedte"), about=_l("Van een punt midden in de buurt, niet van de plek zelf.")),
    column("thema", Kind.TEXT, Theme.name, head=_l("Thema"), about=_l("Een thema van de ronde.")),
    POINTS(points_of_plan(), points_of_round(), about=_l("Gekozen door de maker, of anders die van de ronde."
        " In bestanden voor programma's: welk akkoord, en het nummer.")),
    column("aangevraagdEur", Kind.EUROS, func.nullif(Proposal.estimate_cents, 0), head=_l("Gevraagd"),
        about=_l("Som van de kosten die de maker opgaf."), adds=True),
    column("getoetstEur", Kind.EUROS, func.nullif(Proposal.cost_cents, 0), head=_l("Gecontroleerde kosten"),
        about=_l("Leeg zolang niemand het plan controleerde."), adds=True),
    column("toegekendEur", Kind.EUROS, PlanResult.awarded_cents, head=_l("Toegekend"),
        about=_l("Leeg tot de uitslag is vastgesteld. Nul betekent: geen geld."), adds=True),
    column("beheerEurPerJaar", Kind.EUROS, _upkeep(func.sum(CostLine.unit_cents)), head=_l("Onderhoud per jaar"),
        about=_l("Wat de maker opgaf voor onderhoud. Leeg als dat er niet is.")),
    column("beheerJaren", Kind.NUMBER, _upkeep(func.max(CostLine.quantity)), head=_l("Jaren onderhoud"),
        about=_l("Voor zo veel jaren zit onderhoud in de kosten.")),
    column("status", Kind.CODE, STATE, codes=STATE_WORDS, head=_l("Stand"),
        about=_l("Hoe het plan ervoor staat op het moment van dit bestand.")),
    column("statusDatum", Kind.MOMENT, SINCE, head=_l("Stand sinds"),
        about=_l("Wanneer het zo kwam te staan: ingediend, beoordeeld, ingetrokken of uitslag vastgesteld.")),
    column("grondAfwijzing", Kind.CODES, case((REFUSED, _latest(Decision.answers))), made=_grounds, codes=QUESTIONS,
        head=_l("Vragen met 'nee'"),
        about=_l("Op welke vragen van de controle het antwoord 'nee' was. Leeg als het plan niet is afgewezen.")),
    column("redenAfwijzing", Kind.TEXT, case((REFUSED, func.nullif(_latest(Decision.reason), ""))),
        head=_l("Reden van 'kan niet'"), about=_l("Wat het stadsdeel schreef toen het plan werd afgewezen.")),
    column("steun", Kind.NUMBER, counted_support(NOW), head=_l("Steun"),
        about=_l("Zo veel mensen steunen het plan. Leeg zolang de ronde dat geheim houdt.")),
    column("reacties", Kind.NUMBER, counted_contributions(), head=_l("Reacties"),
        about=_l("Zo veel reacties kan iedereen lezen, zonder de antwoorden."), adds=True),
    column("stemmen", Kind.NUMBER, PlanResult.votes, head=_l("Stemmen"),
        about=_l("Leeg tot de uitslag is vastgesteld."), adds=True),
    column("ingediendOp", Kind.MOMENT, Proposal.submitted_at, head=_l("Ingediend op"),
        about=_l("Moment van indienen, niet van opslaan.")),
)  # fmt: skip

DATA_SET = DataSet(
    name="plannen",
    order=20,
    title=_l("Plannen"),
    short=_l("Kosten, oordeel, plek en uitslag"),
    about=_l("Alle openbare plannen van bewoners. Met kosten, oordeel, plek en uitslag."),
    counted=lambda number: ngettext("%(num)s plan", "%(num)s plannen", number),
    source=select(Proposal.id)
    .join(Round, Round.id == Proposal.round_id)
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .outerjoin(Theme, Theme.id == Proposal.theme_id)
    .outerjoin(PlanResult, (PlanResult.proposal_id == Proposal.id) & HAS_PUBLIC_OUTCOME)
    .where(Round.published_at.is_not(None), Proposal.status.in_(PUBLIC_STATUSES))
    .order_by(Proposal.id),
    within=_within,
    filters=OF_ROUNDS | {Filter.AREA, Filter.STATE},
    state="status",
    first=("titel", "rondeId", "buurt", "status", "aangevraagdEur", "toegekendEur"),
    place=("lengte", "breedte"),
    absent=(
        (Absent.PERSONAL, _l("Namen van makers. Ook geen e-mailadressen en geen leeftijd.")),
        (Absent.NOT_PUBLIC, _l("Concepten. Een plan staat erin vanaf het moment van indienen.")),
        (Absent.NOT_PUBLIC, _l("Woorden die een moderator verborg.")),
        (Absent.UNKNOWN, _l("Kosten die niemand controleerde. Die vakjes zijn leeg. Leeg is geen nul.")),
    ),
    fields=_FIELDS,
)
