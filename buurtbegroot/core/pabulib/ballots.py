"""The section VOTES by the batch, for both readers: every error names its line, and no voter needs an object.

A batch is checked and converted column by column. Where anything is unusual in it, the same lines are gone through
row by row, which either finds the error in the order of the file or hands back what was unusual but right.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.pabulib.amounts import points
from buurtbegroot.core.pabulib.head import check_width, is_on_one_line
from buurtbegroot.core.pabulib.limits import UNIT, Rows, limits
from buurtbegroot.core.pabulib.model import PbProject
from buurtbegroot.core.pabulib.problems import PbError, Warnings, parsed
from buurtbegroot.core.pabulib.source import Lines, Memo, Row, columns, transposed
from buurtbegroot.core.pabulib.terms import Terms, items

BATCH = 20_000  # lines; the work between two of them fits in a processor's cache

Columns = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some voters in a row: their cells by column, and their ballots without repeated projects."""

    cells: Columns
    rows: Rows


class Ballots:
    """Reads what follows the title VOTES; ``votes`` and ``scores`` count what each project got so far."""

    def __init__(self, lines: Lines, *, header: list[str], terms: Terms, projects: Sequence[PbProject]) -> None:
        self._lines = lines
        self._width = len(header)
        self._columns = header
        self._at_vote = header.index("vote")
        self._at_points = header.index("points") if "points" in header else None
        self._ids = [project.project_id for project in projects]
        self._known = {project_id: place for place, project_id in enumerate(self._ids)}
        self._places = Memo(lambda text: self._known[text.strip()])
        self._units = Memo(lambda text: int(points(text) * UNIT))
        self._voters: set[str] = set()
        self._limits = limits(terms, projects)
        self._is_ranked = terms.vote_type == "ordinal"
        self.votes = np.zeros(len(projects), np.int64)
        self.scores = np.zeros(len(projects), np.int64)
        self.count = 0

    def batches(self, warnings: Warnings) -> Iterator[Batch]:
        """All voters in the order of the file. Raises PbError."""
        while lines := self._lines.batch(BATCH):
            first = self._lines.number - len(lines) + 1
            try:
                cells = columns(lines, self._width)
                rows = self._rows(cells)
                self._take(cells[0])
                places = [place for place, line in enumerate(lines, first) if line.strip()]
            except (ValueError, csv.Error):
                found = self._one_by_one(lines)
                cells = transposed((row for _, row in found), self._width)
                rows = self._rows(cells)
                places = [place for place, _ in found]
            yield Batch(cells, self._checked(rows, places, warnings))
            self.count += len(places)

    def _take(self, cells: Sequence[str]) -> None:
        """Note the voters of a batch, or none of them. Raises ValueError for one without id or seen before."""
        voters = set(map(str.strip, cells))
        if len(voters) < len(cells) or "" in voters or not self._voters.isdisjoint(voters):
            raise ValueError("not all voters are new")
        if not is_on_one_line("".join(voters)):
            raise ValueError("not all ids are plain")
        self._voters |= voters

    def _one_by_one(self, lines: list[str]) -> list[Row]:
        """The rows that begin on these lines; the last may need more lines. Raises PbError."""
        end = self._lines.number
        self._lines.put_back(lines)
        found: list[Row] = []
        for number, cells in self._lines.rows():
            self._check(number, cells)
            found.append((number, cells))
            if self._lines.number >= end:
                break
        return found

    def _check(self, number: int, cells: list[str]) -> None:
        """Raise the first error of a row."""
        check_width(number, self._columns, cells)
        voter = cells[0].strip()
        if not voter or voter in self._voters or not is_on_one_line(voter):
            raise PbError(number, "voter_id", f"{voter!r} is empty, occurs twice or runs over lines")
        self._voters.add(voter)
        choices = items(cells[self._at_vote])
        for choice in choices:
            if choice not in self._known:
                raise PbError(number, "vote", f"project {choice!r} is not in PROJECTS")
        if self._at_points is not None:
            given = [parsed(number, "points", item, parse=points) for item in items(cells[self._at_points])]
            if len(given) != len(choices):
                raise PbError(number, "points", f"{len(given)} numbers for {len(choices)} projects")

    def _rows(self, cells: Columns) -> Rows:
        """The ballots as written. Raises ValueError where `_check` finds an error, and only there."""
        starts, texts = _split(cells[self._at_vote])
        try:
            plans = np.fromiter(map(self._places.__getitem__, texts), np.int32, len(texts))
        except KeyError as error:
            raise ValueError("an unknown project") from error
        if self._at_points is None:
            return Rows(starts, plans, None)
        beside, numbers = _split(cells[self._at_points])
        if not np.array_equal(starts, beside):
            raise ValueError("not as many points as projects")
        return Rows(starts, plans, np.fromiter(map(self._units.__getitem__, numbers), np.int64, len(numbers)))

    def _checked(self, rows: Rows, places: list[int], warnings: Warnings) -> Rows:
        """The ballots with each project once, in the order of a PbProfile, and counted; a broken limit is noted."""
        owners = np.repeat(np.arange(len(places), dtype=np.int64), np.diff(rows.starts))
        keys = owners * max(1, len(self._ids)) + rows.plans
        ordered = np.sort(keys)
        if (ordered[1:] == ordered[:-1]).any():
            kept = np.sort(np.unique(keys, return_index=True)[1])
            for again in np.setdiff1d(np.arange(len(keys)), kept):
                reason = f"project {self._ids[rows.plans[again]]!r} is named again; only the first time counts"
                warnings.add(places[owners[again]], "vote", reason)
            rows, keys = rows.taking(kept, np.searchsorted(kept, rows.starts)), keys[kept]
        if not self._is_ranked:
            rows = rows.taking(np.argsort(keys, kind="stable"), rows.starts)
        self._note(rows, places, warnings)
        return rows

    def _note(self, rows: Rows, places: list[int], warnings: Warnings) -> None:
        self.votes += np.bincount(rows.plans, minlength=len(self.votes))
        if rows.points is not None:
            np.add.at(self.scores, rows.plans, rows.points)
        for limit in self._limits:
            for row in np.flatnonzero(limit.broken(rows)):
                warnings.add(places[row], limit.field, limit.reason)


def _split(cells: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """The items of all cells one after another, and where those of each cell begin; the last place is their end."""
    if all(map(str.strip, cells)):
        lengths: Iterable[int] = (cell.count(",") + 1 for cell in cells)
        texts = ",".join(cells).split(",") if cells else []
    else:
        parts = [items(cell) for cell in cells]
        lengths, texts = map(len, parts), list(chain.from_iterable(parts))
    starts = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, len(cells)), out=starts[1:])
    return starts, texts
