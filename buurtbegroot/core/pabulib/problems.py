"""What can be wrong with a ``.pb`` file: an error ends the reading, a warning is kept."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

T = TypeVar("T")
SHOWN = 10
MISCOUNT = "counted all the same"
LONGEST = 300  # characters; what a damaged file says of itself may be as long as the file


class PbError(ValueError):
    """The text is no valid ``.pb`` file: ``line`` (from 1; 0 for a file that stops), ``field`` and ``reason``."""

    def __init__(self, line: int, field: str, reason: str) -> None:
        self.line = line
        self.field = field[:LONGEST]
        self.reason = reason[:LONGEST]
        super().__init__(f"line {line}, {self.field}: {self.reason}")


class PbWarning(NamedTuple):
    """What a file says against itself without spoiling a count: ``lines`` are the first ten of ``times`` places."""

    lines: tuple[int, ...]
    field: str
    reason: str
    times: int

    @property
    def is_miscount(self) -> bool:
        """Whether META announces another number than the file has, and it was counted all the same."""
        return self.reason.endswith(MISCOUNT)

    def __str__(self) -> str:
        more = " and on" if self.times > len(self.lines) else ""
        return f"line {', '.join(map(str, self.lines))}{more}, {self.field}: {self.reason}"


class Warnings:
    """Gathers equal warnings into one, so that a million ballots over a limit take one line.

    With `allow_miscount` it is only a warning too that META announces another number of projects or votes.
    """

    def __init__(self, *, allow_miscount: bool = False) -> None:
        self.allow_miscount = allow_miscount
        self._places: dict[tuple[str, str], list[int]] = {}
        self._times: dict[tuple[str, str], int] = {}

    def add(self, line: int, field: str, reason: str) -> None:
        """Note one place."""
        places = self._places.setdefault((field, reason), [])
        if len(places) < SHOWN:
            places.append(line)
        self._times[field, reason] = self._times.get((field, reason), 0) + 1

    def all(self) -> tuple[PbWarning, ...]:
        """Each distinct warning, in the order of the file."""
        return tuple(sorted(PbWarning(tuple(lines), *key, self._times[key]) for key, lines in self._places.items()))


def parsed(line: int, field: str, text: str, *, parse: Callable[[str], T]) -> T:
    """What `parse` makes of a cell, its ValueError turned into an error with a place."""
    try:
        return parse(text)
    except ValueError as error:
        raise PbError(line, field, str(error)) from error
