"""One run of the Method of Equal Shares in exact fractions, at the speed of whole grains.

Who has money left paid every plan of his in full, so has his start less the prices of those plans (times his points).
What a group of voters has left is then a sum over the plans bought, with numbers of votes as factors; grains tell
who is in which group, and only those too near to call are looked at one by one.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.shares_arrays import Arrays, Grains, Integers
from buurtbegroot.core.tally.shares_run import Leader, Run

Marks = NDArray[np.bool_]


class Payment(NamedTuple):
    """The exact price per point in cents, which supporters pay it in full, and which have nothing left then."""

    price: Fraction
    in_full: Marks
    empty: Marks


class _Kind(NamedTuple):
    """Supporters with the same cents left and the same points."""

    money: Fraction
    points: int
    votes: int
    number: int


class ExactRun(Run):
    """A run that knows the exact price of every plan bought; who has no grains has exactly nothing."""

    whole = int
    money: Integers

    def __init__(self, arrays: Arrays, grains: Grains, endowment: Fraction) -> None:
        super().__init__(arrays, grains)
        self.endowment = endowment
        self.cost_cents: list[int] = arrays.costs.tolist()
        self.prices: list[Fraction] = []
        self.order = np.full(len(arrays.costs), -1, dtype=np.int64)

    def decide(self, leaders: Iterable[Leader]) -> Leader | None:
        """Return which of these is the next; those that are too dear leave the market."""
        levels = {one.plan: self.exact_level(one.plan) for one in leaders}
        self.open.difference_update(plan for plan, level in levels.items() if level is None)
        affordable = {plan: level for plan, level in levels.items() if level is not None}
        if not affordable:
            return None
        precedence = self.arrays.market.precedence
        plan = min(affordable, key=lambda plan: (affordable[plan], precedence[plan]))
        price = affordable[plan] * self.arrays.market.units[plan] * self.scale
        return Leader(plan, floor(price), ceil(price))

    def exact_level(self, plan: int) -> Fraction | None:
        """Return the plan's level in cents; None when its supporters can't pay."""
        payment = self.payment(plan)
        return None if payment is None else payment.price / self.arrays.market.units[plan]

    def payment(self, plan: int) -> Payment | None:
        """Return how the supporters pay the plan; None when they can't."""
        money = self.money[self.supporters(plan)]
        votes, points = self.wide_factors(plan)
        leader = self.bracket(plan)
        if leader is None:
            return None
        sure = np.zeros(len(money), dtype=bool) if leader.high is None else money - self.excess > leader.high * points
        in_full, unsure = sure, ~sure & (money >= leader.low * points) & (money > 0)
        poor = ~sure & ~unsure & (money > 0)
        missing = self.cost_cents[plan] - self.cents(self.supporters(plan)[poor])
        growth = int(votes[sure] @ points[sure])
        kinds, kind = self._kinds(self.supporters(plan)[unsure], points[unsure])
        growth += sum(one.votes * one.points for one in kinds)
        # From the price if all of these pay in full, upwards: who can't leaves the sum with what he has.
        while growth and (low := [one for one in kinds if one.money * growth < missing * one.points]):
            missing -= sum(one.votes * one.money for one in low)
            growth -= sum(one.votes * one.points for one in low)
            kinds = [one for one in kinds if one not in low]
        if not growth:
            return None
        price = Fraction(missing) / growth
        if not len(kind):
            return Payment(price, in_full, ~in_full)
        in_full[unsure] = np.isin(kind, [one.number for one in kinds])
        empty = ~in_full
        empty[unsure] |= np.isin(kind, [one.number for one in kinds if one.money == price * one.points])
        return Payment(price, in_full, empty)

    def wide_factors(self, plan: int) -> tuple[Integers, Integers]:
        """Return votes and points of each supporter."""
        rows, _, points, *_ = self.sides[plan]
        return self.arrays.votes[rows], np.ones(len(rows), dtype=np.int64) if points is None else points

    def bracket(self, plan: int) -> Leader | None:
        """Return the bounds of the plan's price; None when surely too dear."""
        is_open = plan in self.open
        leader = self.look(plan)
        if is_open:
            self.open.add(plan)
        return leader

    def cents(self, rows: Integers) -> Fraction:
        """Return what these rows, none of them empty, have left together: exact cents times parts."""
        if not len(rows):
            return Fraction(0)
        arrays = self.arrays
        votes = arrays.votes[rows]
        owned = self.endowment * int(votes.sum())
        if arrays.start is not None:
            owned += Fraction(sum(int(one) for one in votes * arrays.start[rows]), arrays.start_den)
        if not self.prices:
            return owned
        entries, lengths = arrays.choices_of(rows)
        order = self.order[arrays.choices[entries]]
        factors = np.repeat(votes, lengths)
        if arrays.given is not None:
            factors = factors * arrays.given[entries]
        # Sums of integers below 2**53 are exact in floats.
        paid = np.bincount(order + 1, weights=factors, minlength=len(self.prices) + 1)[1:]
        counted = zip(self.prices, paid.tolist(), strict=True)
        return owned - sum((price * int(times) for price, times in counted if times), Fraction(0))

    def _kinds(self, rows: Integers, points: Integers) -> tuple[list[_Kind], Integers]:
        """Return the kinds that these rows are of, and the number of each row's kind."""
        if not len(rows):
            return [], rows
        entries, lengths = self.arrays.choices_of(rows)
        place = np.repeat(np.arange(len(rows)), lengths)
        order = self.order[self.arrays.choices[entries]]
        paid = order >= 0
        narrow = self.arrays.given is None and self.arrays.start is None
        times = np.zeros((len(rows), len(self.prices) + 2), dtype=np.uint8 if narrow else np.int64)
        times[place[paid], order[paid]] = 1 if self.arrays.given is None else self.arrays.given[entries][paid]
        times[:, -2] = points
        times[:, -1] = 0 if self.arrays.start is None else self.arrays.start[rows]
        whole = times.view(np.dtype((np.void, times.itemsize * times.shape[1]))).ravel()
        _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
        votes = np.bincount(kind, weights=self.arrays.votes[rows]).tolist()
        patterns = times[first].tolist()
        kinds = [
            _Kind(self._left(pattern), pattern[-2], int(votes[number]), number)
            for number, pattern in enumerate(patterns)
        ]
        return kinds, kind

    def _left(self, pattern: Sequence[int]) -> Fraction:
        paid = sum((price * times for price, times in zip(self.prices, pattern, strict=False) if times), Fraction(0))
        return self.endowment + Fraction(pattern[-1], self.arrays.start_den) - paid

    def most_left(self, rows: Integers, money: Integers) -> Fraction:
        """Return the most cents that one of these rows has, of which `money` is what they have in grains."""
        near = rows[money >= money.max() - self.excess]
        kinds, _ = self._kinds(near, np.ones(len(near), dtype=np.int64))
        return max(kind.money for kind in kinds)

    def settle(self, plan: int, payment: Payment) -> None:
        """Let the supporters pay."""
        side = self.sides[plan]
        money = self.money[side.rows]
        left = np.where(payment.empty, 0, money - self.asked(side.points, int(payment.price * self.scale)))
        self.money[side.rows] = left
        self.excess += self.costs[plan] - int(side.total(money - left))
        self.order[plan] = len(self.prices)
        self.prices.append(payment.price)
        self.drop(plan)

    def undo(self, plan: int, money: Integers, excess: float) -> None:
        """Take back the last purchase, before which the plan's supporters had this money, at this excess."""
        self.money[self.supporters(plan)] = money
        self.excess = excess
        self.order[plan] = -1
        self.prices.pop()
        self.bought.pop()

    def buy(self, leader: Leader) -> None:
        """Let the supporters of an affordable plan pay."""
        self.follow([leader.plan])

    def follow(self, bought: Iterable[int]) -> None:
        """Buy these plans, all affordable."""
        for plan in bought:
            payment = self.payment(plan)
            assert payment is not None
            self.settle(plan, payment)
