"""What is told of one plan, as plain values: equal for equal plans, so that what is made of it can be kept."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.models import Point
from buurtbegroot.core.standing import Stage
from buurtbegroot.proposals.domain.drafts import Texts
from buurtbegroot.proposals.models import CostLine, Decision, Proposal, ProposalPoint, ProposalStatus


class RoundFacts(NamedTuple):
    """The round of a plan, and how far it is."""

    slug: str
    title: str
    note: str
    stage: Stage
    opened_at: datetime | None
    certified_at: datetime | None


class ThemeFacts(NamedTuple):
    """The subject of a plan and its drawing."""

    name: str
    scene: str


class LineFacts(NamedTuple):
    """A line of the maker's sum: so many of what, at so many cents each."""

    what: str
    quantity: int
    unit_cents: int
    source: str
    yearly: bool

    @property
    def cents(self) -> int:
        """What the line costs, all years of upkeep together."""
        return self.quantity * self.unit_cents


class PointFacts(NamedTuple):
    """A point of the accord that the plan carries out."""

    number: int
    title: str


class DecisionFacts(NamedTuple):
    """A decision on the plan; `answers` are (criterion, answer)."""

    admitted: bool
    cost_cents: int
    reason: str
    answers: tuple[tuple[str, str], ...]
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlanFacts(Texts):
    """A plan; `buurt` is the name, None for the whole area, and `price_cents` the checked cost or else the estimate.

    `hidden_at` says since when its words are hidden, and `hidden_because` why; they are not here then.
    """

    id: int
    number: int
    scene: str
    status: ProposalStatus
    estimate_cents: int
    cost_cents: int
    price_cents: int
    submitted_at: datetime | None
    changed_at: datetime
    hidden_at: datetime | None
    hidden_because: str | None
    buurt: str | None
    theme: ThemeFacts | None
    round: RoundFacts
    lines: tuple[LineFacts, ...]
    points: tuple[PointFacts, ...]
    decisions: tuple[DecisionFacts, ...]


MADE = {"buurt", "theme", "round", "lines", "points", "decisions"}
OWN = tuple(each.name for each in fields(PlanFacts) if each.name not in MADE)
LINES = (
    select(CostLine.what, CostLine.quantity, CostLine.unit_cents, CostLine.source, CostLine.yearly)
    .where(CostLine.proposal_id == bindparam("plan"))
    .order_by(CostLine.position)
)
POINTS = (
    select(Point.number, Point.title)
    .join(ProposalPoint, ProposalPoint.point_id == Point.id)
    .where(ProposalPoint.proposal_id == bindparam("plan"))
    .order_by(Point.number)
)
DECISIONS = (
    select(Decision.admitted, Decision.cost_cents, Decision.reason, Decision.answers, Decision.decided_at)
    .where(Decision.proposal_id == bindparam("plan"))
    .order_by(Decision.id)
)


def plan_facts(session: Session, proposal: Proposal, stage: Stage) -> PlanFacts:
    """Return what is told of a plan whose round, theme and buurt are there already; three queries."""
    key = {"plan": proposal.id}
    own = {name: getattr(proposal, name) for name in OWN}
    theme = proposal.theme
    return PlanFacts(
        **own,
        buurt=proposal.buurt.name if proposal.buurt else None,
        theme=ThemeFacts(theme.name, theme.scene) if theme else None,
        round=_round_facts(proposal, stage),
        lines=tuple(LineFacts(*row) for row in session.execute(LINES, key)),
        points=tuple(PointFacts(*row) for row in session.execute(POINTS, key)),
        decisions=tuple(
            DecisionFacts(admitted, cents, reason, tuple(answers.items()), decided_at)
            for admitted, cents, reason, answers, decided_at in session.execute(DECISIONS, key)
        ),
    )


def _round_facts(proposal: Proposal, stage: Stage) -> RoundFacts:
    it = proposal.round
    return RoundFacts(it.slug, it.title, it.note, stage, it.opened_at, it.certified_at)
