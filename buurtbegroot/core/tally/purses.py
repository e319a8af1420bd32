"""What voters have left in a count in which they pay for plans: exact amounts, with floats that find them fast."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.profile import Profile

Rows = NDArray[np.intp]


class Purses:
    """The money of one vote of every row, in cents. Rows that paid the same share a purse, so each amount is kept once.

    `purse` is the purse of each row, `cents` the exact amount in each purse. `approx` is that amount for each row,
    rounded to the nearest float: as rounding keeps order, floats that differ decide, and equal ones ask `cents`.
    """

    def __init__(self, profile: Profile, endowment: Fraction) -> None:
        self.profile = profile
        # One own amount for all, if voters bring none: reckoning with it once for each row would take most of a run.
        own = profile.money or (Fraction(0),)
        place = {money: number for number, money in enumerate(dict.fromkeys(own))}
        self.cents = [endowment + money for money in place]
        purses = np.array([place[money] for money in own], dtype=np.int64)
        self.purse = np.resize(purses, len(profile.votes))
        self.approx = np.array([_nearest(money) for money in self.cents])[self.purse]
        rows = np.repeat(np.arange(len(profile.votes)), np.diff(profile.starts))
        order = np.argsort(profile.choices, kind="stable")
        bounds = np.searchsorted(profile.choices[order], np.arange(len(profile.plans) + 1))
        self.entries: list[Rows] = [order[begin:end] for begin, end in pairwise(bounds)]
        self.supporters: list[Rows] = [rows[entries] for entries in self.entries]

    def at_least(self, rows: Rows, amount: Fraction) -> Rows:
        """Return those of the rows that have this amount or more."""
        near, own = _nearest(amount), self.approx[rows]
        enough = own > near
        for place in np.flatnonzero(own == near):
            enough[place] = self.cents[self.purse[rows[place]]] >= amount
        return rows[enough]

    def votes(self, rows: Rows) -> int:
        """Return how many votes these rows are, in parts."""
        return int(self.profile.votes[rows].sum())

    def held(self, rows: Rows) -> dict[int, int]:
        """Return the votes of these rows, in parts, for each purse."""
        purses, places = np.unique(self.purse[rows], return_inverse=True)
        votes = np.zeros(len(purses), dtype=np.int64)
        np.add.at(votes, places, self.profile.votes[rows])
        return dict(zip(purses.tolist(), votes.tolist(), strict=True))

    def total(self, rows: Rows | None = None) -> Fraction:
        """Return the cents that these rows, or all, have together."""
        held = self.held(np.arange(len(self.purse)) if rows is None else rows)
        together = sum((self.cents[purse] * votes for purse, votes in held.items()), Fraction(0))
        return together / self.profile.parts

    def pay(self, rows: Rows, asked: Fraction, worths: NDArray[np.int64] | None = None) -> None:
        """Let each of these rows pay what is asked, times its worth if given, or all it has left."""
        worths = np.ones(len(rows), dtype=np.int64) if worths is None else worths
        pairs, places = np.unique(np.stack([self.purse[rows], worths]), axis=1, return_inverse=True)
        first = len(self.cents)
        for purse, worth in pairs.T.tolist():
            left = self.cents[purse] - (asked if worth == 1 else asked * worth)
            self.cents.append(left if left.numerator > 0 else Fraction(0))
        self.purse[rows] = first + places.reshape(-1)
        self.approx[rows] = np.array([_nearest(money) for money in self.cents[first:]])[places.reshape(-1)]


def _nearest(amount: Fraction) -> float:
    """Return the nearest float: dividing integers rounds once, and faster than `float` does here."""
    return amount.numerator / amount.denominator
