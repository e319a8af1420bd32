"""The areas of the city in one table: gemeente, stadsdeel, gebied, wijk, buurt; and the approximate postcode list."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Model
from buurtbegroot.vouching import Part, Thing, vouch

CITY = "0363"
NEVER_CHANGED = datetime(2000, 1, 1, tzinfo=UTC)


class Level(StrEnum):
    """How large an area is; the whole city is the root."""

    CITY = "gemeente"
    DISTRICT = "stadsdeel"
    GEBIED = "gebied"
    WIJK = "wijk"
    BUURT = "buurt"


class Area(Model):
    """One area. A buurt lies in a wijk, a wijk and a gebied in a stadsdeel, a stadsdeel in the city.

    `gebied_code` and `district_code` are the area's own code at those levels, and empty where there is none.
    `outline` is an SVG path in the coordinates of geometry.py, read only when asked for; `x`, `y` its label point
    there. An area that the newest file no longer names is not `is_current`: it keeps its page, and leaves the map.
    """

    __tablename__ = "area"
    __table_args__ = (
        Index("ix_area_level_name", "level", "name"),
        Index("ix_area_district_code", "district_code"),
        Index("ix_area_gebied_code", "gebied_code"),
        Index("ix_area_changed_at", "changed_at"),
    )

    code: Mapped[str] = mapped_column(String(14), primary_key=True)
    level: Mapped[Level]
    name: Mapped[str] = mapped_column(String(120))
    search: Mapped[str] = mapped_column(String(120))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    gebied_code: Mapped[str] = mapped_column(String(14), default="")
    district_code: Mapped[str] = mapped_column(String(14), default="")
    square_metres: Mapped[int] = mapped_column(default=0)
    x: Mapped[float] = mapped_column(default=0)
    y: Mapped[float] = mapped_column(default=0)
    outline: Mapped[str] = mapped_column(Text, default="", deferred=True)
    is_current: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=NEVER_CHANGED)


class Postcode(Model):
    """A postcode's four figures and the buurt that its middle lies in: approximate, never decides a right."""

    __tablename__ = "postcode"

    digits: Mapped[str] = mapped_column(String(4), primary_key=True)
    buurt_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    certainty: Mapped[str] = mapped_column(String(10))

    buurt: Mapped[Area] = relationship()


vouch(
    Model.metadata,
    Thing(kind="area", name=Area.code, id=Area.code, public=Area.code == CITY),
    Part(kind="area", table=Area.__table__),
)
