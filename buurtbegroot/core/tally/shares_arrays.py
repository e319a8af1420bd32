"""A market as the fast paths read it: ballots from both sides, and money in whole grains, never too little of it.

Money is counted in grains, of which a whole number makes a cent: so many that all of it together stays below
2**62, or below 2**53 where floats hold them. Sums and differences of whole numbers are then exact in 64 bits, and the
only error is one of rounding, kept on one side:

*   Nobody's grains are fewer than what he has exactly, and all are together at most `excess` grains too many.
*   Payments rise with money, so a plan's price in grains, rounded down, is at most its exact price, and what
    remains after paying is again never too little. A purchase takes the cost from the exact money and what was
    paid from the grains, so the excess grows by cost - paid: a difference of two known integers.
*   The supporters of a plan have at most `excess` too many, so its exact price is between the prices at which they
    would pay its cost and its cost + excess.

Differences never grow by going from voter to voter, as those of floats do that are added without regard to sign.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.market import Market

Integers = NDArray[np.int64]
Numbers = NDArray[Any]
LARGEST = 1 << 62
FINEST = 1 << 60
EXACT_IN_FLOATS = 1 << 52
"""Twice this, and floats hold all whole numbers up to it: all money together stays below that."""
SAMPLE = 1 << 14
PIECE = 10_000
"""Numbers added at once: OpenBLAS shares more than these out over threads, and waits longer for them than they add."""
_GOLDEN = 0x9E3779B97F4A7C15
SORT_FROM = 1 << 15
"""As many rows outgrow a processor's nearest caches, so that their order matters."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grains:
    """The start of one run: grains to a cent, those of each row, how many are too many, and what plans cost.

    `most` is what the richest row has, and every row if `starts` is None.
    """

    endowment: Fraction
    scale: int
    most: int
    starts: Integers | None
    excess: int
    costs: Integers

    def money(self, rows: int) -> Integers:
        """Return what each row starts with, as an array that may be changed."""
        return np.full(rows, self.most, dtype=np.int64) if self.starts is None else self.starts.copy()


def adder(votes: Numbers) -> Callable[[Numbers], float]:
    """Return a function that adds up amounts x these votes."""
    if len(votes) <= PIECE:
        return votes.dot
    pieces = [(slice(start, start + PIECE), votes[start : start + PIECE]) for start in range(0, len(votes), PIECE)]
    return lambda amounts: sum(own.dot(amounts[part]) for part, own in pieces)


