"""Tables of plans: the plan, its cost lines, accord points and the decisions on it."""

from collections.abc import Container
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.accounts.models import User
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Cents, Id, Model, Versioned
from buurtbegroot.guards import ALWAYS, Guard, any_changed, attach_guards
from buurtbegroot.rounds.models import FROZEN_TEXT, OPENED, Round, Theme, frozen
from buurtbegroot.vouching import Part, Thing, vouch


class ProposalStatus(StrEnum):
    """Where a plan stands up to the ballot; what the count did with it is read from the tally."""

    CONCEPT = "concept"
    SUBMITTED = "submitted"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class OffBallot(StrEnum):
    """What no table says of an admitted plan, but the trusted values of its vote."""

    WITHDRAWN = "withdrawn_from_ballot"


PlanState = ProposalStatus | OffBallot

PUBLIC_STATUSES = (ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED, ProposalStatus.REFUSED, ProposalStatus.WITHDRAWN)


class Judged(Protocol):
    """A plan as far as it tells how it stands."""

    @property
    def id(self) -> int:
        """Its number in the database."""

    @property
    def status(self) -> PlanState:
        """Its status in the database."""


def state_of(plan: Judged, off_ballot: Container[int]) -> PlanState:
    """Return how a plan stands; `off_ballot` has the ids of those that were taken off the open ballot."""
    return OffBallot.WITHDRAWN if plan.id in off_ballot else plan.status


class Proposal(Versioned, Model):
    """A plan in a round. `estimate_cents` is the resident's own sum, `cost_cents` what was checked (0: not yet).

    `number` is the fixed lot number within the round, given on submission (0: a concept, not submitted yet).
    `buurt_code` is empty when the plan is for the whole area of the round. `search` is the folded text that a search
    looks in. A plan on the ballot is one that is admitted when the vote is opened.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_round_id_number",
            "round_id",
            "number",
            unique=True,
            sqlite_where=text("number > 0"),
            postgresql_where=text("number > 0"),
        ),
        CheckConstraint("status = 'concept' OR number > 0", name="submitted_has_number"),
        CheckConstraint("estimate_cents >= 0", name="estimate_not_negative"),
        CheckConstraint("cost_cents >= 0", name="cost_not_negative"),
        CheckConstraint("status <> 'admitted' OR cost_cents > 0", name="admitted_has_cost"),
        Index("ix_proposal_round_id_status", "round_id", "status"),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    search: Mapped[str] = mapped_column(Text, default="")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    buurt_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    place: Mapped[str] = mapped_column(String(120), default="")
    scene: Mapped[str] = mapped_column(String(20), default="")
    help_wanted: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    author_name: Mapped[str] = mapped_column(String(80), default="")
    language: Mapped[str] = mapped_column(String(8), default="nl")
    status: Mapped[ProposalStatus] = mapped_column(default=ProposalStatus.CONCEPT)
    estimate_cents: Mapped[Cents] = mapped_column(default=0)
    cost_cents: Mapped[Cents] = mapped_column(default=0)
    source_key: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    round: Mapped[Round] = relationship()
    theme: Mapped[Theme | None] = relationship()
    buurt: Mapped[Area | None] = relationship()
    author: Mapped[User | None] = relationship()
    lines: Mapped[list["CostLine"]] = relationship(order_by="CostLine.position", cascade="all, delete-orphan")
    points: Mapped[list[Point]] = relationship(secondary="proposal_point", order_by=Point.number)
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.id", cascade="all, delete-orphan")

    @property
    def price_cents(self) -> int:
        """The checked cost, or the resident's estimate as long as nothing was checked."""
        return self.cost_cents or self.estimate_cents


