"""Reading where a round of the past was held; nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import CITY, Area, Level


def buurten_in(session: Session, area: Area) -> Sequence[Area]:
    """Return the buurten of today inside an area, itself if it is one, by code."""
    inside = or_(
        Area.code == area.code,
        Area.parent_code == area.code,
        Area.gebied_code == area.code,
        Area.district_code == area.code,
        literal(area.code == CITY),
    )
    rows = select(Area).where(Area.level == Level.BUURT, Area.is_current, inside)
    return session.scalars(rows.order_by(Area.code)).all()
