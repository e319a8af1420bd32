"""How cells are spelled: in words with a decimal comma for people, in codes and by ISO for programs."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from buurtbegroot.tables.columns import Cell, Column, Kind
from buurtbegroot.texts import eur, number
from buurtbegroot.texts import gettext as _
from buurtbegroot.timezone import AMSTERDAM

STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
Spell = Callable[[Sequence[Cell]], Sequence[Any]]
"""Spells the cells of a column, all at once."""


def for_programs(column: Column) -> Spell:
    """Return how programs read a column: codes, points, ISO 8601 in UTC; a list has spaces between."""
    return _each(_FOR_PROGRAMS.get(column.kind))


def for_people(column: Column) -> Spell:
    """Return how people read a column in a spreadsheet: words, decimal commas, the clock of Amsterdam.

    A text that a spreadsheet would run gets an apostrophe before it.
    """
    if column.kind is Kind.CODE:
        known = {code: harmless(column.called(code)) for code in (*column.names, *column.codes)}
        return _each(lambda code: known[code] if code in known else harmless(str(code)))
    return _each(_FOR_PEOPLE.get(column.kind) or partial(_coded, column))


def words_of(column: Column, cell: Cell) -> str:
    """Return the words for a code, or for the codes of a list: commas between words, semicolons between names.

    A name of a round may hold a comma.
    """
    codes = cell if isinstance(cell, tuple) else (cell,)
    return ("; " if column.names else ", ").join(map(column.called, codes))


def in_words(column: Column, cell: Any) -> str | None:
    """Return how a page shows a cell, None for what is not known; a page runs no formula."""
    if cell is None or column.kind is Kind.TEXT:
        return cell if cell is None else str(cell)
    if column.kind is Kind.EUROS:
        return eur(cell)
    if column.kind is Kind.NUMBER and column.adds:
        return number(cell)
    if column.kind in {Kind.CODE, Kind.CODES}:
        return words_of(column, cell)
    return str(for_people(column)([cell])[0])


def harmless(text: str) -> str:
    """Return a text as no spreadsheet runs it."""
    plain = text.replace("\x00", "")
    return f"'{plain}" if plain.startswith(STARTS_FORMULA) else plain


def _each(spell: Callable[[Any], Any] | None) -> Spell:
    """Make of how a cell is spelled how many are; what is not known stays None."""
    if spell is None:
        return lambda cells: cells
    return lambda cells: [None if cell is None else spell(cell) for cell in cells]


@lru_cache(maxsize=8_192)
def _euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


@lru_cache(maxsize=8_192)
def _dutch_euros(cents: int) -> str:
    return _euros(cents).replace(".", ",")


def _number(value: float | Decimal) -> str:
    return f"{value:.1f}" if isinstance(value, Decimal) else f"{value:.5f}"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


def _clock(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)  # strftime takes half as long again
    return f"{local.day:02d}-{local.month:02d}-{local.year} {local.hour:02d}:{local.minute:02d}"


def _day(day: date) -> str:
    return f"{day.day:02d}-{day.month:02d}-{day.year}"


def _coded(column: Column, cell: Cell) -> str:
    return harmless(words_of(column, cell))


_FOR_PROGRAMS: dict[Kind, Callable[[Any], Any]] = {
    Kind.EUROS: _euros,
    Kind.PERCENT: _number,
    Kind.DEGREES: _number,
    Kind.TEXT: lambda text: text.replace("\x00", ""),
    Kind.YES_NO: lambda yes: "true" if yes else "false",
    Kind.MOMENT: _iso,
    Kind.DAY: date.isoformat,
    Kind.CODES: " ".join,
    Kind.NUMBERS: lambda numbers: " ".join(map(str, numbers)),
}
_FOR_PEOPLE: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: harmless,
    Kind.NUMBER: int,
    Kind.EUROS: _dutch_euros,
    Kind.PERCENT: lambda value: _number(value).replace(".", ","),
    Kind.DEGREES: lambda value: _number(value).replace(".", ","),
    Kind.YES_NO: lambda yes: _("ja") if yes else _("nee"),
    Kind.MOMENT: _clock,
    Kind.DAY: _day,
    Kind.NUMBERS: lambda numbers: ", ".join(map(str, numbers)),
}
