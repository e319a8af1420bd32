"""What people talk about, as who and with which stance, and the figures of a discussion."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.accounts.models import User
from buurtbegroot.database import Id, Model
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round


class Stance(StrEnum):
    """What somebody wants to say of a plan or a round; an answer takes no stance."""

    FOR = "voor"
    AGAINST = "tegen"
    QUESTION = "vraag"
    IDEA = "idee"
    ANSWER = "antwoord"


STANCES = (Stance.FOR, Stance.AGAINST, Stance.QUESTION, Stance.IDEA)
"""What a contribution can be that is no answer, in the order of pages."""


class Voice(StrEnum):
    """As who somebody speaks: it follows from the plan and from roles in its area, never from a name."""

    RESIDENT = "bewoner"
    MAKER = "maker"
    COORDINATOR = "coordinator"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


class About(NamedTuple):
    """What people talk about: a plan, or a round as a whole."""

    round: Round
    proposal: Proposal | None = None

    @property
    def key(self) -> str:
        """What the log calls it."""
        return self.proposal.key if self.proposal else self.round.key

    @property
    def points(self) -> tuple[str, ...]:
        """The accord points that it carries out."""
        return tuple(self.proposal.accord if self.proposal else (each.name for each in self.round.points))

    @property
    def makers(self) -> tuple[User, ...]:
        """Who made the plan; nobody of a round."""
        return self.proposal.makers if self.proposal else ()


class Thread(Model):
    """The discussion of a plan, or of a round: figures of what everyone can read of it by now (see `recount`).

    `open_questions` are among `questions`; `people` wrote at least one of all these. `quoted` are the contributions
    that are quoted on top. `asked_at` is when a question was last put, `told_at` when the makers last heard of one.
    """

    __tablename__ = "thread"
    __table_args__ = (
        Index(
            "uq_thread_round_id",
            "round_id",
            unique=True,
            sqlite_where=text("proposal_id IS NULL"),
            postgresql_where=text("proposal_id IS NULL"),
        ),
        Index("ix_thread_asked_at", "asked_at"),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    in_favour: Mapped[int] = mapped_column(default=0)
    against: Mapped[int] = mapped_column(default=0)
    questions: Mapped[int] = mapped_column(default=0)
    open_questions: Mapped[int] = mapped_column(default=0)
    ideas: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    quoted: Mapped[list[int]] = mapped_column(JSON, default=list)
    asked_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    @property
    def about(self) -> About:
        """What it is about."""
        return About(self.round, self.proposal)


FIGURES = ("in_favour", "against", "questions", "ideas")
"""The figures of the stances, in their order."""
