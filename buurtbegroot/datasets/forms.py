"""What an address asks of a data set: which rows, which columns; and that choice as an address again."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from buurtbegroot.datasets.domain.description import Choice, DataSet, Filter

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST, LONGEST = 100, 80
"""How many values of one name are read, and how many characters of each."""
WHOLE, COLUMN = "heel", "kolom"


def read_choice(arguments: "MultiDict[str, str]", data_set: DataSet) -> tuple[Choice, set[str]]:
    """Return the choice of an address, and the names in it that the data set does not know or cannot read."""
    known = {COLUMN, *(each.value for each in data_set.filters), *([WHOLE] if Filter.AREA in data_set.filters else [])}
    unclear = set(arguments) - known
    years = tuple(dict.fromkeys(arguments.getlist(Filter.YEAR)))[:MOST]
    columns, states = _of(arguments, COLUMN), _of(arguments, Filter.STATE)
    states_known = data_set.by_name[data_set.state].codes if data_set.state else {}
    unclear |= {COLUMN} if set(columns) - set(data_set.by_name) else set()
    unclear |= {Filter.STATE.value} if set(states) - set(states_known) else set()
    unclear |= {Filter.YEAR.value} if not all(map(_is_year, years)) else set()
    choice = Choice(
        districts=_of(arguments, Filter.DISTRICT),
        areas=_of(arguments, Filter.AREA),
        whole=bool(arguments.get(WHOLE)),
        years=tuple(int(year) for year in years if _is_year(year)),
        rounds=_of(arguments, Filter.ROUND),
        states=tuple(state for state in states if state in states_known),
        columns=tuple(name for name in columns if name in data_set.by_name),
    )
    return choice, unclear


def address_of(choice: Choice) -> Mapping[str, Any]:
    """Return a choice as the arguments of an address; what is not chosen is not there."""
    said: dict[str, Iterable[Any]] = {
        Filter.DISTRICT.value: choice.districts,
        Filter.AREA.value: choice.areas,
        WHOLE: ("ja",) if choice.whole else (),
        Filter.YEAR.value: choice.years,
        Filter.ROUND.value: choice.rounds,
        Filter.STATE.value: choice.states,
        COLUMN: choice.columns,
    }
    return {name: list(values) for name, values in said.items() if values}


def _of(arguments: "MultiDict[str, str]", name: str) -> tuple[str, ...]:
    found = (value.strip()[:LONGEST] for value in arguments.getlist(name)[:MOST])
    return tuple(dict.fromkeys(value for value in found if value and value.isprintable()))


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR
