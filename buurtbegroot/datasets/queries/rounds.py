"""The data set of rounds: dates, money, rules, turnout."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, case, cast, func, select
from sqlalchemy.orm import aliased

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.rules import Ruleset, from_json
from buurtbegroot.core.standing import standing_at
from buurtbegroot.datasets.domain.description import NOW, Absent, DataSet, Named, column
from buurtbegroot.datasets.queries.scope import (
    LIES,
    OF_ROUNDS,
    POINTS,
    WHERE,
    WITH_LIES,
    in_rounds,
    points_of_round,
    window,
)
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.rounds.models import PhaseWindow, Pot, Round, RoundArea
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, MOMENTS
from buurtbegroot.rounds.words import PHASE_NAMES
from buurtbegroot.rules.words import BALLOT_NAMES, METHOD_NAMES, REST_NAMES, TIE_NAMES
from buurtbegroot.tables.columns import Kind
from buurtbegroot.tables.suppression import SMALLEST_GROUP
from buurtbegroot.tally.models import Tally
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

OWNER = aliased(Area, name="owner")
PHASES = tuple(Phase)
CODES = Tally.figures["codes"].as_integer()
KNOWN_VOTERS = case((Tally.valid_ballots >= SMALLEST_GROUP, Tally.valid_ballots))
KNOWN_CODES = case((CODES >= SMALLEST_GROUP, CODES))


class _Moments(NamedTuple):
    published_at: Any
    opened_at: Any
    closed_at: Any
    certified_at: Any
    envelopes: Any


def _phase(now: Any, *moments: Any) -> str:
    acts, windows = _Moments(*moments[: len(MOMENTS)]), moments[len(MOMENTS) :]
    pairs = zip(PHASES, windows[::2], windows[1::2], strict=True)
    schedule = tuple(Window(phase, begins, ends) for phase, begins, ends in pairs if begins)
    return standing_at(schedule, acts, now).phase.value


def turnout(codes: int | None, voters: int | None) -> Decimal | None:
    """Return which part of the codes voted, in percent; None for few people, or when codes only count the ballots."""
    if codes is None or voters is None or not codes > voters >= SMALLEST_GROUP:
        return None
    return Decimal(voters) * 100 / codes


def _rule(take: Callable[[Ruleset], Any]) -> Callable[[str], Any]:
    """Return how something is read out of the rules of a round; None as long as it has none."""
    return lambda rules: take(from_json(rules)) if rules else None


_WINDOWS = [window(phase, at) for phase in PHASES for at in (PhaseWindow.begins_at, PhaseWindow.ends_at)]
_BUDGET = (
    select(cast(func.sum(Pot.cents), BigInteger)).where(Pot.round_id == Round.id).correlate(Round).scalar_subquery()
)
_BUURTEN = (
    select(func.aggregate_strings(RoundArea.area_code, " "))
    .where(RoundArea.round_id == Round.id)
    .correlate(Round)
    .scalar_subquery()
)
_PLANS = (
    select(func.count())
    .where(Proposal.round_id == Round.id, Proposal.status.in_(PUBLIC_STATUSES))
    .correlate(Round)
    .scalar_subquery()
)


SUBMISSION, VOTING = (
    [window(phase, at) for at in (PhaseWindow.begins_at, PhaseWindow.ends_at)]
    for phase in (Phase.SUBMISSION, Phase.VOTING)
)


_FIELDS = (
    column("rondeId", Kind.CODE, Round.slug, head=_l("Code van de ronde"), about=_l("De naam in adressen.")),
    *WHERE[1:],
    column("naam", Kind.TEXT, Round.title, head=_l("Naam"), about=_l("Zoals de coördinator hem schreef.")),
    column("gebiedCode", Kind.CODE, OWNER.code, head=_l("Code van het gebied"), about=_l("Van wie de ronde is.")),
    column("gebied", Kind.TEXT, OWNER.name, head=_l("Gebied"), about=_l("De naam bij die code.")),
    column("buurtCodes", Kind.CODES, _BUURTEN, made=lambda listed: tuple(sorted(listed.split())) if listed else None,
        named=Named.AREA, head=_l("Buurten"),
        about=_l("De buurten die meedoen. In bestanden voor programma's: hun codes.")),
    POINTS(points_of_round(), about=_l("De punten van het akkoord die de ronde uitvoert. In bestanden voor programma's:"
        " welk akkoord, en het nummer.")),
    column("budgetEur", Kind.EUROS, _BUDGET, head=_l("Te verdelen"),
        about=_l("Alle potten van de ronde samen. Leeg zolang er geen pot is."), adds=True),
    column("toegekendEur", Kind.EUROS, Tally.spent_cents, head=_l("Toegekend"),
        about=_l("Wat de plannen samen kregen. Leeg tot de uitslag is vastgesteld."), adds=True),
    column("fase", Kind.CODE, NOW, *MOMENTS, *_WINDOWS, made=_phase, codes=PHASE_NAMES, head=_l("Fase"),
        about=_l("Hoe ver de ronde is op het moment van dit bestand.")),
    column("startIndienen", Kind.MOMENT, SUBMISSION[0], head=_l("Begin indienen"), about=_l("Eerste moment.")),
    column("eindIndienen", Kind.MOMENT, SUBMISSION[1], head=_l("Eind indienen"), about=_l("Tot dit moment.")),
    column("startStemmen", Kind.MOMENT, VOTING[0], head=_l("Begin stemmen"), about=_l("Eerste moment.")),
    column("eindStemmen", Kind.MOMENT, VOTING[1], head=_l("Eind stemmen"), about=_l("Tot dit moment.")),
    column("stemvorm", Kind.CODE, Round.rules, made=_rule(lambda rules: rules.ballot.type.value), codes=BALLOT_NAMES,
        head=_l("Stemvorm"), about=_l("Wat iemand op het stembiljet kan kiezen.")),
    column("minAantal", Kind.NUMBER, Round.rules, made=_rule(lambda rules: rules.ballot.whole.min_choices),
        head=_l("Minimaal aantal plannen"), about=_l("Zo veel plannen moet iemand minstens kiezen.")),
    column("maxAantal", Kind.NUMBER, Round.rules, made=_rule(lambda rules: rules.ballot.whole.max_choices),
        head=_l("Maximaal aantal plannen"), about=_l("Leeg als er geen maximum is.")),
    column("maxBedragEur", Kind.EUROS, Round.rules, made=_rule(lambda rules: rules.ballot.whole.max_cost_cents),
        head=_l("Maximaal bedrag"),
        about=_l("Wat de gekozen plannen samen mogen kosten. Leeg als er geen maximum is.")),
    column("telregel", Kind.CODE, Round.rules, made=_rule(lambda rules: rules.counting.method.value),
        codes=METHOD_NAMES, head=_l("Telregel"), about=_l("Hoe wordt bepaald welke plannen geld krijgen.")),
    column("restregel", Kind.CODE, Round.rules, made=_rule(lambda rules: rules.counting.rest.value), codes=REST_NAMES,
        head=_l("Restregel"), about=_l("Wat er gebeurt als een plan niet meer in het budget past.")),
    column("gelijkspelregel", Kind.CODES, Round.rules,
        made=_rule(lambda rules: tuple(key.value for key in rules.counting.ties)), codes=TIE_NAMES,
        head=_l("Bij gelijke stand"), about=_l("Wat voorgaat, in deze volgorde.")),
    column("minLeeftijd", Kind.NUMBER, Round.rules, made=_rule(lambda rules: rules.eligibility.minimum_age),
        head=_l("Vanaf leeftijd"), about=_l("Vanaf deze leeftijd mag iemand stemmen.")),
    column("aantalPlannen", Kind.NUMBER, _PLANS, head=_l("Plannen"), about=_l("Alle openbare plannen."), adds=True),
    column("aantalCodes", Kind.NUMBER, KNOWN_CODES, head=_l("Codes"),
        about=_l("Zo veel codes konden stemmen. Leeg tot de uitslag, en bij minder dan tien."), adds=True),
    column("aantalStemmers", Kind.NUMBER, KNOWN_VOTERS, head=_l("Stemmers"),
        about=_l("Zo veel stembiljetten telden mee. Leeg tot de uitslag, en bij minder dan tien."), adds=True),
    column("opkomstPct", Kind.PERCENT, KNOWN_CODES, KNOWN_VOTERS, made=turnout, head=_l("Opkomst"),
        about=_l("Stemmers van honderd codes. Leeg als er net zo veel codes als stembiljetten zijn.")),
    column("vastgesteldOp", Kind.MOMENT, case((HAS_PUBLIC_OUTCOME, Round.certified_at)), head=_l("Vastgesteld"),
        about=_l("Wanneer twee mensen de uitslag vaststelden.")),
    column("besluitUrl", Kind.TEXT, func.nullif(Round.decision_url, ""), head=_l("Besluit"),
        about=_l("Het adres van het besluit over het geld.")),
    column("opmerking", Kind.TEXT, func.nullif(Round.note, ""), head=_l("Opmerking"),
        about=_l("Wat aan deze ronde nagebouwd of bedacht is. Leeg als alles echt is.")),
)  # fmt: skip

DATA_SET = DataSet(
    name="rondes",
    order=10,
    title=_l("Rondes"),
    short=_l("Data, geld, regels en opkomst"),
    about=_l("Alle openbare rondes, met hun data, geld, regels en opkomst."),
    counted=lambda number: ngettext("%(num)s ronde", "%(num)s rondes", number),
    source=select(Round.id)
    .join(OWNER, OWNER.code == Round.owner_code)
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Tally, (Tally.round_id == Round.id) & HAS_PUBLIC_OUTCOME)
    .where(Round.published_at.is_not(None))
    .order_by(Round.id),
    within=in_rounds,
    filters=OF_ROUNDS,
    first=("naam", "jaar", "gebied", "fase", "budgetEur", "toegekendEur", "aantalStemmers"),
    hides=_l("Groepen van minder dan tien mensen: hun aantal en de opkomst zijn dan leeg."),
    absent=(
        (Absent.NOT_PUBLIC, _l("Rondes die nog niet openbaar zijn.")),
        (Absent.NOT_PUBLIC, _l("Aantallen stemmen voordat de uitslag is vastgesteld.")),
    ),
    fields=_FIELDS,
)
