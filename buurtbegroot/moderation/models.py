"""What makes the words of a table ones that can be hidden, and the tables of reports and of what came of them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    case,
    literal,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Id, Model, Versioned
from buurtbegroot.guards import Guard, attach_guards
from buurtbegroot.moderation.domain import Act


class Reason(StrEnum):
    """Why words are reported and hidden."""

    PERSONAL = "gegevens"
    ABUSE = "schelden"
    HATE = "haat"
    POSING = "nep"
    ADVERTISING = "reclame"
    OTHER = "anders"


class Ground(StrEnum):
    """Why words may be read, still or again."""

    OPINION = "mening"
    ALLOWED = "mag"
    ADJUSTED = "aangepast"
    MISTAKE = "vergissing"


class CaseState(StrEnum):
    """Who is to move: a moderator (OPEN, APPEALED), the maker (ASKED), or nobody (HIDDEN, CLOSED)."""

    OPEN = "wacht"
    APPEALED = "bezwaar"
    ASKED = "gevraagd"
    HIDDEN = "verborgen"
    CLOSED = "klaar"


class Hideable(Versioned):
    """A public thing whose words and pictures a moderator can hide: since when, why, and whether its title is too.

    Its columns with words are mapped under another name, `stored_…`, and read through `hiding`: by whoever has the
    thing and by every statement. Only its maker, and who moderates, are shown what is stored.
    """

    hidden_at: Mapped[datetime | None]
    hidden_because: Mapped[Reason | None]
    hides_title: Mapped[bool] = mapped_column(default=False)
    has_title = False  # which a moderator can hide too

    @property
    def key(self) -> str:
        """What the log calls it."""
        raise NotImplementedError

    @property
    def called(self) -> str:
        """What everyone may call it, also when its title is hidden."""
        raise NotImplementedError

    @property
    def named(self) -> str:
        """The same within a sentence: "de reactie van Noor", "plan 7"."""
        raise NotImplementedError

    @property
    def noun(self) -> str:
        """Under which name its room says how it is spoken of (`rooms.Spoken`)."""
        raise NotImplementedError

    @property
    def plan_and_round(self) -> tuple[int, str]:
        """The number of the plan that it belongs to, 0 for none, and the title of the round."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """Where everyone finds it on the site."""
        raise NotImplementedError

    @property
    def area(self) -> Area:
        """Where it belongs: whoever moderates there may hide it."""
        raise NotImplementedError

    @property
    def makers(self) -> Sequence[User]:
        """Who made it, as far as they still have an account."""
        raise NotImplementedError

    @property
    def accord(self) -> Sequence[str]:
        """The names of the accord points that it is about."""
        raise NotImplementedError

    @property
    def hidden_words(self) -> Sequence[str]:
        """All words that are stored of it, the title first, for whoever moderates."""
        raise NotImplementedError

    @property
    def is_published(self) -> bool:
        """Whether everyone may open its page; what waits for a moderator has none yet."""
        return True

    @property
    def quote(self) -> str:
        """What everyone may read of it in a line or two; empty while that is hidden."""
        raise NotImplementedError

    @property
    def written_at(self) -> datetime:
        """When its maker last changed it."""
        raise NotImplementedError

    @property
    def context(self) -> Sequence[tuple[str, str, str | None]]:
        """What it stands in, from near to far, as everyone may read it: (name, path, language; None: the site's)."""
        return ()

    @property
    def around(self) -> tuple[Sequence["Hideable"], Sequence["Hideable"]]:
        """What stands right before it and right after it on its page, for whoever moderates."""
        return (), ()

    def let_read(self, now: datetime) -> None:
        """Note that a moderator read it and lets everyone read it; for what is only shown then."""

    def follow(self) -> None:
        """Make anew what was made of the words that everyone may read, after they were hidden or shown again."""


HIDING = ("hidden_at", "hidden_because", "hides_title")
"""The columns that say what is hidden."""


def hiding(stored: str) -> "hybrid_property[str]":
    """Return the property through which words are read that are stored as `stored`: nothing while they are hidden."""

    def read(self: Any) -> str:
        return "" if self.hidden_at else getattr(self, stored)

    def write(self: Any, value: str) -> None:
        setattr(self, stored, value)

    def expression(kind: Any) -> ColumnElement[str]:
        return case((kind.hidden_at.is_(None), getattr(kind, stored)), else_=literal(""))

    read.__name__ = stored.removeprefix("stored_")  # as which rows of a statement know it
    return hybrid_property(read, fset=write, expr=expression)


class Case(Model):
    """All that was ever reported and decided of one thing, `kind:number` in the log; there is one for each.

    `since` is when it got into its state. `rulings` counts what was decided; the last one is told by `act`, `reason`
    (of `Reason` or `Ground`), `explained`, which only the maker reads, and `ruled_…`. `has_changed` says that the thing
    changed after it.
    """

    __tablename__ = "moderation_case"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        Index("ix_moderation_case_state_since", "state", "since", "id"),
        Index("ix_moderation_case_area_code", "area_code", "kind", "state", "since", "number"),  # all that is counted
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(BigInteger)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[CaseState]
    since: Mapped[datetime]
    has_changed: Mapped[bool] = mapped_column(default=False)
    rulings: Mapped[int] = mapped_column(default=0)
    act: Mapped[Act | None]
    reason: Mapped[str] = mapped_column(String(40), default="")
    explained: Mapped[str] = mapped_column(String(1_000), default="")
    ruled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    ruled_at: Mapped[datetime | None]

    area: Mapped[Area] = relationship()
    ruled_by: Mapped[User | None] = relationship()
    judges: Mapped[list[User]] = relationship(secondary="moderation_judge", order_by=User.id)


class Judge(Model):
    """This moderator decided something in this case at some time, so an appeal in it is for somebody else."""

    __tablename__ = "moderation_judge"

    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


WAIT: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), text("settled_at IS NULL"))


class Report(Model):
    """A report of one thing: the one of an account, or one of a browser without, of which the network is known.

    `network` is a key that leads to nobody after a day; all reports under one key count as those of one person.
    `version` is that of the thing then. Once it is settled `email` goes, and later words and reporter.
    """

    __tablename__ = "moderation_report"
    __table_args__ = (
        Index("uq_moderation_report_user_id", "case_id", "user_id", unique=True, **WAIT),
        Index("ix_moderation_report_settled_at", "settled_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    network: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    reason: Mapped[Reason]
    words: Mapped[str] = mapped_column(String(500), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    is_mailed: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    reported_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Appeal(Model):
    """The one appeal of a maker against one hiding, that of `hidden_at`, and what another moderator answered.

    `outcome` is SHOW or HIDE once it was judged.
    """

    __tablename__ = "moderation_appeal"
    __table_args__ = (UniqueConstraint("case_id", "hidden_at"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    hidden_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(String(1_000))
    made_at: Mapped[datetime]
    outcome: Mapped[Act | None]
    answer: Mapped[str] = mapped_column(String(1_000), default="")
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    judged_at: Mapped[datetime | None]


class HandedOn(Model):
    """This moderator left this appeal to a colleague."""

    __tablename__ = "moderation_handed_on"

    appeal_id: Mapped[int] = mapped_column(ForeignKey("moderation_appeal.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


JUDGED = "append-only: a judgement on an appeal stays"
attach_guards(Model.metadata, (Guard("moderation_appeal", "UPDATE", "OLD.judged_at IS NOT NULL", JUDGED),))
