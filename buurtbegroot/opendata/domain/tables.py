"""Rows as CSV in two spellings, one for Dutch Excel and one for programs; which rows is decided elsewhere."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO

from buurtbegroot.opendata.domain.dutch import in_dutch
from buurtbegroot.timezone import AMSTERDAM

BYTE_ORDER_MARK = "\ufeff"
STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


class Spelling(StrEnum):
    """For whom a file is: `dutch` opens in Excel with a double click, `machine` follows ISO."""

    DUTCH = "dutch"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Euros:
    """An amount of euro cents, written in euros with two decimals."""

    cents: int


@dataclass(frozen=True, slots=True)
class Percent:
    """A share as a percentage with one decimal; empty when there is nothing to divide by."""

    part: int
    whole: int


Codes = tuple[StrEnum, ...]
Cell = str | int | bool | datetime | Euros | Percent | StrEnum | Codes | None


def known_euros(cents: int) -> Euros | None:
    """Return an amount of which 0 says that nobody knows it."""
    return Euros(cents) if cents else None


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]], spelling: Spelling) -> Iterator[str]:
    """Yield a CSV file line by line: for programs as it is, for Excel with an apostrophe before what would be run."""
    if spelling is Spelling.DUTCH:
        yield BYTE_ORDER_MARK
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";" if spelling is Spelling.DUTCH else ",", lineterminator="\r\n")
    for row in _with_head(columns, rows):
        writer.writerow([_text(cell, spelling) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _with_head(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield columns
    yield from rows


def _text(cell: Cell, spelling: Spelling) -> str:
    if cell is None:
        return ""
    if isinstance(cell, StrEnum | tuple):
        return _codes((cell,) if isinstance(cell, StrEnum) else cell, spelling)
    if isinstance(cell, str):
        plain = cell.replace("\x00", "")
        return f"'{plain}" if spelling is Spelling.DUTCH and plain.startswith(STARTS_FORMULA) else plain
    if isinstance(cell, bool):
        yes, no = ("ja", "nee") if spelling is Spelling.DUTCH else ("true", "false")
        return yes if cell else no
    if isinstance(cell, datetime):
        return _moment(cell, spelling)
    return str(cell) if isinstance(cell, int) else _number(cell, spelling)


def _codes(codes: Codes, spelling: Spelling) -> str:
    return ", ".join(map(in_dutch, codes)) if spelling is Spelling.DUTCH else " ".join(codes)


def _moment(moment: datetime, spelling: Spelling) -> str:
    if spelling is Spelling.DUTCH:
        return moment.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(amount: Euros | Percent, spelling: Spelling) -> str:
    if isinstance(amount, Euros):
        text = f"{Decimal(amount.cents) / 100:.2f}"
    elif amount.whole:
        text = f"{Decimal(amount.part) * 100 / amount.whole:.1f}"
    else:
        return ""
    return text.replace(".", ",") if spelling is Spelling.DUTCH else text
