"""The limits a file declares for its ballots; real files break their own, so what breaks them is a warning."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.pabulib.amounts import DECIMALS, Number, decimal, euros
from buurtbegroot.core.pabulib.model import PbProject
from buurtbegroot.core.pabulib.terms import POINTS_TYPES, Terms

UNIT = 10**DECIMALS  # points are summed and compared as integers: this many to one point


@dataclass(frozen=True, slots=True)
class Rows:
    """Ballots as flat arrays, see `PbProfile`; ``points`` count in units of 1/`UNIT`."""

    starts: NDArray[np.int64]
    plans: NDArray[np.int32]
    points: NDArray[np.int64] | None

    def taking(self, places: NDArray[np.int64], starts: NDArray[np.int64]) -> "Rows":
        """The choices at these places alone, in this order, with the starts that go with them."""
        return Rows(starts, self.plans[places], None if self.points is None else self.points[places])

    def sums(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sum over each row of a value per choice; a blank row gives 0."""
        running = np.concatenate([np.zeros(1, np.int64), np.cumsum(values)])
        sums: NDArray[np.int64] = running[self.starts[1:]] - running[self.starts[:-1]]
        return sums


@dataclass(frozen=True, slots=True)
class Limit:
    """At least or at most `limit` of what `worth` gives each choice, in each row or, for points, for each choice."""

    name: str
    limit: int
    worth: Callable[[Rows], NDArray[np.int64]]
    reason: str
    each: bool = False

    @property
    def field(self) -> str:
        """The column in which the ballot breaks it."""
        return "points" if "points" in self.name else "vote"

    def broken(self, rows: Rows) -> NDArray[np.bool_]:
        """Which rows break it."""
        worth = self.worth(rows)
        if self.each:
            return rows.sums(self._outside(worth).astype(np.int64)) > 0
        return self._outside(rows.sums(worth))

    def _outside(self, amounts: NDArray[np.int64]) -> NDArray[np.bool_]:
        outside: NDArray[np.bool_] = amounts < self.limit if self.name.startswith("min") else amounts > self.limit
        return outside


def limits(terms: Terms, projects: Sequence[PbProject]) -> list[Limit]:
    """Every limit that holds for a ballot of this file."""
    costs = np.array([0 if project.withdrawn else project.cost for project in projects], np.int64)
    found = [*_whole(terms, costs), *_per_category(terms, projects, costs)]
    return found + list(_points(terms)) if terms.vote_type in POINTS_TYPES else found


def _whole(terms: Terms, costs: NDArray[np.int64]) -> Iterator[Limit]:
    shortest = 1 if terms.min_length is None else terms.min_length
    longest = 1 if terms.vote_type == "choose-1" and terms.max_length is None else terms.max_length
    for name, limit in (("min_length", shortest), ("max_length", longest)):
        if limit is not None:
            yield Limit(name, limit, _ones, f"{_than(name)} projects than {name}, {limit}")
    for name, limit in (("min_sum_cost", terms.min_sum_cost), ("max_sum_cost", terms.max_sum_cost)):
        if limit is not None:
            yield Limit(name, limit, _Values(costs), f"costs {_than(name)} than {name}, {euros(limit)}")


def _per_category(terms: Terms, projects: Sequence[PbProject], costs: NDArray[np.int64]) -> Iterator[Limit]:
    for name in ("min_length", "max_length", "min_sum_cost", "max_sum_cost"):
        given = getattr(terms, f"{name}_per_category")
        each = given * len(terms.categories) if len(given) == 1 else given
        for category, limit in zip(terms.categories, each, strict=False):
            member = np.array([category in project.category for project in projects], np.int64)
            is_cost = name.endswith("cost")
            written = euros(limit) if is_cost else limit
            reason = f"{_than(name)} than {name}_per_category, {written}, of {category!r}"
            yield Limit(name, limit, _Values(member * costs if is_cost else member), reason)


def _points(terms: Terms) -> Iterator[Limit]:
    for name in ("min_points", "max_points", "min_sum_points", "max_sum_points"):
        limit: Number | None = getattr(terms, name)
        if limit is None and name == "min_points" and terms.vote_type == "cumulative":
            limit = 0  # the format's default
        if limit is not None:
            # A bound finer than a unit is rounded to the side on which no possible ballot changes its verdict.
            scaled = -int(-limit * UNIT // 1) if name.startswith("min") else int(limit * UNIT // 1)
            reason = f"{_than(name)} points than {name}, {decimal(limit)}"
            yield Limit(name, scaled, _given, reason, each="sum" not in name)


def _than(name: str) -> str:
    if name.startswith("max"):
        return "more"
    return "less" if "cost" in name else "fewer"


def _ones(rows: Rows) -> NDArray[np.int64]:
    return np.ones(len(rows.plans), np.int64)


def _given(rows: Rows) -> NDArray[np.int64]:
    assert rows.points is not None
    return rows.points


@dataclass(frozen=True, slots=True)
class _Values:
    """A value for each project."""

    values: NDArray[np.int64]

    def __call__(self, rows: Rows) -> NDArray[np.int64]:
        worth: NDArray[np.int64] = self.values[rows.plans]
        return worth
