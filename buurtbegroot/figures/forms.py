"""What an address asks about money, and that question as an address again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from buurtbegroot.areas.models import CITY
from buurtbegroot.areas.queries.atlas import Atlas
from buurtbegroot.datasets.forms import is_year
from buurtbegroot.figures.domain.money import Division
from buurtbegroot.figures.domain.question import Question, splits_of
from buurtbegroot.population.domain.people import Measure

WHERE, FIRST, LAST, SPLIT, MEASURE, DIVISION = "waar", "van", "tot", "per", "reken", "verdeling"
NAMES = frozenset({WHERE, FIRST, LAST, SPLIT, MEASURE, DIVISION})
Code = TypeVar("Code", bound=StrEnum)


def read_question(
    arguments: "MultiDict[str, str]", *, atlas: Atlas, years: Sequence[int]
) -> tuple[Question, tuple[str, ...]]:
    """Return the question of an address, and the names in it that say something unknown.

    `years` are those with rounds; unasked it is about all of them. Years in the wrong order are turned around.
    """
    said = _Said(arguments)
    area = atlas.places.get(arguments.get(WHERE) or CITY)
    if area is None:
        said.unclear.append(WHERE)
        area = atlas.places[CITY]
    ends = (said.year(FIRST, min(years)), said.year(LAST, max(years)))
    splits = splits_of(area.level)
    split = said.code(SPLIT, splits[0])
    question = Question(
        area=area,
        first=min(ends),
        last=max(ends),
        split=split if split in splits else splits[0],
        measure=said.code(MEASURE, Measure.NONE),
        division=said.code(DIVISION, Division.BY_PLAN),
        asked_split=None if split in splits else split,
    )
    return question, tuple(said.unclear)


def address_of(question: Question, **changes: Any) -> Mapping[str, Any]:
    """Return a question as the arguments of an address, some of them changed; what is not chosen is not there."""
    said = {
        WHERE: "" if question.area.code == CITY else question.area.code,
        FIRST: question.first,
        LAST: question.last,
        SPLIT: question.split.value,
        MEASURE: "" if question.measure is Measure.NONE else question.measure.value,
        DIVISION: "" if question.division is Division.BY_PLAN else question.division.value,
    }
    return {name: value for name, value in (said | changes).items() if value not in {"", None}}


@dataclass
class _Said:
    """What an address says, and the names in it that say something unknown."""

    arguments: "MultiDict[str, str]"
    unclear: list[str] = field(default_factory=list)

    def year(self, name: str, otherwise: int) -> int:
        """Return a year, or else the one that is meant unasked."""
        text = self.arguments.get(name) or str(otherwise)
        if is_year(text):
            return int(text)
        self.unclear.append(name)
        return otherwise

    def code(self, name: str, otherwise: Code) -> Code:
        """Return a code of the same kind as the one that is meant unasked."""
        try:
            return type(otherwise)(self.arguments.get(name) or otherwise)
        except ValueError:
            self.unclear.append(name)
            return otherwise
