"""Reading a CSV file of inhabitants: a head, then a row for each area; every fault by its line, nothing guessed."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import StringIO

from buurtbegroot import typed
from buurtbegroot.population.domain.people import People

MOST_BYTES, MOST_ROWS, MOST_PEOPLE = 200_000, 2_000, 5_000_000
MOST_TOLD = 20
"""How many faults are told of one file."""
CODE, INHABITANTS, HOUSEHOLDS = "code", "inwoners", "huishoudens"
DUTCH = typed.Marks(group=".", decimal=",")


class Wrong(StrEnum):
    """What can be wrong with a file or a line of it."""

    TOO_LARGE = "too_large"
    NO_TEXT = "no_text"
    NO_HEAD = "no_head"
    NO_ROWS = "no_rows"
    TOO_MANY_ROWS = "too_many_rows"
    CELLS = "cells"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"
    NUMBER = "number"
    SAYS_NOTHING = "says_nothing"
    MORE_HOUSEHOLDS = "more_households"


@dataclass(frozen=True)
class Problem:
    """What is wrong, on which line (0 for the file), in which column, and what stands there."""

    wrong: Wrong
    line: int = 0
    column: str = ""
    shown: str = ""


class _WrongError(Exception):
    """A file or a line cannot be read."""

    def __init__(self, wrong: Wrong, column: str = "", shown: str = "") -> None:
        super().__init__(wrong)
        self.wrong, self.column, self.shown = wrong, column, typed.one_line(shown)[:40]

    def on(self, line: int) -> Problem:
        """Return what is wrong with that line."""
        return Problem(self.wrong, line, self.column, self.shown)


@dataclass
class Read:
    """What a file says by code of the area, or its problems: with one of those it is not used."""

    rows: dict[str, People] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_population(content: bytes, *, areas: Mapping[str, bool]) -> Read:
    """Read a file; `areas` are the codes that exist, each with whether it lies where the file is for.

    Columns are known by their heads, in any order; those with other heads are passed over. Cells are parted by
    semicolons, commas or tabs. A number may have dots between thousands; an empty one is not known.
    """
    found = Read()
    try:
        head, lines = _table(content)
    except _WrongError as error:
        return Read(problems=[error.on(0)])
    for number, cells in lines:
        try:
            code, people = _row(head, cells)
            _check_area(code, areas, found.rows)
            found.rows[code] = people
        except _WrongError as error:
            found.problems.append(error.on(number))
    return found


def _table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the heads, and the lines that are not empty with their numbers."""
    if len(content) > MOST_BYTES:
        raise _WrongError(Wrong.TOO_LARGE)
    try:
        text = content.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max(";,\t", key=first.count)
        lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise _WrongError(Wrong.NO_TEXT) from None
    head = [cell.strip().lower() for cell in lines[0]] if lines else []
    if any(head.count(name) != 1 for name in (CODE, INHABITANTS)) or head.count(HOUSEHOLDS) > 1:
        raise _WrongError(Wrong.NO_HEAD, shown=first)
    rows = [(number, cells) for number, cells in enumerate(lines[1:], start=2) if any(map(str.strip, cells))]
    if not rows:
        raise _WrongError(Wrong.NO_ROWS)
    if len(rows) > MOST_ROWS:
        raise _WrongError(Wrong.TOO_MANY_ROWS)
    return head, rows


def _row(head: Sequence[str], cells: Sequence[str]) -> tuple[str, People]:
    if len(cells) > len(head):
        raise _WrongError(Wrong.CELLS, shown=cells[len(head)])
    row = dict(zip(head, map(str.strip, cells), strict=False))
    inhabitants, households = (_number(name, row.get(name, "")) for name in (INHABITANTS, HOUSEHOLDS))
    if inhabitants is None and households is None:
        raise _WrongError(Wrong.SAYS_NOTHING, INHABITANTS)
    if inhabitants is not None and households is not None and households > inhabitants:
        raise _WrongError(Wrong.MORE_HOUSEHOLDS, HOUSEHOLDS, row[HOUSEHOLDS])
    return row.get(CODE, "").upper(), People(inhabitants, households)


def _number(column: str, text: str) -> int | None:
    if not text:
        return None
    try:
        number = typed.whole_number(text, DUTCH)
    except ValueError:
        raise _WrongError(Wrong.NUMBER, column, text) from None
    if number > MOST_PEOPLE:
        raise _WrongError(Wrong.NUMBER, column, text)
    return number


def _check_area(code: str, areas: Mapping[str, bool], taken: Mapping[str, People]) -> None:
    if code not in areas:
        raise _WrongError(Wrong.UNKNOWN, CODE, code)
    if not areas[code]:
        raise _WrongError(Wrong.ELSEWHERE, CODE, code)
    if code in taken:
        raise _WrongError(Wrong.TWICE, CODE, code)
