"""What is told of one plan, as plain values: equal for equal plans, so that what is made of it can be kept."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.models import Point
from buurtbegroot.core.standing import Stage
from buurtbegroot.proposals.domain.drafts import Texts
from buurtbegroot.proposals.models import CostLine, Decision, Proposal, ProposalPoint, ProposalStatus
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.proposals.queries import LARGEST_NUMBER


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
    """A decision on the plan; `answers` are (criterion, answer), `revision` is the version that was read, if known."""

    admitted: bool
    cost_cents: int
    reason: str
    answers: tuple[tuple[str, str], ...]
    decided_at: datetime
    revision: int | None


class RevisionFacts(NamedTuple):
    """A version of the plan without its texts; `changed` names the parts that differ from the one before."""

    id: int
    number: int
    saved_at: datetime
    author_name: str
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanFacts(Texts):
    """A plan; `buurt` is the name, None for the whole area, and `price_cents` the checked cost or else the estimate.

    `hidden_at` says since when its words are hidden, and `hidden_because` why; they are not here then. `revisions` are
    its last versions, the newest first.
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
    revisions: tuple[RevisionFacts, ...]


MADE = {"buurt", "theme", "round", "lines", "points", "decisions", "revisions"}
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
LAST_REVISIONS = 3
ABOUT_REVISION = (
    ProposalRevision.id,
    ProposalRevision.number,
    ProposalRevision.saved_at,
    ProposalRevision.author_name,
    ProposalRevision.changed,
)
REVISIONS = select(*ABOUT_REVISION).where(ProposalRevision.proposal_id == bindparam("plan"))
NEWEST = REVISIONS.order_by(ProposalRevision.number.desc())
_DECIDED = (
    Decision.admitted,
    Decision.cost_cents,
    Decision.reason,
    Decision.answers,
    Decision.decided_at,
    Decision.revision,
)
_LATEST = NEWEST.limit(LAST_REVISIONS).subquery()
PAST = union_all(
    select(Decision.id.label("row"), *_DECIDED, *(cast(null(), each.type) for each in ABOUT_REVISION)).where(
        Decision.proposal_id == bindparam("plan")
    ),
    select(_LATEST.c.id, *(cast(null(), each.type) for each in _DECIDED), *_LATEST.c),
).order_by("row")
"""The decisions and the last versions in one statement, each with nothing in the place of the other's values."""
OF_DECISION = 1 + len(_DECIDED)


def plan_facts(session: Session, proposal: Proposal, stage: Stage) -> PlanFacts:
    """Return what is told of a plan whose round, theme and buurt are there already; three queries."""
    key = {"plan": proposal.id}
    past = session.execute(PAST, key).all()
    own = {name: getattr(proposal, name) for name in OWN}
    theme = proposal.theme
    return PlanFacts(
        **own,
        buurt=proposal.buurt.name if proposal.buurt else None,
        theme=ThemeFacts(theme.name, theme.scene) if theme else None,
        round=_round_facts(proposal, stage),
        lines=tuple(LineFacts(*row) for row in session.execute(LINES, key)),
        points=tuple(PointFacts(*row) for row in session.execute(POINTS, key)),
        decisions=tuple(_decision(*row[1:OF_DECISION]) for row in past if row[OF_DECISION] is None),
        revisions=tuple(_revision(*row[OF_DECISION:]) for row in reversed(past) if row[OF_DECISION] is not None),
    )


def _decision(*values: Any) -> DecisionFacts:
    admitted, cents, reason, answers, decided_at, revision = values
    return DecisionFacts(admitted, cents, reason, tuple(answers.items()), decided_at, revision)


def _revision(*values: Any) -> RevisionFacts:
    id_, number, saved_at, author_name, changed = values
    return RevisionFacts(id_, number, saved_at, author_name, tuple(changed.split()))


def facts_of(proposal: Proposal) -> dict[str, Any]:
    """Return what every event about a public plan says of it."""
    return {
        "object": proposal.key,
        "points": proposal.accord,
        "round": proposal.round.slug,
        "number": proposal.number,
        "title": proposal.title,
        "language": proposal.language,
    }


def last_revision(session: Session, proposal_id: int) -> ProposalRevision | None:
    """Return the newest version of a plan; None of a concept."""
    rows = select(ProposalRevision).where(ProposalRevision.proposal_id == proposal_id)
    return session.scalars(rows.order_by(ProposalRevision.number.desc()).limit(1)).one_or_none()


def revision_of(session: Session, proposal_id: int, number: int) -> ProposalRevision | None:
    """Return a version of a plan by its number, or None."""
    key = (ProposalRevision.proposal_id == proposal_id, ProposalRevision.number == number)
    return session.scalars(select(ProposalRevision).where(*key)).one_or_none() if number <= LARGEST_NUMBER else None


def revisions_of(session: Session, proposal_id: int, *, most: int, skipped: int = 0) -> Sequence[RevisionFacts]:
    """Return versions of a plan without their texts, the newest first."""
    rows = session.execute(NEWEST.limit(most).offset(skipped), {"plan": proposal_id})
    return [_revision(*row) for row in rows]


def number_of_revisions(session: Session, proposal_id: int) -> int:
    """Return how many versions a plan has, which is the number of the last one; 0 of a concept."""
    counted = select(func.max(ProposalRevision.number)).where(ProposalRevision.proposal_id == proposal_id)
    return session.scalar(counted) or 0


def _round_facts(proposal: Proposal, stage: Stage) -> RoundFacts:
    it = proposal.round
    return RoundFacts(it.slug, it.title, it.note, stage, it.opened_at, it.certified_at)
