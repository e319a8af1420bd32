"""The areas of the city in one table: gemeente, stadsdeel, gebied, wijk, buurt; and the approximate postcode list."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Model

CITY = "0363"


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
    `outline` is an SVG path in the map's own coordinates; `x`, `y` its label point there.
    """

    __tablename__ = "area"
    __table_args__ = (
        Index("ix_area_level_name", "level", "name"),
        Index("ix_area_district_code", "district_code"),
        Index("ix_area_gebied_code", "gebied_code"),
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
    outline: Mapped[str] = mapped_column(Text, default="")


class Postcode(Model):
    """A postcode's four figures and the gebied that its middle lies in: approximate, never decides a right."""

    __tablename__ = "postcode"

    digits: Mapped[str] = mapped_column(String(4), primary_key=True)
    buurt_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    certainty: Mapped[str] = mapped_column(String(10))
