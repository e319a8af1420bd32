"""Tables as an Excel workbook: real numbers and dates, a frozen head with filters, and a sheet that explains it all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from buurtbegroot.tables.columns import KIND_WORDS, Batch, Cell, Column, Kind
from buurtbegroot.tables.spelling import words_of
from buurtbegroot.texts import gettext as _
from buurtbegroot.timezone import AMSTERDAM

LONGEST = 32_767  # characters in a cell, says Excel
CUT = " [...]"
SHEET_NAME = 31
FORMATS = {
    Kind.EUROS: "#,##0.00",
    Kind.PERCENT: "0.0",
    Kind.DEGREES: "0.00000",
    Kind.MOMENT: "dd-mm-yyyy hh:mm",
    Kind.DAY: "dd-mm-yyyy",
    Kind.NUMBER: "0",
}
WIDTHS = {Kind.TEXT: 40.0, Kind.CODE: 24.0, Kind.CODES: 24.0, Kind.MOMENT: 17.0, Kind.NUMBERS: 16.0}
WIDTH, ROOM = 13.0, 4
"""How wide a column is at least, and what its head needs beside its letters: for the arrow of the filter."""


def workbook(
    columns: Sequence[Column], batches: Iterable[Batch], *, into: str, name: str, told: Mapping[str, str]
) -> None:
    """Write a workbook of the rows and a sheet that explains them; `told` says of the file what, when and by what.

    `into` is the path of the file: written into a buffer, all of it would be in memory.

    A text of more than 32,767 characters, the most that Excel takes, is cut and says so.
    """
    book = FastExcel(into, output_format="xlsx")
    heads = [str(column.head) for column in columns]
    named: dict[str, set[str]] = {column.name: set() for column in columns if column.names}
    book.sheet(
        name[:SHEET_NAME],
        _rows(columns, heads, _noting(columns, batches, named)),
        column_widths=[
            max(WIDTHS.get(column.kind, WIDTH), len(head) + ROOM) for column, head in zip(columns, heads, strict=True)
        ],
        column_formats={
            head: _format(column) for column, head in zip(columns, heads, strict=True) if column.kind in FORMATS
        },
        header_format=Format().set_bold(),
        autofilter=True,
    )
    book.sheet(
        _("Uitleg"),
        _explained(columns, told, named),
        column_widths=[28.0, 24.0, 18.0, 90.0],
        column_formats=[Format().set_text_wrap()] * 4,
        header_format=Format().set_bold(),
    )
    book.freeze(row=1)
    book.save()


def _format(column: Column) -> Format:
    return Format().set_num_format(FORMATS[column.kind])


def _noting(columns: Sequence[Column], batches: Iterable[Batch], named: Mapping[str, set[str]]) -> Iterator[Batch]:
    """Yield the batches on, and note which codes with a name they have, by column."""
    for batch in batches:
        for column, cells in zip(columns, batch, strict=True):
            if column.names:
                listed = (cell if isinstance(cell, tuple) else (cell,) for cell in cells)
                named[column.name].update(map(str, chain.from_iterable(listed)))
        yield batch


def _rows(columns: Sequence[Column], heads: Sequence[str], batches: Iterable[Batch]) -> Iterator[dict[str, Any]]:
    turns = [_turn(column) for column in columns]
    empty = True
    for batch in batches:
        empty = False
        turned = [
            [None if cell is None else turn(cell) for cell in cells] if turn else cells
            for turn, cells in zip(turns, batch, strict=True)
        ]
        for row in zip(*turned, strict=True):
            yield dict(zip(heads, row, strict=True))
    if empty:
        yield dict.fromkeys(heads)  # the head of a sheet comes of its first row


def _turn(column: Column) -> Callable[[Any], Any] | None:
    """Return how a cell becomes what the workbook holds: a number, a moment without a zone, or a text."""
    turns: dict[Kind, Callable[[Any], Any]] = {
        Kind.TEXT: _text,
        Kind.EUROS: lambda cents: cents / 100,
        Kind.PERCENT: float,
        Kind.MOMENT: _local,
        Kind.YES_NO: lambda yes: _("ja") if yes else _("nee"),
        Kind.CODE: lambda code: _text(words_of(column, code)),
        Kind.CODES: lambda codes: _text(words_of(column, codes)),
        Kind.NUMBERS: lambda numbers: ", ".join(map(str, numbers)),
    }
    return turns.get(column.kind)


def _text(typed: str) -> str:
    text = typed.replace("\r\n", "\n")  # the line ends of Excel; others it shows as letters
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def _local(moment: datetime) -> datetime:
    return moment.astimezone(AMSTERDAM).replace(tzinfo=None)


def _explained(
    columns: Sequence[Column], told: Mapping[str, str], named: Mapping[str, set[str]]
) -> Iterator[dict[str, Cell]]:
    """Yield a row per column and per code below it: all of an enumeration, of areas and rounds those that occur."""
    heads = (_("Kolom"), _("In programma's"), _("Soort"), _("Uitleg"))

    def row(*cells: str) -> dict[str, Cell]:
        return dict(zip(heads, (*cells, *("",) * (4 - len(cells))), strict=True))

    for column in columns:
        yield row(str(column.head), column.name, str(KIND_WORDS[column.kind]), str(column.about))
        for code in (*column.codes, *sorted(named.get(column.name, set()) & set(column.names))):
            yield row("", code, _("code"), column.called(code))
    yield row()
    for what, value in told.items():
        yield row(what, "", "", value)
