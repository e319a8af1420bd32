"""Tables of the accord: editions, milestones, groups, points with their plan, statuses and figures."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, exists, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.akkoord.domain import PointName
from buurtbegroot.database import Id, Model, Versioned
from buurtbegroot.guards import ALWAYS, Guard, attach_guards
from buurtbegroot.vouching import Part, Thing, vouch


class Standing(StrEnum):
    """How far a point is, as its source says; unknown until somebody records one."""

    NOT_STARTED = "not_started"
    WORKING_OUT = "working_out"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"


class Edition(Model):
    """One version of the accord, such as that of 2019; `term` says in words how long it runs."""

    __tablename__ = "akkoord_edition"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    adopted_on: Mapped[date]
    summary: Mapped[str] = mapped_column(Text, default="")
    term: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(Text)


class Milestone(Model):
    """On this day this happened to the accord as a whole, says this source."""

    __tablename__ = "akkoord_milestone"
    __table_args__ = (UniqueConstraint("edition_id", "happened_on"),)

    id: Mapped[Id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("akkoord_edition.id"))
    happened_on: Mapped[date]
    what: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(String(500))


class PointGroup(Model):
    """A heading under which points stand; `label` says in a few words what it means."""

    __tablename__ = "akkoord_group"
    __table_args__ = (UniqueConstraint("edition_id", "slug"),)

    id: Mapped[Id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("akkoord_edition.id"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(60), default="")


class Point(Versioned, Model):
    """One promise of an edition. Targets are shares in hundredths of a percent, or a count; 0 is no target."""

    __tablename__ = "akkoord_point"
    __table_args__ = (UniqueConstraint("edition_id", "number"), UniqueConstraint("edition_id", "slug"))

    id: Mapped[Id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("akkoord_edition.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("akkoord_group.id"), index=True)
    number: Mapped[int]
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(300))
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("akkoord_point.id"))
    target_share_from: Mapped[int] = mapped_column(default=0)
    target_share_to: Mapped[int] = mapped_column(default=0)
    target_count: Mapped[int] = mapped_column(default=0)
    how: Mapped[str] = mapped_column(Text, default="")
    what: Mapped[str] = mapped_column(Text, default="")
    when: Mapped[str] = mapped_column(Text, default="")
    where: Mapped[str] = mapped_column(Text, default="")
    with_whom: Mapped[str] = mapped_column(Text, default="")

    group: Mapped[PointGroup] = relationship()
    edition: Mapped[Edition] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        """How files, addresses and the log name the point."""
        return str(PointName(self.number, self.edition.slug))

    @property
    def has_target(self) -> bool:
        """Whether the accord says how much is wanted."""
        return bool(self.target_share_to or self.target_count)


class Figure(Model):
    """On this day so much of a point's target was reached, says this source.

    `value` is in the unit of the target: hundredths of a percent for a share, pieces for a count.
    """

    __tablename__ = "akkoord_figure"

    id: Mapped[Id]
    point_id: Mapped[int] = mapped_column(ForeignKey("akkoord_point.id"), index=True)
    measured_on: Mapped[date]
    value: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(500))
    recorded_at: Mapped[datetime]


class StatusChange(Model):
    """On this day the point stood so, says this source."""

    __tablename__ = "akkoord_status_change"

    id: Mapped[Id]
    point_id: Mapped[int] = mapped_column(ForeignKey("akkoord_point.id"), index=True)
    happened_on: Mapped[date]
    standing: Mapped[Standing]
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(500))
    recorded_at: Mapped[datetime]


GROWS = "append-only: what was recorded about a point stays"
BY_PEOPLE = ("how", "what", "when", "where", "with_whom")
_WAS_WRITTEN = or_(
    *(getattr(Point, name) != "" for name in BY_PEOPLE),
    exists().where(Figure.point_id == Point.id),
    exists().where(StatusChange.point_id == Point.id),
)
attach_guards(
    Model.metadata,
    (
        Guard(table, act, ALWAYS, GROWS)
        for table in ("akkoord_figure", "akkoord_status_change")
        for act in ("UPDATE", "DELETE")
    ),
)
vouch(
    Model.metadata,
    Thing(kind="accord", name=Edition.slug, id=Edition.id, public=Edition.slug != ""),
    Part(kind="accord", table=Edition.__table__, key="id"),
    *(Part(kind="accord", table=each.__table__, key="edition_id") for each in (Milestone, PointGroup)),
    Part(kind="accord", table=Point.__table__, key="edition_id", without=("version", *BY_PEOPLE)),
    Thing(kind="point", name=Point.number, id=Point.id, public=_WAS_WRITTEN),
    Part(kind="point", table=Point.__table__, key="id", only=("id", *BY_PEOPLE)),
    *(Part(kind="point", table=each.__table__, key="point_id") for each in (Figure, StatusChange)),
)
