"""The lines of a ``.pb`` file, numbered, as rows of cells or by the batch."""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

from buurtbegroot.core.pabulib.problems import PbError

T = TypeVar("T")
Row = tuple[int, list[str]]
Text = bytes | str | Iterable[str]


class Lines:
    """What is left of a file; ``number`` is how many lines have been taken. Line ends, a BOM, blanks do not matter."""

    def __init__(self, source: Text) -> None:
        self._lines = _lines(source)
        self.number = 0

    def rows(self) -> Iterator[Row]:
        """Number and split the lines; the slower csv module is only asked where a quote occurs."""
        for raw in self._lines:
            self.number += 1
            line = raw.strip()
            if '"' in line:
                yield self._quoted(line)
            elif line:
                yield self.number, line.split(";")

    def _quoted(self, line: str) -> Row:
        """A quoted cell may hold a line end: the csv module then takes the lines that follow."""
        number = self.number
        more = (follow.rstrip("\r\n") + "\n" for follow in self._lines)
        quoted = csv.reader(chain([line + "\n"], more), delimiter=";", strict=True)
        try:
            cells = next(quoted)
        except csv.Error as error:
            raise PbError(number, "quotes", str(error)) from error
        self.number += quoted.line_num - 1
        return number, cells

    def batch(self, most: int) -> list[str]:
        """Take the next lines as they are; none at the end."""
        lines = list(islice(self._lines, most))
        self.number += len(lines)
        return lines

    def put_back(self, lines: list[str]) -> None:
        """Undo `batch`; rows asked for earlier know nothing of it."""
        self._lines = chain(lines, self._lines)
        self.number -= len(lines)


class Memo(dict[str, T]):
    """What `make` makes of each distinct text, made once."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> T:
        return self.setdefault(text, self._make(text))


def columns(lines: list[str], width: int) -> list[tuple[str, ...]]:
    """The cells of one row per line, column by column. Raises ValueError or csv.Error where it isn't so plain."""
    stripped = [line for line in map(str.strip, lines) if line]
    is_quoted = any('"' in line for line in stripped)
    rows = csv.reader(stripped, delimiter=";", strict=True) if is_quoted else (line.split(";") for line in stripped)
    found = transposed(rows, width)
    if len(found) != width or len(found[0]) != len(stripped):
        raise ValueError("not one row of this width on each line")
    return found


def transposed(rows: Iterable[list[str]], width: int) -> list[tuple[str, ...]]:
    """The columns of a table, which has this many when it is empty. Raises ValueError for rows of several widths."""
    return list(zip(*rows, strict=True)) or [()] * width


def _lines(source: Text) -> Iterator[str]:
    whole = _decoded(source) if isinstance(source, bytes) else source
    lines = iter(whole.split("\n") if isinstance(whole, str) else whole)
    first = next(lines, "")
    return chain([first.removeprefix("\ufeff")], lines)


def _decoded(source: bytes) -> str:
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise PbError(line, "encoding", f"not UTF-8: {error.reason}") from error
