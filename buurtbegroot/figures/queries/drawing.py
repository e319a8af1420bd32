"""The map of an answer: the parts of the area in steps of one colour, with the numbers of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buurtbegroot.areas.domain.geometry import Frame, frame_around
from buurtbegroot.areas.models import CITY, Level
from buurtbegroot.areas.queries.atlas import Atlas, Place
from buurtbegroot.areas.queries.drawing import dots, marks
from buurtbegroot.figures.domain.steps import bound_of, step_of
from buurtbegroot.figures.queries import Facts, Row, Table
from buurtbegroot.population.domain.people import Measure

MOST_DOTS = 40
"""More areas have no numbers on the map: they would cover each other."""


@dataclass(frozen=True)
class Drawing:
    """What area_map draws: its height, fills as (class, path), dots, and how many cents wide a step is.

    `numbers` are those of the dots by the key of the row; empty where there are too many.
    """

    height: int
    areas: Sequence[tuple[str, str]]
    dots: Sequence[tuple[int, int, int, str, str]]
    numbers: Mapping[str, int]
    width: int


def drawing(found: Facts, table: Table) -> Drawing | None:
    """Return the map of a table of areas; None for other tables, and where there is nothing to draw."""
    level = found.question.level
    rows = {row.key: row for row in table.rows if row.key in found.atlas.places}
    if level is None or not rows:
        return None
    frame = _frame(found.atlas, found.question.area)
    amounts = {key: _amount(row, found.question.measure) for key, row in rows.items()}
    width = bound_of(each for each in amounts.values() if each is not None)
    inside = _inside(found.atlas, found.question.area, level)
    steps = [(step_of(amounts.get(each.code), width), each) for each in inside]
    steps.sort(key=lambda pair: pair[0])
    areas = [(f"m-step m-step-{step}", found.atlas.shape([each.code], frame)) for step, each in steps]
    placed = marks(found.atlas, frame, [[key] for key in rows]) if len(rows) <= MOST_DOTS else []
    named = [(row.name, "") for row in rows.values()][: len(placed)]
    numbers = {key: number for number, key in enumerate(rows, 1)} if placed else {}
    return Drawing(frame.drawn_height, areas, dots(placed, named), numbers, width)


def _amount(row: Row, measure: Measure) -> int | None:
    return row.awarded if measure is Measure.NONE else row.share


def _frame(atlas: Atlas, area: Place) -> Frame:
    if area.code == CITY:
        return atlas.city_base.frame
    return frame_around([area.outline])


def _inside(atlas: Atlas, area: Place, level: Level) -> list[Place]:
    around = {Level.DISTRICT: "district_code", Level.GEBIED: "gebied_code", Level.WIJK: "parent_code"}
    name = around.get(area.level)
    return [each for each in atlas.at(level) if name is None or getattr(each, name) == area.code]
