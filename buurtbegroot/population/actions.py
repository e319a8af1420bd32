"""Loading how many people live where: a file takes the place of the one before, whose numbers the log keeps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import ChangedSinceError, Fault, Person, RefusedError, System, insist, require
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import changes_between
from buurtbegroot.database import lock_as_seen
from buurtbegroot.population.domain.people import People
from buurtbegroot.population.events import PopulationLoaded, PopulationRemoved
from buurtbegroot.population.models import PopulationFile, PopulationRow
from buurtbegroot.population.policy import may_load_population
from buurtbegroot.population.queries import areas_within
from buurtbegroot.timezone import local_date

EARLIEST = date(2000, 1, 1)
"""The first day that numbers can be of."""


class PopulationFault(Fault):
    """Why no file of inhabitants is loaded."""

    DAY = "day"
    ELSEWHERE = "elsewhere"
    GONE = "gone"
    NOTHING = "nothing"


def load_population(
    session: Session,
    area: Area,
    rows: Mapping[str, People],
    *,
    source: str,
    counted_on: date,
    seen: int,
    by: Person | System,
    now: datetime,
) -> PopulationFile:
    """Let these numbers, by code, be the inhabitants of a stadsdeel or the city.

    `seen` is the version of the file that the page showed, 0 for none. Raises ChangedSinceError when there is another
    one by now, RefusedError for no rows, an area that lies elsewhere or a day that is not there yet.
    """
    require(may_load_population(by, area))
    insist(bool(rows), PopulationFault.NOTHING)
    insist(EARLIEST <= counted_on <= local_date(now), PopulationFault.DAY)
    within = areas_within(session, area.code)
    session.execute(select(Area.code).where(Area.code == area.code).with_for_update(key_share=True))  # one at a time
    for code in rows:
        insist(within.get(code, False), PopulationFault.ELSEWHERE, code=code)
    before, file = _told(session, area.code), session.get(PopulationFile, area.code)
    file = _renewed(session, file, area=area, seen=seen)
    file.source, file.counted_on, file.loaded_at = source, counted_on, now
    file.removed_at = None
    session.execute(delete(PopulationRow).where(PopulationRow.owner_code == area.code))
    session.flush()
    session.add_all(
        PopulationRow(owner_code=area.code, area_code=code, inhabitants=each.inhabitants, households=each.households)
        for code, each in rows.items()
    )
    session.flush()
    event = PopulationLoaded(
        object=f"population:{area.code}",
        source=source,
        counted_on=counted_on.isoformat(),
        areas=len(rows),
        changes=changes_between(before, _told(session, area.code)),
    )
    record(session, event, by=by, now=now)
    return file


def remove_population(session: Session, area: Area, *, seen: int, by: Person | System, now: datetime) -> None:
    """Take back the file of a stadsdeel or the city, such as one that was loaded by mistake.

    A stadsdeel then counts with the file of the city. Raises ChangedSinceError as loading does, RefusedError when there
    is no file.
    """
    require(may_load_population(by, area))
    file = session.get(PopulationFile, area.code)
    if file is None or file.removed_at is not None:
        raise RefusedError(PopulationFault.GONE)
    lock_as_seen(session, file, seen=seen)
    before = _told(session, area.code)
    areas = session.scalar(select(func.count()).where(PopulationRow.owner_code == area.code)) or 0
    session.execute(delete(PopulationRow).where(PopulationRow.owner_code == area.code))
    file.removed_at = now
    session.flush()
    event = PopulationRemoved(
        object=f"population:{area.code}",
        source=file.source,
        counted_on=file.counted_on.isoformat(),
        areas=areas,
        changes=changes_between(before, {}),
    )
    record(session, event, by=by, now=now)


def _renewed(session: Session, file: PopulationFile | None, *, area: Area, seen: int) -> PopulationFile:
    """Return the file locked as it was seen, or a new one where there is none yet."""
    if file is not None:
        lock_as_seen(session, file, seen=seen)
        return file
    if seen:
        raise ChangedSinceError
    made = PopulationFile(owner_code=area.code)
    session.add(made)
    return made


def _told(session: Session, owner_code: str) -> dict[str, Any]:
    """Return the numbers of a file as the log tells them; what is not known is left out."""
    rows = select(PopulationRow).where(PopulationRow.owner_code == owner_code).order_by(PopulationRow.area_code)
    found = session.scalars(rows.execution_options(populate_existing=True))
    told = ((row.area_code, name, getattr(row, name)) for row in found for name in ("inhabitants", "households"))
    return {f"{code} {name}": number for code, name, number in told if number is not None}
