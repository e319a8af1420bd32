"""A question about money: where, in which years, split over what, divided by whom."""

from dataclasses import dataclass

from buurtbegroot.areas.models import Level
from buurtbegroot.areas.queries.atlas import Place
from buurtbegroot.figures.domain.money import LEVELS, Division, Split
from buurtbegroot.population.domain.people import Measure

INSIDE: dict[Level, tuple[Split, ...]] = {
    Level.CITY: (Split.DISTRICTS, Split.GEBIEDEN, Split.WIJKEN, Split.BUURTEN),
    Level.DISTRICT: (Split.WIJKEN, Split.GEBIEDEN, Split.BUURTEN),
    Level.GEBIED: (Split.WIJKEN, Split.BUURTEN),
    Level.WIJK: (Split.BUURTEN,),
    Level.BUURT: (),
}
"""The splits over areas inside an area of each level, the most telling first."""
OTHERS = (Split.THEMES, Split.POINTS, Split.YEARS, Split.ROUNDS)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked; `asked_split` is what the address said when the area has no such parts."""

    area: Place
    first: int
    last: int
    split: Split
    measure: Measure = Measure.NONE
    division: Division = Division.BY_PLAN
    asked_split: Split | None = None

    @property
    def level(self) -> Level | None:
        """The level of areas over which is split, if any."""
        return LEVELS.get(self.split)


def splits_of(level: Level) -> tuple[Split, ...]:
    """Return over what the money of an area of this level can be split; the first is what is shown unasked."""
    return (*INSIDE[level], *OTHERS)