class Side(NamedTuple):
    """Who chose a plan: their rows, votes and points (None: all 1), and how to add up over them.

    `total` adds amounts x votes, `worth` the votes x points of those marked.
    """

    rows: Integers
    votes: Numbers
    points: Integers | None
    total: Callable[[Numbers], float]
    worth: Callable[[NDArray[np.bool_]], float]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Arrays:
    """n rows and m plans. Only choices of plans for sale are here, and rows that have any.

    `votes`: row weights in parts, all 1 unless `weighted`. `begin`, `choices`, `given`: the ballots, n + 1 offsets
    into plan indexes and, if points count, the points. `first`, `supporters`, `points`: the same by plan, m + 1
    offsets into rows. `support`: votes x points for each plan. `costs`: cents x parts. `start`: the cents that a vote
    of each row starts with, times `start_den`, None when all start equal, and `richest` the most of these. `heaviest`:
    all votes, or the most points if that is more.
    """

    market: Market
    votes: Integers
    weighted: bool
    begin: Integers
    choices: NDArray[np.int32]
    given: Integers | None
    first: Integers
    supporters: NDArray[np.int32]
    points: Integers | None
    support: Integers
    costs: Integers
    start: Integers | None
    start_den: int
    heaviest: int
    richest: int
    units: NDArray[np.float64]
    sold: Integers
    by_plan: dict[np.dtype[np.generic], list[Side]] = field(default_factory=dict)

    def sides(self, kind: np.dtype[np.generic]) -> list[Side]:
        """Return the side of every plan, with numbers of this kind."""
        if kind not in self.by_plan:
            rows = [side.rows for side in next(iter(self.by_plan.values()), ())] or self._rows()
            votes = self.votes.astype(kind) if self.weighted else np.ones(max(map(len, rows), default=0), dtype=kind)
            self.by_plan[kind] = [self._side(plan, rows[plan], votes) for plan in range(len(self.costs))]
        return self.by_plan[kind]

    def _rows(self) -> list[Integers]:
        """Return the rows that chose each plan, as NumPy likes its indexes best."""
        return np.split(self.supporters.astype(np.int64), self.first[1:-1])

    def _side(self, plan: int, rows: Integers, votes: Numbers) -> Side:
        points = None if self.points is None else self.points[self.first[plan] : self.first[plan + 1]]
        own = votes[rows] if self.weighted else votes[: len(rows)]
        if points is None and not self.weighted:
            return Side(rows, own, None, adder(own), np.count_nonzero)
        return Side(rows, own, points, adder(own), adder(own if points is None else own * points))

    def choices_of(self, rows: Integers) -> tuple[Integers, Integers]:
        """Return the numbers of the choices of these rows, one row after the other, and how many each has."""
        lengths = np.diff(self.begin)[rows]
        ends = np.cumsum(lengths)
        return np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.begin[rows] - ends + lengths, lengths), lengths

    def owned(self, money: Integers) -> Integers:
        """Return what the supporters of each plan have together, when rows have this money."""
        amounts = (money * self.votes)[self.supporters] if self.weighted else money[self.supporters]
        sums = np.concatenate([[0], np.cumsum(amounts)])  # these wrap around, but their differences are right
        return np.diff(sums[self.first])

    def take(self, owned: Integers, rows: Integers, paid: Integers) -> None:
        """Subtract from `owned` what each of these rows paid per vote, for all plans on its ballot."""
        paying = np.flatnonzero(paid)
        entries, lengths = self.choices_of(rows[paying])
        np.subtract.at(owned, self.choices[entries], np.repeat(paid[paying] * self.votes[rows[paying]], lengths))

    def grains(self, endowment: Fraction, *, most: int = LARGEST) -> Grains | None:
        """Return the start of a run with this endowment in cents; None when `most` grains can't hold it."""
        den = lcm(endowment.denominator, self.start_den)
        richest = endowment.numerator * (den // endowment.denominator) + self.richest * (den // self.start_den)
        largest = min(LARGEST, most)
        room = min(largest // max(-(-self.heaviest * richest // den), 1), FINEST)
        scale = room // den * den or room  # grains that hold every start exactly, if there can be as many
        if scale == 0:
            return None
        starts = None if self.start is None else self._starts(self.start, endowment, scale=scale)
        dearest = largest // scale + 1  # nobody has that much
        return Grains(
            endowment=endowment,
            scale=scale,
            most=max(-(-richest * scale // den), 0),
            starts=starts,
            excess=0 if scale % den == 0 else self.heaviest,
            costs=np.minimum(self.costs, dearest) * scale,
        )

    def _starts(self, start: Integers, endowment: Fraction, *, scale: int) -> Integers:
        starts, row = np.unique(start, return_inverse=True)
        cents = (endowment + Fraction(int(one), self.start_den) for one in starts)
        return np.array([max(ceil(one * scale), 0) for one in cents], dtype=np.int64)[row]


def arrays_of(market: Market) -> Arrays | None:
    """Return the arrays of a market; None when 64 bits can't hold its numbers."""
    rows = _rows_of(market)
    if rows is None:
        return None
    rows = _in_order(_merged(rows))
    first, entries = _by_plan(rows, len(market.costs))
    supporters = rows.of_entries()[entries]
    points = None if rows.given is None else rows.given[entries]
    worth = rows.votes[supporters] if points is None else rows.votes[supporters] * points
    support = np.concatenate([[0], np.cumsum(worth)])
    support = np.diff(support[first])
    return Arrays(
        market=market,
        votes=rows.votes,
        weighted=bool((rows.votes != 1).any()),
        begin=rows.begin,
        choices=rows.choices,
        given=rows.given,
        first=first,
        supporters=supporters,
        points=points,
        support=support,
        units=np.array(market.units, dtype=np.float64),
        sold=np.array([plan for plan in market.for_sale if market.costs[plan] and support[plan]], dtype=np.int64),
        costs=np.array([min(cost * market.profile.parts, LARGEST) for cost in market.costs], dtype=np.int64),
        start=rows.start,
        start_den=rows.start_den,
        heaviest=max(int(rows.votes.sum()), 1 if points is None else int(points.max(initial=1))),
        richest=0 if rows.start is None else int(rows.start.max(initial=0)),
    )


class _Rows(NamedTuple):
    """Ballots by row, as `Arrays` has them."""

    begin: Integers
    choices: NDArray[np.int32]
    given: Integers | None
    votes: Integers
    start: Integers | None
    start_den: int

    def of_entries(self) -> NDArray[np.int32]:
        """Return the row of each choice."""
        return np.repeat(np.arange(len(self.votes), dtype=np.int32), np.diff(self.begin))

    def taken(self, rows: Integers) -> "_Rows":
        """Return these rows in this order."""
        lengths = np.diff(self.begin)[rows]
        begin = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.arange(begin[-1]) + np.repeat(self.begin[rows] - begin[:-1], lengths)
        return _Rows(
            begin=begin,
            choices=self.choices[entries],
            given=None if self.given is None else self.given[entries],
            votes=self.votes[rows],
            start=None if self.start is None else self.start[rows],
            start_den=self.start_den,
        )


def _rows_of(market: Market) -> _Rows | None:
    profile = market.profile
    for_sale = np.array([plan in market.for_sale and cost > 0 for plan, cost in enumerate(market.costs)], dtype=bool)
    if not for_sale.all():
        profile = profile.keeping(for_sale[profile.choices])
    points = profile.points if market.by_points else None
    start_den = lcm(*(one.denominator for one in set(profile.money or ())))
    start = [one.numerator * (start_den // one.denominator) for one in profile.money or ()]
    largest = float(profile.votes.sum()) * max(
        map(float, (1, *start, *(() if points is None else (points.max(initial=1),))))
    )
    if largest >= EXACT_IN_FLOATS:
        return None
    return _Rows(
        begin=profile.starts,
        choices=profile.choices,
        given=points,
        votes=profile.votes,
        start=np.array(start, dtype=np.int64) if profile.money is not None else None,
        start_den=start_den,
    )


def _merged(rows: _Rows) -> _Rows:
    """Return the rows with equal ones as one, if a sample of them says that this saves a fifth or more."""
    prints = _prints(rows)
    sample = prints[:: len(prints) // SAMPLE + 1]
    if len(np.unique(sample)) >= 0.8 * len(sample):
        return rows
    order = np.argsort(prints, kind="stable")
    ordered = rows.taken(order)
    is_first = np.concatenate([[True], ~_equals_previous(ordered, prints[order])])
    merged = ordered.taken(np.flatnonzero(is_first))
    return merged._replace(votes=np.add.reduceat(ordered.votes, np.flatnonzero(is_first)))


def _prints(rows: _Rows) -> NDArray[np.uint64]:
    """Return a number for each row that is equal for equal ballots, and seldom for others."""
    values = rows.choices.astype(np.uint64) + 1
    if rows.given is not None:
        values += rows.given.astype(np.uint64) << np.uint64(32)
    # The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    values *= np.uint64(_GOLDEN)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values ^ (values >> np.uint64(31)))])
    prints = np.diff(sums[rows.begin])
    return prints if rows.start is None else prints + rows.start.astype(np.uint64) * np.uint64(_GOLDEN)


def _equals_previous(rows: _Rows, prints: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of each row but the first whether it has the same choices in the same order, points and start."""
    lengths = np.diff(rows.begin)
    same = (prints[1:] == prints[:-1]) & (lengths[1:] == lengths[:-1])
    if rows.start is not None:
        same &= rows.start[1:] == rows.start[:-1]
    pairs = np.flatnonzero(same)
    others, these = rows.taken(pairs), rows.taken(pairs + 1)
    differs = others.choices != these.choices
    if others.given is not None and these.given is not None:
        differs |= others.given != these.given
    different = np.concatenate([[0], np.cumsum(differs)])
    equal: NDArray[np.bool_] = np.zeros(len(same), dtype=bool)
    equal[pairs] = np.diff(different[others.begin]) == 0
    return equal


def _in_order(rows: _Rows) -> _Rows:
    """Return the rows with voters of the most chosen plans beside each other: what a plan reads is then close."""
    if len(rows.votes) < SORT_FROM:
        return rows
    popular = np.argsort(-np.bincount(rows.choices))[:64]
    bit = np.zeros(int(rows.choices.max(initial=0)) + 1, dtype=np.uint64)
    bit[popular] = np.uint64(1) << np.arange(63, 63 - len(popular), -1, dtype=np.uint64)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(bit[rows.choices])])
    return rows.taken(np.argsort(np.diff(sums[rows.begin]), kind="stable")[::-1])


def _by_plan(rows: _Rows, plans: int) -> tuple[Integers, Integers]:
    """Return m + 1 offsets into the numbers of the choices of each plan, and those numbers."""
    short = rows.choices.astype(np.uint16) if plans <= 1 << 16 else rows.choices  # 16 bits are sorted by radix
    entries = np.argsort(short, kind="stable")
    return np.concatenate([[0], np.cumsum(np.bincount(rows.choices, minlength=plans))]), entries
