"""Tables of the accord: editions, groups, points with their plan fields, and dated status changes with a source."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Id, Model


class Standing(StrEnum):
    """How far a point is, as its source says; unknown until somebody records one."""

    NOT_STARTED = "not_started"
    WORKING_OUT = "working_out"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"


class Edition(Model):
    """One version of the accord, such as that of 2019."""

    __tablename__ = "akkoord_edition"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    adopted_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)


class PointGroup(Model):
    """A heading of the letter under which points stand."""

    __tablename__ = "akkoord_group"
    __table_args__ = (UniqueConstraint("edition_id", "slug"),)

    id: Mapped[Id]
    edition_id: Mapped[int] = mapped_column(ForeignKey("akkoord_edition.id"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))


class Point(Model):
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
    edition: Mapped[Edition] = relationship()


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
