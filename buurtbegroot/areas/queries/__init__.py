"""Reading areas: the atlas in memory, single areas, and searching them by name or postcode; nothing here writes."""

import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import CITY, Area, Level, Postcode
from buurtbegroot.areas.queries.atlas import Atlas, Place

POSTCODE = re.compile(r"(?<!\S)([0-9]{4})(?: ?[a-z]{2}(?![a-z])|(?<=^....)(?: amsterdam)?$)")  # also within an address
MOST_FOUND = 40
SEARCHABLE = (Level.DISTRICT, Level.GEBIED, Level.WIJK, Level.BUURT)

_kept: dict[tuple[int, datetime | None], Atlas] = {}


class Found(NamedTuple):
    """What a search gave: areas by name, or the postcode that was asked for and (when known) its buurt."""

    areas: list[Area]
    digits: str = ""
    postcode: Postcode | None = None


def atlas(session: Session) -> Atlas:
    """Return all current areas; one small query, and a large one only when the areas have changed."""
    count, changed_at = session.execute(select(func.count(), func.max(Area.changed_at)).select_from(Area)).one()
    if (count, changed_at) not in _kept:
        _kept.clear()
        _kept[count, changed_at] = _read_atlas(session)
    return _kept[count, changed_at]


def _read_atlas(session: Session) -> Atlas:
    columns = [getattr(Area, name) for name in Place._fields]
    rows = session.execute(select(*columns).where(Area.is_current).order_by(Area.code))
    return Atlas({row.code: Place(*row) for row in rows})


def area_by_code(session: Session, code: str) -> Area | None:
    """Return an area, also one that has left the map, but never the city as a whole."""
    return session.get(Area, code) if code.isalnum() and code != CITY else None


def search_areas(session: Session, text: str) -> Found:
    """Find areas by part of their name, or by a postcode ("1055", "1055-ab", an address with it); nothing is stored.

    A postcode gives the buurt that its middle lies in: approximate, so it never decides a right.
    """
    words = fold(text[:80])
    if asked := POSTCODE.search(words):
        digits = asked[1]
        place = joinedload(Postcode.buurt)
        return Found([], digits, session.get(Postcode, digits, options=[place]))
    return Found(_named(session, words))


def _named(session: Session, words: str) -> list[Area]:
    if not words:
        return []
    rank = case((Area.search == words, 0), (Area.search.startswith(words, autoescape=True), 1), else_=2)
    level = case({level: place for place, level in enumerate(SEARCHABLE)}, value=Area.level)
    found = select(Area).where(
        Area.search.contains(words, autoescape=True), Area.is_current, Area.level.in_(SEARCHABLE)
    )
    return list(session.scalars(found.order_by(rank, level, Area.name).limit(MOST_FOUND)))
