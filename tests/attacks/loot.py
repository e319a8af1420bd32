"""Reading what lies on a disk, byte by byte: where values stand in a file, and rows of PostgreSQL with their age."""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

WINDOW = 8  # bytes that two values must share to be taken for one another
HEAP_PAGE, SQLITE_PAGE = 8192, 4096


class Seen(NamedTuple):
    """A value that was looked for, and where it stands."""

    value: bytes
    at: int


class Needles:
    """Values of at least eight bytes that are looked for all at once, as they are and in hexadecimal digits."""

    def __init__(self, values: Iterable[bytes], *, written: bool = True) -> None:
        self.forms: dict[bytes, bytes] = {}
        for value in values:
            assert len(value) >= WINDOW
            self.forms[value] = value
            if written:
                self.forms[value.hex().encode()] = value
        self._by_start: dict[int, list[bytes]] = {}
        for form in self.forms:
            self._by_start.setdefault(int.from_bytes(form[:WINDOW], "little"), []).append(form)
        self._starts = np.array(sorted(self._by_start), dtype=np.uint64)
        self._low = np.zeros(1 << 16, dtype=bool)
        self._low[self._starts & np.uint64(0xFFFF)] = True

    def seen(self, data: bytes) -> Iterator[Seen]:
        """Yield every place where a whole value stands."""
        for at, start in self._candidates(data):
            for form in self._by_start.get(start, ()):
                if data.startswith(form, at):
                    yield Seen(self.forms[form], at)

    def _candidates(self, data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for shift in range(min(WINDOW, max(0, len(data) - WINDOW + 1))):
            windows = np.frombuffer(data, dtype="<u8", offset=shift, count=(len(data) - shift) // WINDOW)
            near = np.flatnonzero(self._low[windows & np.uint64(0xFFFF)])
            places = np.searchsorted(self._starts[:-1], windows[near])
            hits = near[self._starts[places] == windows[near]]
            found += [(shift + WINDOW * int(place), int(windows[place])) for place in hits]
        return found


def orders(seen: Iterable[Seen], page: int) -> Iterator[tuple[str, list[bytes]]]:
    """Yield in which orders the values of a file can be read: as bytes, and page by page as rows were added.

    Both databases fill a page from its end.
    """
    first: dict[bytes, int] = {}
    for value, at in sorted(seen, key=lambda each: each.at):
        first.setdefault(value, at)
    yield "bytes", sorted(first, key=lambda value: first[value])
    yield "pages", sorted(first, key=lambda value: (first[value] // page, -first[value]))


class Row(NamedTuple):
    """A row of PostgreSQL as it lies in a file, living or dead: by which transaction, and from where to where."""

    xmin: int
    block: int
    line: int
    start: int
    end: int


def heap_rows(data: bytes) -> Iterator[Row]:
    """Yield the rows in a file of a table, dead ones as well."""
    for block, start in enumerate(range(0, len(data) - HEAP_PAGE + 1, HEAP_PAGE)):
        lower, upper, special = struct.unpack_from("<HHH", data, start + 12)
        if not (24 <= lower <= upper <= special == HEAP_PAGE):
            continue  # an index, or nothing
        for line in range(1, (lower - 24) // 4 + 1):
            (item,) = struct.unpack_from("<I", data, start + 20 + 4 * line)
            offset, flags, length = item & 0x7FFF, item >> 15 & 3, item >> 17
            if flags == 1 and length >= 24 and offset + length <= HEAP_PAGE:
                (xmin,) = struct.unpack_from("<I", data, start + offset)
                yield Row(xmin, block, line, start + offset, start + offset + length)


def by_age(data: bytes, seen: Iterable[Seen]) -> list[bytes]:
    """Return the values in the rows of a table in the order in which their transactions and rows came."""
    rows = sorted(heap_rows(data), key=lambda row: row.start)
    starts = [row.start for row in rows]
    found = []
    for value, at in seen:
        row = rows[bisect_right(starts, at) - 1] if starts and starts[0] <= at else None
        if row and at < row.end:
            found.append((row.xmin, row.block, row.line, value))
    return list(dict.fromkeys(value for *_, value in sorted(found)))