class CostLine(Model):
    """One line of the resident's sum: how many of what, at how many cents each, and who says so.

    A yearly line is upkeep: its quantity counts years.
    """

    __tablename__ = "cost_line"
    __table_args__ = (
        UniqueConstraint("proposal_id", "position"),
        CheckConstraint("quantity > 0", name="some"),
        CheckConstraint("unit_cents >= 0", name="not_negative"),
    )

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    position: Mapped[int]
    what: Mapped[str] = mapped_column(String(120))
    quantity: Mapped[int]
    unit_cents: Mapped[Cents]
    source: Mapped[str] = mapped_column(String(300), default="")
    yearly: Mapped[bool] = mapped_column(default=False)

    @property
    def cents(self) -> int:
        """What the line costs, all years of upkeep together."""
        return self.quantity * self.unit_cents


class ProposalPoint(Model):
    """This plan carries out this accord point."""

    __tablename__ = "proposal_point"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("akkoord_point.id"), primary_key=True, index=True)


class Criterion(StrEnum):
    """The questions that every plan is checked against, known beforehand."""

    BUDGET = "budget"
    COMPETENCE = "competence"
    LAW = "law"
    OWNER = "owner"
    YEAR = "year"
    NEW = "new"
    SUPPORT = "support"
    AIM = "aim"
    OPEN = "open"
    ONCE = "once"


class Answer(StrEnum):
    """What the check said to one question."""

    YES = "yes"
    ADJUST = "adjust"
    NO = "no"


class Decision(Model):
    """Admitted or refused, why, and by whom; a later decision replaces an earlier one and both stay readable.

    `answers` holds an Answer for each Criterion that was looked at; `cost_cents` is the checked cost, 0 if unknown.
    """

    __tablename__ = "decision"

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    admitted: Mapped[bool]
    cost_cents: Mapped[Cents] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime]


# What no program can change any more of a public plan once the vote of its round was opened.
MAKER = ("author_id", "author_name")
"""Who made a plan goes with the account, also later; it never becomes somebody else."""
PLAN_COLUMNS = tuple(each.name for each in Proposal.__table__.columns if each.name not in ("version", *MAKER))
STAYS = "append-only: a decision on a plan stays"
_OTHER_MAKER = (
    "(NEW.author_id IS NOT NULL AND NEW.author_id IS DISTINCT FROM OLD.author_id)"
    " OR (NEW.author_name <> '' AND NEW.author_name <> OLD.author_name)"
)


def _fixed(row: str) -> str:
    """Say in SQL that a row belongs to a public plan whose round was opened."""
    return (
        "EXISTS (SELECT 1 FROM proposal JOIN round ON round.id = proposal.round_id"  # noqa: S608 - our own text
        f" WHERE proposal.id = {row}.proposal_id AND proposal.status <> 'concept' AND {OPENED})"
    )


def _with_plan(table: str) -> list[Guard]:
    """Guard the rows of a table that belong to such a plan, or would."""
    return [
        Guard(table, "INSERT", _fixed("NEW"), FROZEN_TEXT),
        Guard(table, "UPDATE", f"{_fixed('OLD')} OR {_fixed('NEW')}", FROZEN_TEXT),
        Guard(table, "DELETE", _fixed("OLD"), FROZEN_TEXT),
    ]


attach_guards(
    Model.metadata,
    (
        *frozen(
            "proposal", only="{row}.status <> 'concept' AND ", changes=f"{any_changed(PLAN_COLUMNS)} OR {_OTHER_MAKER}"
        ),
        *_with_plan("cost_line"),
        *_with_plan("proposal_point"),
        Guard("decision", "INSERT", _fixed("NEW"), FROZEN_TEXT),
        Guard("decision", "UPDATE", ALWAYS, STAYS),
        Guard("decision", "DELETE", ALWAYS, STAYS),
    ),
)
vouch(
    Model.metadata,
    Thing(kind="proposal", name=Proposal.id, id=Proposal.id, public=Proposal.status != ProposalStatus.CONCEPT),
    Part(kind="proposal", table=Proposal.__table__, key="id", without=("version", *MAKER)),
    *(Part(kind="proposal", table=each.__table__, key="proposal_id") for each in (CostLine, ProposalPoint, Decision)),
)
