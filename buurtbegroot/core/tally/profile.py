"""All ballots of one count as flat arrays, equal ballots as one row; what a ballot may be is decided elsewhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import compress, pairwise
from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.ballots import Choices


class Row(NamedTuple):
    """Voters with the same ballot: plan ids (best first when ranked), points beside them, and how many voters.

    `weight` is what one of them counts for; `start` the cents one of them starts with, None for an equal share.
    `places` are those of the choices in the ranking as written, from 0, where others that were on it take no part.
    """

    choices: tuple[int, ...]
    voters: int = 1
    points: tuple[int, ...] | None = None
    weight: Fraction = Fraction(1)
    start: Fraction | None = None
    places: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Profile:
    """Ballots of n rows over m plans, in CSR form.

    `plans`: m plan ids, rising. `starts`: n + 1 offsets (int64) into `choices` (int32 plan indexes, best first
    when ranked) and `points` (int64, None for approvals). `votes`: n positive row weights (int64): the voters
    of the row times their weight, in parts; `parts` make one vote. `money`: for each row the cents that one
    vote starts with, None when all start equal. `places`: beside `choices` (int32), the place of each in the ranking
    as written, from 0, where some of the `absent` plans that take no part were ranked too; None when they count up.
    """

    plans: tuple[int, ...]
    starts: NDArray[np.int64]
    choices: NDArray[np.int32]
    votes: NDArray[np.int64]
    points: NDArray[np.int64] | None = None
    money: tuple[Fraction, ...] | None = None
    parts: int = 1
    places: NDArray[np.int32] | None = None
    absent: int = 0

    @classmethod
    def from_ballots(cls, plans: Sequence[int], ballots: Mapping[Choices, int]) -> "Profile":
        """Return the profile of approvals, each with the number of voters who cast it."""
        return cls.from_rows(plans, (Row(choices, voters) for choices, voters in ballots.items()))

    @classmethod
    def from_rows(cls, plans: Sequence[int], rows: Iterable[Row]) -> "Profile":
        """Return the profile of these rows; rows of no voters are left out.

        Raises KeyError for a ballot that names another plan.
        """
        index = {plan: place for place, plan in enumerate(plans)}
        kept = [row for row in rows if row.voters]
        parts = lcm(*(row.weight.denominator for row in kept))
        with_points = any(row.points is not None for row in kept)
        with_money = any(row.start is not None for row in kept)
        with_places = any(row.places is not None for row in kept)
        return cls(
            plans=tuple(plans),
            starts=np.cumsum([0, *(len(row.choices) for row in kept)], dtype=np.int64),
            choices=np.array([index[plan] for row in kept for plan in row.choices], dtype=np.int32),
            votes=np.array([int(row.voters * row.weight * parts) for row in kept], dtype=np.int64),
            points=np.array([one for row in kept for one in row.points or ()], dtype=np.int64) if with_points else None,
            money=tuple(row.start or Fraction(0) for row in kept) if with_money else None,
            parts=parts,
            places=np.array([one for row in kept for one in _places(row)], dtype=np.int32) if with_places else None,
        )

    def among(self, plans: Sequence[int]) -> "Profile":
        """Return the same rows with these plans only, ids rising; a row may be left without any.

        The others are of another pot, so rankings close up; what is of no pot keeps its place.
        """
        place = np.searchsorted(plans, self.plans).astype(np.int32)
        kept = np.isin(self.plans, plans)[self.choices]
        found = replace(self.keeping(kept), plans=tuple(plans), choices=place[self.choices[kept]])
        if found.places is None:
            return found
        gone = np.concatenate([[0], np.cumsum(~kept, dtype=np.int32)])
        before = gone[:-1] - np.repeat(gone[self.starts[:-1]], np.diff(self.starts))
        return replace(found, places=found.places - before[kept])

    def keeping(self, kept: NDArray[np.bool_]) -> "Profile":
        """Return the same rows with only the choices marked here."""
        points = None if self.points is None else self.points[kept]
        places = None if self.places is None else self.places[kept]
        starts = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])[self.starts]
        return replace(self, starts=starts, choices=self.choices[kept], points=points, places=places)

    def ranks(self) -> NDArray[np.int32]:
        """Return the place of each choice in its ranking, from 0."""
        if self.places is not None:
            return self.places
        return (np.arange(len(self.choices)) - np.repeat(self.starts[:-1], np.diff(self.starts))).astype(np.int32)

    def filled(self) -> "Profile":
        """Return the rows that have a choice."""
        kept = np.diff(self.starts) > 0
        money = None if self.money is None else tuple(compress(self.money, kept))
        starts = self.starts[np.concatenate([[True], kept])]
        return replace(self, starts=starts, votes=self.votes[kept], money=money)

    def totals(self) -> list[int]:
        """Return the votes of each plan by index, in parts."""
        found = np.zeros(len(self.plans), dtype=np.int64)
        np.add.at(found, self.choices, np.repeat(self.votes, np.diff(self.starts)))
        return [int(total) for total in found]

    def ballots(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...] | None, int]]:
        """Yield each row as plan indexes, points and votes in parts: for those who do without arrays."""
        bounds, choices, votes = self.starts.tolist(), self.choices.tolist(), self.votes.tolist()
        points = None if self.points is None else self.points.tolist()
        for row, (begin, end) in enumerate(pairwise(bounds)):
            yield tuple(choices[begin:end]), None if points is None else tuple(points[begin:end]), votes[row]


def _places(row: Row) -> Iterable[int]:
    return range(len(row.choices)) if row.places is None else row.places
