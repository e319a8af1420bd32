"""What an address asks of a data set: which rows, which columns; and that choice as an address again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from buurtbegroot.datasets.domain.description import Choice, DataSet, Filter

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST, LONGEST = 100, 80
"""How many values of one name are read, and how many characters of each."""
WHOLE, YES, COLUMN = "heel", "ja", "kolom"


def read_choice(arguments: "MultiDict[str, str]", data_set: DataSet) -> tuple[Choice, set[str]]:
    """Return the choice of an address, and the names in it that the data set does not know or cannot read whole."""
    known = {COLUMN, *(each.value for each in data_set.filters), *([WHOLE] if Filter.AREA in data_set.filters else [])}
    states_known = data_set.by_name[data_set.state].codes if data_set.state else {}
    said = {name: _of(arguments, name) for name in (*Filter, COLUMN, WHOLE)}
    can_be = {
        Filter.YEAR: is_year,
        Filter.STATE: states_known.__contains__,
        COLUMN: data_set.by_name.__contains__,
        WHOLE: YES.__eq__,
    }
    unclear = (set(arguments) - known) | {name for name in known if not _is_whole(arguments.getlist(name))}
    for name, may_be in can_be.items():
        unclear |= {str(name)} if not all(map(may_be, said[name])) else set()
        said[name] = tuple(filter(may_be, said[name]))
    choice = Choice(
        districts=said[Filter.DISTRICT],
        areas=said[Filter.AREA],
        whole=bool(said[WHOLE]),
        years=tuple(map(int, said[Filter.YEAR])),
        rounds=said[Filter.ROUND],
        states=said[Filter.STATE],
        columns=said[COLUMN],
    )
    return choice, unclear


def address_of(choice: Choice) -> Mapping[str, Any]:
    """Return a choice as the arguments of an address; what is not chosen is not there."""
    said: dict[str, Iterable[Any]] = {
        Filter.DISTRICT.value: choice.districts,
        Filter.AREA.value: choice.areas,
        WHOLE: (YES,) if choice.whole else (),
        Filter.YEAR.value: choice.years,
        Filter.ROUND.value: choice.rounds,
        Filter.STATE.value: choice.states,
        COLUMN: choice.columns,
    }
    return {name: list(values) for name, values in said.items() if values}


def _of(arguments: "MultiDict[str, str]", name: str) -> tuple[str, ...]:
    found = (value.strip() for value in arguments.getlist(name)[:MOST])
    return tuple(dict.fromkeys(value for value in found if value and _is_value(value)))


def _is_whole(values: Sequence[str]) -> bool:
    """Tell whether all values of a name are read: one left out would give other rows than were asked for."""
    return len(values) <= MOST and all(map(_is_value, values))


def _is_value(text: str) -> bool:
    return len(text.strip()) <= LONGEST and text.isprintable()


def is_year(text: str) -> bool:
    """Tell whether a text is a year of which there can be rounds."""
    return text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR
