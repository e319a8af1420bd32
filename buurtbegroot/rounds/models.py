"""Tables of a round: buurten, themes, pots, dates, rules and accord points."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Cents, Id, Model, Versioned
from buurtbegroot.guards import ALWAYS, Guard, any_changed, attach_guards, round_has
from buurtbegroot.vouching import Part, Thing, vouch


class ReadFirst(StrEnum):
    """What a moderator reads before everyone does: nothing, the first contribution of an account, or all of them."""

    NONE = "niets"
    FIRST = "eerste"
    ALL = "alles"


class Criterion(StrEnum):
    """The questions with which a round can check its plans, in the order in which they are asked."""

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


ROUND_KEY = "round:"


class Round(Versioned, Model):
    """One round of budgeting in one stadsdeel (or the city); how far it is follows from its windows and moments.

    `rules` is the canonical JSON of a core Ruleset, empty until set; `fingerprint` is its hash, set when the vote
    is opened: from then on database triggers refuse every change to rules, pots, buurten and plans on the ballot.
    `support_needed` is how much support the round asks of a plan, None without such a goal; with `support_secret`
    nobody sees how much there is until plans no longer take support. `read_first` says which contributions to its
    discussions wait until a moderator has read them. `criteria` are the questions with which its plans are checked, the
    start set of when it was begun: they do not change with the program. `envelopes` is how many lay in the ballot box
    when it was shut. `note` says what is reconstructed or made up about a sample: lists mark such a round, its own
    pages tell it.
    """

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_published_at", "published_at"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(600), default="")
    owner_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    contact: Mapped[str] = mapped_column(String(300), default="")
    decision_url: Mapped[str] = mapped_column(String(500), default="")
    rules: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    lot_seed: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    archive: Mapped[str] = mapped_column(String(64), default="")
    support_needed: Mapped[int | None]
    support_secret: Mapped[bool] = mapped_column(default=False)
    read_first: Mapped[ReadFirst] = mapped_column(default=ReadFirst.NONE)
    criteria: Mapped[str] = mapped_column(String(200), default=",".join(Criterion))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    certified_at: Mapped[datetime | None]
    envelopes: Mapped[int | None]

    buurten_count: Mapped[int] = query_expression()
    was_changed: Mapped[bool] = query_expression()

    owner: Mapped[Area] = relationship()
    windows: Mapped[list["PhaseWindow"]] = relationship(order_by="PhaseWindow.begins_at", cascade="all, delete-orphan")
    pots: Mapped[list["Pot"]] = relationship(order_by="Pot.position", cascade="all, delete-orphan")
    themes: Mapped[list["Theme"]] = relationship(order_by="Theme.position", cascade="all, delete-orphan")
    buurten: Mapped[list[Area]] = relationship(secondary="round_area", order_by=Area.code)
    points: Mapped[list[Point]] = relationship(secondary="round_point", order_by=Point.number)

    @hybrid_property
    def key(self) -> str:
        """How the log and requests for a second person name the round, in SQL too."""
        return ROUND_KEY + self.slug

    @property
    def questions(self) -> tuple[Criterion, ...]:
        """The questions with which plans of the round are checked."""
        asked = set(self.criteria.split(","))
        return tuple(each for each in Criterion if each.value in asked)

    @property
    def budget_cents(self) -> int:
        """The sum of the pots."""
        return sum(pot.cents for pot in self.pots)


class RoundArea(Model):
    """This buurt takes part in this round."""

    __tablename__ = "round_area"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True, index=True)


class RoundPoint(Model):
    """This round carries out this accord point."""

    __tablename__ = "round_point"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("akkoord_point.id"), primary_key=True, index=True)


class PhaseWindow(Model):
    """A phase of a round lasts from one moment up to, not including, another."""

    __tablename__ = "phase_window"
    __table_args__ = (CheckConstraint("begins_at < ends_at", name="begins_before_end"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(primary_key=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Theme(Model):
    """A subject under which plans of this round stand; `icon` names a drawing."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("round_id", "name"),)

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    scene: Mapped[str] = mapped_column(String(20), default="")


class Pot(Model):
    """Money of a round: for everything, for one theme, or for one area."""

    __tablename__ = "pot"
    __table_args__ = (
        UniqueConstraint("round_id", "position"),
        CheckConstraint("cents > 0", name="holds_money"),
        CheckConstraint("theme_id IS NULL OR area_code IS NULL", name="one_purpose"),
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    cents: Mapped[Cents]
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))


# What no program can change any more once the vote of a round was opened: from a filled `round.fingerprint` on.
FROZEN_TEXT = "frozen: the vote of this round has been opened"
LATER = ("version", "lot_seed", "closed_at", "certified_at", "envelopes")
"""What still changes of an opened round; all but the version once, see below."""
ROUND_COLUMNS = tuple(each.name for each in Round.__table__.columns if each.name not in LATER)
PARTS = ("pot", "theme", "round_area", "round_point", "phase_window")
OPENED = "round.fingerprint <> ''"
# A moment that was set is never set again, and the seed of the lot shows once, at the closing.
_SET_AGAIN = " OR ".join(
    f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})"
    for name in ("closed_at", "certified_at", "envelopes")
)
_SEED = "(NEW.lot_seed <> OLD.lot_seed AND (OLD.lot_seed <> '' OR NEW.closed_at IS NULL))"


def frozen(table: str, *, only: str = "", changes: str = "") -> list[Guard]:
    """Guard the rows of a table that belong to an opened round, or would; in `only`, `{row}` is OLD or NEW."""

    def refused(row: str) -> str:
        return f"({only.format(row=row)}{round_has(OPENED, row)})"

    either = f"{refused('OLD')} OR {refused('NEW')}"
    return [
        Guard(table, "INSERT", refused("NEW"), FROZEN_TEXT, waits=True),
        Guard(table, "UPDATE", either, FROZEN_TEXT, changes=changes or ALWAYS, waits=True),
        Guard(table, "DELETE", refused("OLD"), FROZEN_TEXT, waits=True),
    ]


GUARDS = (
    Guard(
        "round",
        "UPDATE",
        f"OLD.fingerprint <> '' AND ({any_changed(ROUND_COLUMNS)} OR {_SET_AGAIN} OR {_SEED})",
        FROZEN_TEXT,
    ),
    Guard("round", "DELETE", "OLD.fingerprint <> ''", FROZEN_TEXT),
    *(guard for table in PARTS for guard in frozen(table)),
)

attach_guards(Model.metadata, GUARDS)
vouch(
    Model.metadata,
    Thing(kind="round", name=Round.slug, id=Round.id, public=Round.published_at.is_not(None)),
    Part(kind="round", table=Round.__table__, key="id", without=("version",)),
    *(Part(kind="round", table=Model.metadata.tables[table], key="round_id") for table in PARTS),
)
