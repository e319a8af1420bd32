"""What a data set says of itself: its columns and where their cells come from, its rows, and what is left out and why.

Every data set is one file among the queries of this room; files, pages and forms are made of its description alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam
from sqlalchemy.orm import Session

from buurtbegroot.database import UTCDateTime
from buurtbegroot.tables.columns import Cell, Column, Kind
from buurtbegroot.texts import Text

NOW = bindparam("now", type_=UTCDateTime(), unique=False)
"""The moment of the file, in statements."""
OFF_BALLOT: BindParameter[Any] = bindparam("off_ballot", expanding=True, unique=False)
"""The ids of the plans that were taken off an open ballot, as the trusted values say, in statements."""


class Filter(StrEnum):
    """By what the rows of a data set can be chosen; the name is that in the address of a file."""

    DISTRICT = "stadsdeel"
    AREA = "buurt"
    YEAR = "jaar"
    ROUND = "ronde"
    STATE = "stand"


class Named(StrEnum):
    """What a code names that is no enumeration: in files for people the name stands in its place."""

    AREA = "area"
    ROUND = "round"
    POINT = "point"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which rows and columns are wanted; empty is all.

    `areas` are codes of wijken or buurten; `whole` says that what is for the whole area of a round comes along.
    """

    districts: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    whole: bool = False
    years: tuple[int, ...] = ()
    rounds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field(Column):
    """A column with what it is read from: expressions in the statement, and how their values become the cell.

    Without `made` the one value is the cell. In a data set that tells its rows itself both are left out. `language` is
    the name of the column that says in which language somebody wrote this one, if any does. `named` says of what its
    codes are; their names are read with the rows.
    """

    of: tuple[Any, ...] = ()
    made: Callable[..., Cell] | None = None
    language: str = ""
    named: Named | None = None


def column(
    name: str,
    kind: Kind,
    *of: Any,
    head: Text,
    about: Text,
    made: Callable[..., Any] | None = None,
    codes: Mapping[Any, Text] | None = None,
    adds: bool = False,
    language: str = "",
    named: Named | None = None,
) -> Field:
    """Return a column, described in as few lines as it can be; `codes` may be the words of an enumeration."""
    plain = {str(code): words for code, words in (codes or {}).items()}
    read: dict[str, Any] = {"of": of, "made": made, "language": language, "named": named}
    return Field(name=name, kind=kind, head=head, about=about, codes=plain, adds=adds, **read)


class Absent(StrEnum):
    """Why something is not in a data set."""

    PERSONAL = "user"
    NOT_PUBLIC = "eye-off"
    UNKNOWN = "question-mark"


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """One data set, by the name in its address and in the names of its files.

    `counted` says how many rows there are. `source` selects them in a fixed order; `within` narrows it by a choice,
    for the `filters` that it knows. `tell` makes the rows of what `source` gives, for what no statement can say: it may
    read more, in the same snapshot. `place` names the columns of degrees east and north. `state` names the column whose
    codes are a filter. `first` names the columns that tell most, in their order, for a page that has no room for all.
    `is_steady` says that no cell holds words that a moderator can hide. `hides` says what is
    suppressed and why; `divides` how amounts are divided over rows.
    """

    name: str
    title: Text
    short: Text
    about: Text
    counted: Callable[[int], str]
    fields: tuple[Field, ...]
    source: Select[Any]
    within: Callable[[Choice], Iterable[ColumnElement[bool]]] = lambda _choice: ()
    filters: frozenset[Filter] = frozenset()
    tell: Callable[[Session, Iterable[Any]], Iterator[Sequence[Cell]]] | None = None
    place: tuple[str, str] | None = None
    state: str = ""
    first: tuple[str, ...] = ()
    is_steady: bool = False
    absent: tuple[tuple[Absent, Text], ...] = ()
    hides: Text | None = None
    divides: Text | None = None
    order: int = field(default=100)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The columns by name."""
        return {each.name: each for each in self.fields}

    @cached_property
    def telling(self) -> tuple[Field, ...]:
        """The columns that tell most, or all where none is named."""
        return tuple(self.by_name[name] for name in self.first) or self.fields

    def chosen(self, choice: Choice) -> tuple[Field, ...]:
        """Return the columns that are wanted, in the order of the data set; all of them when none is named."""
        return tuple(each for each in self.fields if not choice.columns or each.name in choice.columns)
