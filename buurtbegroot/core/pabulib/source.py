"""The lines of a ``.pb`` file, numbered, as rows of cells or by the batch."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

from buurtbegroot.core.pabulib.problems import PbError

T = TypeVar("T")
TITLES = ("META", "PROJECTS", "VOTES")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=;|$)')
Row = tuple[int, list[str]]
Text = bytes | str | Iterable[str]


class Lines:
    """What is left of a file; ``number`` is how many lines have been taken. Line ends, a BOM, blanks do not matter."""

    def __init__(self, source: Text) -> None:
        self._lines = _lines(source)
        self._back: deque[str] = deque()
        self.number = 0

    def rows(self, *, literal: bool = False) -> Iterator[Row]:
        """Number and split the lines; the slower csv module is only asked where a quote occurs.

        If `literal`, a quote that begins a cell and does not quote it is a sign like others.
        """
        for raw in self._rest():
            line = raw.strip()
            if '"' in line:
                yield self._quoted(line, literal=literal)
            elif line:
                yield self.number, line.split(";")

    def _quoted(self, line: str, *, literal: bool) -> Row:
        """A quoted cell may hold a line end, but no section: the csv module then takes the lines that follow."""
        number, taken = self.number, list[str]()

        def text() -> Iterator[str]:
            yield line + "\n"
            for follow in self._rest():
                taken.append(follow)
                if follow.strip().upper() in TITLES:
                    return
                yield follow.rstrip("\r\n") + "\n"

        try:
            return number, next(csv.reader(text(), delimiter=";", strict=True))
        except csv.Error as error:
            if literal:
                self.put_back(taken)
                return number, _cells(line)
            raise PbError(number, "quotes", str(error)) from error

    def _rest(self) -> Iterator[str]:
        """Take line by line, also those that are put back meanwhile."""
        while lines := self.batch(1):
            yield lines[0]

    def batch(self, most: int) -> list[str]:
        """Take the next lines as they are; none at the end."""
        lines = [self._back.popleft() for _ in range(min(most, len(self._back)))]
        lines += islice(self._lines, most - len(lines))
        self.number += len(lines)
        return lines

    def put_back(self, lines: list[str]) -> None:
        """Undo `batch`."""
        self._back.extendleft(reversed(lines))
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


def _cells(line: str) -> list[str]:
    """The cells of a line: one that is quoted ends where its quotes do, any other at the next semicolon."""
    cells, at = list[str](), 0
    while at <= len(line):
        quoted = _QUOTED.match(line, at)
        end = quoted.end() if quoted else (line.find(";", at) + 1 or len(line) + 1) - 1
        cells.append(quoted[1].replace('""', '"') if quoted else line[at:end])
        at = end + 1
    return cells


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
