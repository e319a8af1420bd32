"""Loading areas and postcodes from files: added, changed or taken off the map; none is ever deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from buurtbegroot.acts import System, require
from buurtbegroot.areas.domain.geojson import read_buurten
from buurtbegroot.areas.events import AreasLoaded
from buurtbegroot.areas.models import CITY, Area, Postcode
from buurtbegroot.areas.policy import may_load_areas
from buurtbegroot.areas.queries.levels import all_areas
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Changes, changes_between

MOST_TOLD = 200


@dataclass(frozen=True)
class Loaded:
    """Which codes a file added, changed, and no longer names."""

    added: Sequence[str]
    changed: Sequence[str]
    vanished: Sequence[str]


def load_areas(session: Session, features: Sequence[Any], *, by: System, now: datetime) -> Loaded:
    """Bring all areas in line with these GeoJSON features of buurten; loading the same again changes nothing.

    An area that is no longer named keeps its row, since rounds and plans may point to it, and leaves map and search.
    Raises AreaFileError, with nothing written, when a feature is wrong.
    """
    require(may_load_areas(by))
    wanted = all_areas(read_buurten(features))
    present = {area.code: area for area in session.scalars(select(Area).options(undefer(Area.outline)))}
    vanished = [code for code, area in present.items() if code not in wanted and area.is_current]
    in_line = wanted | {code: {"is_current": False} for code in vanished}
    rewritten = {code: _update(area, in_line[code], now=now) for code, area in present.items() if code in in_line}
    changed = [code for code in wanted if rewritten.get(code)]
    added = [code for code in wanted if code not in present]
    for _level, codes in groupby(added, key=lambda code: wanted[code]["level"]):  # those that hold others first
        session.add_all(Area(code=code, changed_at=now, **wanted[code]) for code in codes)
        session.flush()
    loaded = Loaded(added, changed, vanished)
    if added or changed or vanished:
        changes = {f"{code} {name}": pair for code, pairs in rewritten.items() for name, pair in pairs.items()}
        numbers: dict[str, Any] = {"added": len(added), "changed": len(changed), "vanished": len(vanished)}
        event = AreasLoaded(object=f"area:{CITY}", **numbers, changes=changes)
        record(session, event, by=by, now=now)
    return loaded


def _update(area: Area, columns: Mapping[str, Any], *, now: datetime) -> Changes:
    """Bring an area in line; return what changed of it."""
    found = changes_between({name: getattr(area, name) for name in columns}, columns)
    for name in found:
        setattr(area, name, columns[name])
    if found:
        area.changed_at = now
    return {name: {when: _told(value) for when, value in pair.items()} for name, pair in found.items()}


def _told(value: Any) -> Any:
    """Return a column as the log tells it: an outline, which is long, by its SHA-256; a fraction as it is written."""
    if isinstance(value, float):
        return repr(value)
    return sha256(value.encode()).hexdigest() if isinstance(value, str) and len(value) > MOST_TOLD else value


def load_postcodes(session: Session, rows: Sequence[tuple[str, str, str]], *, by: System) -> int:
    """Store (four digits, code of the buurt, certainty) for every buurt that exists, and return how many there are."""
    require(may_load_areas(by))
    known = set(session.scalars(select(Area.code)))
    usable = [row for row in rows if row[1] in known]
    for digits, buurt_code, certainty in usable:
        session.merge(Postcode(digits=digits, buurt_code=buurt_code, certainty=certainty))
    session.flush()
    return len(usable)
