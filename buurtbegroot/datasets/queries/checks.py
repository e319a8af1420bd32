"""The data set of feasibility: what each check said to each question that every plan is asked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
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
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Decision, Proposal
from buurtbegroot.proposals.words import ANSWERS, QUESTIONS
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.tables.columns import Cell, Kind
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

PLAN: tuple[Any, ...] = (Proposal.id, Round.slug, BEGAN, OF_PLAN, Decision.answers)
DECIDED: tuple[Any, ...] = (
    Decision.admitted,
    Decision.cost_cents,
    Decision.revision,
    Decision.decided_at,
    Decision.reason,
)


def _tell(_session: Session, rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    """Yield a row for each question that was answered, in the order of the questions, or one row without any."""
    for plan, slug, began, district, answers, admitted, cents, revision, moment, reason in rows:
        before = (plan, slug, year_of(began), district)
        after = (admitted, cents or None, revision, moment, reason or None)
        given = answers or {}
        asked: list[tuple[Any, Any]] = [(each.value, given[each.value]) for each in Criterion if each.value in given]
        for question, answer in asked or [(None, None)]:
            yield (*before, question, answer, *after)


DATA_SET = DataSet(
    name="haalbaarheid",
    order=40,
    title=_l("Haalbaarheid"),
    short=_l("Elke vraag van de controle met het antwoord"),
    about=_l("Wat de controle van elk plan opleverde: per vraag één rij. Ook eerdere controles staan erin."),
    counted=lambda number: ngettext("%(num)s antwoord", "%(num)s antwoorden", number),
    source=select(*PLAN, *DECIDED)
    .join(Proposal, Proposal.id == Decision.proposal_id)
    .join(Round, Round.id == Proposal.round_id)
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .where(Round.published_at.is_not(None), Proposal.status.in_(PUBLIC_STATUSES))
    .order_by(Proposal.id, Decision.id),
    within=in_plans,
    filters=OF_ROUNDS | {Filter.AREA},
    tell=_tell,
    is_steady=True,
    first=("planId", "rondeId", "criterium", "oordeel", "toegelaten", "datum"),
    absent=(
        (Absent.PERSONAL, _l("Namen van wie controleerde.")),
        (Absent.UNKNOWN, _l("Vragen waarop de controle geen antwoord gaf.")),
    ),
    fields=(
        column("planId", Kind.NUMBER, head=_l("Plan"), about=_l("Vast nummer.")),
        *WHERE_PLAN,
        column(
            "criterium",
            Kind.CODE,
            codes=QUESTIONS,
            head=_l("Vraag"),
            about=_l("Leeg als bij het besluit geen vragen zijn bewaard."),
        ),
        column("oordeel", Kind.CODE, codes=ANSWERS, head=_l("Antwoord"), about=_l("Wat de controle antwoordde.")),
        column("toegelaten", Kind.YES_NO, head=_l("Mag meedoen"), about=_l("Wat er over het plan werd besloten.")),
        column("getoetstEur", Kind.EUROS, head=_l("Gecontroleerde kosten"), about=_l("Leeg als ze onbekend zijn.")),
        column("versie", Kind.NUMBER, head=_l("Versie"), about=_l("De versie van het plan die is gelezen.")),
        column("datum", Kind.MOMENT, head=_l("Datum"), about=_l("Wanneer het besluit is genomen.")),
        column("toelichting", Kind.TEXT, head=_l("Toelichting"), about=_l("De reden bij het besluit.")),
    ),
)
