"""Reading how many people live where: of each stadsdeel its own file, or else that of the whole city."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from buurtbegroot.areas.models import CITY, Area, Level
from buurtbegroot.areas.queries.atlas import Atlas
from buurtbegroot.population.domain.people import UNKNOWN, People, together
from buurtbegroot.population.models import PopulationFile, PopulationRow


@dataclass(frozen=True)
class Population:
    """The files that are loaded, and what they say by area."""

    atlas: Atlas
    files: dict[str, PopulationFile] = field(default_factory=dict)
    rows: dict[str, dict[str, People]] = field(default_factory=dict)

    def file_for(self, code: str) -> PopulationFile | None:
        """Return the file that says how many people an area has."""
        place = self.atlas.places.get(code)
        return self.files.get(place.district_code if place else "") or self.files.get(CITY)

    def of(self, code: str) -> People:
        """Return the people of an area, by one file only: days of counting are not mixed."""
        file = self.file_for(code)
        if file is None:
            return UNKNOWN
        return together(code, self.rows.get(file.owner_code, {}), lambda each: self._inside.get(each, ()))

    @cached_property
    def _inside(self) -> Mapping[str, Sequence[str]]:
        """The buurten of every larger area."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for buurt in self.atlas.at(Level.BUURT):
            for code in {CITY, buurt.district_code, buurt.gebied_code, buurt.parent_code or ""} - {""}:
                found[code].append(buurt.code)
        return found

    def sources(self, codes: Sequence[str]) -> Sequence[PopulationFile]:
        """Return the files that were used for these areas."""
        found = {file.owner_code: file for code in codes if (file := self.file_for(code))}
        return [found[code] for code in sorted(found)]


def population(session: Session, atlas: Atlas) -> Population:
    """Return all that is known of people; two queries, one while there is no file."""
    files = {
        file.owner_code: file
        for file in session.scalars(select(PopulationFile).where(PopulationFile.removed_at.is_(None)))
    }
    rows: dict[str, dict[str, People]] = {code: {} for code in files}
    if files:
        wanted = select(
            PopulationRow.owner_code, PopulationRow.area_code, PopulationRow.inhabitants, PopulationRow.households
        )
        for owner, code, inhabitants, households in session.execute(wanted):
            rows[owner][code] = People(inhabitants, households)
    return Population(atlas, files, rows)


def file_of(session: Session, owner_code: str) -> PopulationFile | None:
    """Return the file of a stadsdeel or the city, None while there is none."""
    file = session.get(PopulationFile, owner_code)
    return file if file is not None and file.removed_at is None else None


def version_of(session: Session, owner_code: str) -> int:
    """Return the version of what there is of a file, removed or not; 0 before the first."""
    file = session.get(PopulationFile, owner_code)
    return file.version if file else 0


def owners(session: Session, codes: Collection[str]) -> Sequence[Area]:
    """Return the city and the stadsdelen among these areas, and all of them with the city; the city first."""
    found = select(Area).where(Area.is_current, Area.level.in_((Level.CITY, Level.DISTRICT)))
    if CITY not in codes:
        found = found.where(Area.code.in_(codes))
    return session.scalars(found.options(defer(Area.outline)).order_by(Area.parent_code.is_not(None), Area.name)).all()


def areas_within(session: Session, owner_code: str) -> Mapping[str, bool]:
    """Return all areas of now by code, each with whether it lies in the city or a stadsdeel, or is that itself."""
    rows = session.execute(select(Area.code, Area.district_code).where(Area.is_current))
    return {code: owner_code in {CITY, code, district} for code, district in rows}
