"""Tables of plans: the plan, its cost lines, accord points and the decisions on it."""

from collections.abc import Container, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    case,
    cast,
    literal,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.accounts.models import User
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Cents, Id, Model
from buurtbegroot.guards import ALWAYS, Guard, any_changed, attach_guards
from buurtbegroot.moderation.models import HIDING, Hideable, hiding
from buurtbegroot.proposals.domain.drafts import search_text
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


class Proposal(Hideable, Model):
    """A plan in a round. `estimate_cents` is the resident's own sum, `cost_cents` what was checked (0: not yet).

    What is `stored_…` is what the maker typed and chose; everyone reads it by the names without that word.

    `number` is the fixed lot number within the round, given on submission (0: a concept, not submitted yet).
    `buurt_code` is one of the buurten of the round, empty when the plan is for its whole area. `search` is the folded
    text that a search looks in. A plan on the ballot is one that is admitted when the vote is opened.
    """

    __tablename__ = "proposal"
    has_title = True
    __table_args__ = (
        ForeignKeyConstraint(["round_id", "buurt_code"], ["round_area.round_id", "round_area.area_code"]),
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
    stored_title: Mapped[str] = mapped_column("title", String(120))
    stored_summary: Mapped[str] = mapped_column("summary", String(300))
    stored_body: Mapped[str] = mapped_column("body", Text, default="")
    search: Mapped[str] = mapped_column(Text, default="")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    buurt_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    stored_place: Mapped[str] = mapped_column("place", String(120), default="")
    stored_scene: Mapped[str] = mapped_column("scene", String(20), default="")
    stored_help_wanted: Mapped[str] = mapped_column("help_wanted", String(300), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    stored_author_name: Mapped[str] = mapped_column("author_name", String(80), default="")
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
    lines: Mapped[list["CostLine"]] = relationship(
        order_by="CostLine.position", cascade="all, delete-orphan", back_populates="proposal"
    )
    points: Mapped[list[Point]] = relationship(secondary="proposal_point", order_by=Point.number)
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.id", cascade="all, delete-orphan")

    summary = hiding("stored_summary")
    body = hiding("stored_body")
    place = hiding("stored_place")
    scene = hiding("stored_scene")
    help_wanted = hiding("stored_help_wanted")
    author_name = hiding("stored_author_name")

    @hybrid_property
    def title(self) -> str:
        """The title as everyone reads it."""
        return self.called if self.hides_title else self.stored_title

    @title.inplace.setter
    def _set_title(self, value: str) -> None:
        self.stored_title = value

    @title.inplace.expression
    @classmethod
    def _title_in_sql(cls) -> ColumnElement[str]:
        number = literal("Plan ") + cast(cls.number, String)
        return case((cls.hides_title, number), else_=cls.stored_title)

    @property
    def key(self) -> str:
        """What the log calls this plan."""
        return f"proposal:{self.id}"

    @property
    def called(self) -> str:
        """The plan by its number, which says nothing of it."""
        return f"Plan {self.number}"

    @property
    def named(self) -> str:
        """The same within a sentence."""
        return f"plan {self.number}"

    @property
    def noun(self) -> str:
        """A plan."""
        return "proposal"

    @property
    def plan_and_round(self) -> tuple[int, str]:
        """Its number and its round."""
        return self.number, self.round.title

    @property
    def mailed_name(self) -> str:
        """The plan in a mail to its makers: its number, and its title as everyone reads it."""
        return str(self.number) if self.hides_title else f"{self.number} ({self.title})"

    @property
    def path(self) -> str:
        """The page of the plan."""
        return f"/plannen/{self.id}"

    @property
    def area(self) -> Area:
        """The area of the round."""
        return self.round.owner

    @property
    def makers(self) -> tuple[User, ...]:
        """Everybody who made the plan; nobody whose account is gone."""
        return (self.author,) if self.author else ()

    @property
    def accord(self) -> tuple[str, ...]:
        """The names of the points that the plan carries out, or else of those of its round."""
        return tuple(point.name for point in self.points or self.round.points)

    @property
    def hidden_words(self) -> tuple[str, ...]:
        """All that the maker typed."""
        typed = (self.stored_title, self.stored_summary, self.stored_body, self.stored_place, self.stored_help_wanted)
        lines = (each for line in self.lines for each in (line.stored_what, line.stored_source))
        return (*typed, self.stored_author_name, *lines)

    @property
    def quote(self) -> str:
        """The title and the summary."""
        return ": ".join(filter(None, (self.title, self.summary)))

    @property
    def written_at(self) -> datetime:
        """When it was last changed."""
        return self.changed_at

    @property
    def context(self) -> Sequence[tuple[str, str, str | None]]:
        """The round."""
        return ((self.round.title, f"/rondes/{self.round.slug}", None),)

    def follow(self) -> None:
        """Let a search look in what everyone may read."""
        self.search = search_text(self.title, self.summary, self.place)

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
    stored_what: Mapped[str] = mapped_column("what", String(120))
    quantity: Mapped[int]
    unit_cents: Mapped[Cents]
    stored_source: Mapped[str] = mapped_column("source", String(300), default="")
    yearly: Mapped[bool] = mapped_column(default=False)

    proposal: Mapped[Proposal] = relationship(back_populates="lines")
    what = hiding("stored_what")
    source = hiding("stored_source")

    @hybrid_property
    def hidden_at(self) -> datetime | None:
        """Since when the words of its plan are hidden."""
        return self.proposal.hidden_at

    @hidden_at.inplace.expression
    @classmethod
    def _hidden_in_sql(cls) -> ColumnElement[datetime | None]:
        return select(Proposal.hidden_at).where(Proposal.id == cls.proposal_id).scalar_subquery()

    @property
    def cents(self) -> int:
        """What the line costs, all years of upkeep together."""
        return self.quantity * self.unit_cents


class ProposalPoint(Model):
    """This plan carries out this accord point."""

    __tablename__ = "proposal_point"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("akkoord_point.id"), primary_key=True, index=True)


class Answer(StrEnum):
    """What the check said to one question."""

    YES = "yes"
    ADJUST = "adjust"
    NO = "no"


class Decision(Model):
    """Admitted or refused, why, and by whom; a later decision replaces an earlier one and both stay readable.

    `answers` holds an Answer for each Criterion that was looked at; `cost_cents` is the checked cost, 0 if unknown.
    `revision` is the number of the version of the plan that was read, empty if unknown.
    """

    __tablename__ = "decision"

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    admitted: Mapped[bool]
    cost_cents: Mapped[Cents] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    revision: Mapped[int | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime]


# What no program can change any more of a public plan once the vote of its round was opened.
MAKER = ("author_id", "author_name")
"""Who made a plan goes with the account, also later; it never becomes somebody else."""
HIDDEN = ("search", *HIDING)
"""What of its words shows is for moderators to say, whenever they must; a search follows that and nothing else."""
PLAN_COLUMNS = tuple(each.name for each in Proposal.__table__.columns if each.name not in ("version", *MAKER, *HIDDEN))
_OTHER_SEARCH = f"({any_changed(('search',))} AND NOT {any_changed(HIDING)})"
STAYS = "append-only: a decision on a plan stays"
OTHER_MAKER = (
    "(NEW.author_id IS NOT NULL AND NEW.author_id IS DISTINCT FROM OLD.author_id)"
    " OR (NEW.author_name <> '' AND NEW.author_name <> OLD.author_name)"
)


def fixed(row: str) -> str:
    """Say in SQL that a row belongs to a public plan whose round was opened."""
    return (
        "EXISTS (SELECT 1 FROM proposal JOIN round ON round.id = proposal.round_id"  # noqa: S608 - our own text
        f" WHERE proposal.id = {row}.proposal_id AND proposal.status <> 'concept' AND {OPENED})"
    )


def _with_plan(table: str) -> list[Guard]:
    """Guard the rows of a table that belong to such a plan, or would."""
    return [
        Guard(table, "INSERT", fixed("NEW"), FROZEN_TEXT),
        Guard(table, "UPDATE", f"{fixed('OLD')} OR {fixed('NEW')}", FROZEN_TEXT),
        Guard(table, "DELETE", fixed("OLD"), FROZEN_TEXT),
    ]


attach_guards(
    Model.metadata,
    (
        *frozen(
            "proposal",
            only="{row}.status <> 'concept' AND ",
            changes=f"{any_changed(PLAN_COLUMNS)} OR {OTHER_MAKER} OR {_OTHER_SEARCH}",
        ),
        *_with_plan("cost_line"),
        *_with_plan("proposal_point"),
        Guard("decision", "INSERT", fixed("NEW"), FROZEN_TEXT),
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
