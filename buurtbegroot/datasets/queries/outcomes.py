"""The data set of outcomes: what the count did with each plan, once that is final."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.rules import Ruleset, from_json
from buurtbegroot.core.tally.document import Document, document_from
from buurtbegroot.core.tally.trace import WINNING
from buurtbegroot.datasets.domain.description import Absent, DataSet, Filter, column
from buurtbegroot.datasets.queries.scope import (
    BEGAN,
    LIES,
    OF_PLAN,
    OF_ROUNDS,
    WHERE_PLAN,
    WITH_LIES,
    in_plans,
    year_of,
)
from buurtbegroot.proposals.models import OffBallot, Proposal
from buurtbegroot.proposals.words import STATUS_CHIPS, VERDICTS
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.rules.words import METHOD_NAMES, REST_NAMES
from buurtbegroot.tables.columns import Cell, Kind
from buurtbegroot.tally.models import Tally
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

WORDS = {verdict: chip.text for verdict, chip in VERDICTS.items()} | {
    OffBallot.WITHDRAWN: STATUS_CHIPS[OffBallot.WITHDRAWN].text
}


class _Plan(NamedTuple):
    """A plan of a certified round as a row of the statement."""

    round_id: int
    slug: str
    began: Any
    district: str | None
    plan_id: int
    number: int
    title: str
    language: str


def _tell(session: Session, rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    """Yield the wanted plans of each round by pot and rank; those withdrawn during the vote come last, without them."""
    for round_id, plans in groupby(map(_Plan._make, rows), key=lambda row: row.round_id):
        yield from _of_round(session, round_id, {plan.plan_id: plan for plan in plans})


def _of_round(session: Session, round_id: int, plans: Mapping[int, _Plan]) -> Iterator[Sequence[Cell]]:
    counted = select(Tally.trace, Round.rules, Tally.trace_hash, func.nullif(Round.note, ""))
    joined = counted.join(Round, Round.id == Tally.round_id).where(Tally.round_id == round_id)
    trace, rules_of, trace_hash, note = session.execute(joined).one()
    document, rules = document_from(trace), from_json(rules_of)
    after = (rules.counting.method.value, rules.counting.rest.value, trace_hash, note)
    for plan_id, *told in (*_judged(document, rules), *_gone(document)):
        if plan_id in plans:
            plan = plans[plan_id]
            named = (plan_id, plan.number, plan.title, plan.language)
            yield (plan.slug, year_of(plan.began), plan.district, *named, *told, *after)


def _judged(document: Document, rules: Ruleset) -> Iterator[tuple[Any, ...]]:
    names = {pot.id: pot.name for pot in rules.pots}
    for outcome in document.outcomes:
        steps = {step.judgement.plan: step for step in outcome.steps}
        for one in outcome.judgements:
            step = steps.get(one.plan)
            turn = (step.number, step.left_after_cents) if step else (None, None)
            won = one.verdict in WINNING
            told = (one.votes, one.rank, won, one.verdict.value, one.cost_cents, one.awarded_cents)
            yield (one.plan, names[outcome.pot], *told, *turn)


def _gone(document: Document) -> Iterator[tuple[Any, ...]]:
    costs = {plan.id: plan.cost_cents for plan in document.plans}
    for one in document.withdrawn:
        yield one.plan, None, one.votes, None, False, OffBallot.WITHDRAWN.value, costs[one.plan], 0, None, None


_PLAN: tuple[Any, ...] = (
    Round.id, Round.slug, BEGAN, OF_PLAN, Proposal.id, Proposal.number, Proposal.title, Proposal.language,
)  # fmt: skip

DATA_SET = DataSet(
    name="uitslag",
    order=50,
    title=_l("Uitslag"),
    short=_l("Stemmen, rang en geld van elk plan"),
    about=_l("Wat de telling met elk plan deed, van alle rondes met een vastgestelde uitslag."),
    counted=lambda number: ngettext("%(num)s uitkomst", "%(num)s uitkomsten", number),
    source=select(*_PLAN)
    .join(Tally, Tally.round_id == Round.id)
    .join(Proposal, Proposal.round_id == Round.id)
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .where(HAS_PUBLIC_OUTCOME)
    .order_by(Round.id, Proposal.id),
    within=in_plans,
    filters=OF_ROUNDS | {Filter.AREA},
    tell=_tell,
    first=("titel", "rondeId", "stemmen", "rang", "uitkomst", "toegekendEur"),
    absent=(
        (Absent.NOT_PUBLIC, _l("Uitslagen die nog niet zijn vastgesteld.")),
        (Absent.UNKNOWN, _l("Volgorde en rest bij telregels die plannen niet één voor één bekijken.")),
    ),
    fields=(
        *WHERE_PLAN,
        column("planId", Kind.NUMBER, head=_l("Plan"), about=_l("Vast nummer. Verandert nooit.")),
        column("nummer", Kind.NUMBER, head=_l("Nummer"), about=_l("Het nummer in de ronde.")),
        column("titel", Kind.TEXT, language="taal", head=_l("Titel"), about=_l("Zoals de maker hem schreef.")),
        column("taal", Kind.CODE, head=_l("Taal"), about=_l("De taal van titel en samenvatting.")),
        column("pot", Kind.TEXT, head=_l("Pot"), about=_l("Leeg als het plan tijdens het stemmen is teruggetrokken.")),
        column("stemmen", Kind.NUMBER, head=_l("Stemmen"), about=_l("Op zo veel stembiljetten staat het."), adds=True),
        column("rang", Kind.NUMBER, head=_l("Rang"), about=_l("De plaats in de pot.")),
        column("gekozen", Kind.YES_NO, head=_l("Gekozen"), about=_l("Of het plan geld krijgt.")),
        column("uitkomst", Kind.CODE, codes=WORDS, head=_l("Uitkomst"), about=_l("Waarom wel of niet.")),
        column("kostenEur", Kind.EUROS, head=_l("Kosten"), about=_l("Zoals ze op het stembiljet stonden."), adds=True),
        column("toegekendEur", Kind.EUROS, head=_l("Toegekend"), about=_l("Nul betekent: geen geld."), adds=True),
        column("volgordeInTelling", Kind.NUMBER, head=_l("Stap"), about=_l("De laatste stap die het plan bekeek.")),
        column("restNaEur", Kind.EUROS, head=_l("Rest daarna"), about=_l("Wat na die stap in de pot zat.")),
        column("telregel", Kind.CODE, codes=METHOD_NAMES, head=_l("Telregel"), about=_l("Hoe er is geteld.")),
        column("restregel", Kind.CODE, codes=REST_NAMES, head=_l("Restregel"), about=_l("Wat niet past, gaat zo.")),
        column("uitslagHash", Kind.CODE, head=_l("Controlecode"), about=_l("De SHA-256 van de hele telling.")),
        column("opmerking", Kind.TEXT, head=_l("Opmerking"), about=_l("Wat aan de ronde nagebouwd of bedacht is.")),
    ),
)
