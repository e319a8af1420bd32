"""Runs with several endowments at once, one row of money for each: for small markets, where calls cost more than sums.

The same steps as in `shares_run.py`, in whole grains held by floats. A run that grains can't decide is left to others.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.shares_arrays import EXACT_IN_FLOATS, Arrays, Grains, Integers
from buurtbegroot.core.tally.shares_run import ABOVE, BELOW

Floats = NDArray[np.float64]
MOST_MONEY = 1 << 17
"""Amounts in one batch: more don't stay in a processor's nearest caches."""
SMALLEST, WORTH_IT, MOST_RUNS = 8, 32, 128
"""Runs in one batch: with fewer than 32 at most it gains nothing, so only the first may have fewer."""


class Ahead:
    """Runs found before they are asked for: who raises the endowment by the same step again will go on with it."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.asked = self.step = Fraction(0)
        self.size = 2
        self.found: dict[Fraction, list[tuple[int, float]] | None] = {}

    def rounds(self, endowment: Fraction) -> list[tuple[int, float]] | None:
        """Return what this run buys, with levels as `Batch` has them; None if that isn't known yet."""
        step, before, self.asked = endowment - self.asked, self.step, endowment
        if step <= 0:  # another count
            self.found, self.size = {}, 2
        elif endowment not in self.found and step == before:
            self.size = min(4 * self.size, batch_size(self.arrays))
            self.found = self._together([endowment + number * step for number in range(self.size)])
        self.step = step
        return self.found.get(endowment)

    def _together(self, endowments: Sequence[Fraction]) -> dict[Fraction, list[tuple[int, float]] | None]:
        starts = (self.arrays.grains(endowment, most=EXACT_IN_FLOATS) for endowment in endowments)
        grains = [one for one in starts if one]
        if len(grains) < SMALLEST or len(grains) < len(endowments):
            return {}
        return dict(zip(endowments, Batch(self.arrays, grains).rounds(), strict=True))


def batch_size(arrays: Arrays) -> int:
    """Return how many runs go well together; 1 where points, limits or requirements count, or rows are many."""
    market = arrays.market
    plain = arrays.points is None and not market.limits and not market.requires
    fitting = MOST_MONEY // max(len(arrays.votes), 1)
    return min(fitting, MOST_RUNS) if plain and fitting >= WORTH_IT else 1


class Batch:
    """Runs of one market side by side, in lockstep; each has its own grains, and is by number in all arrays."""

    def __init__(self, arrays: Arrays, grains: Sequence[Grains]) -> None:
        self.arrays, self.sides = arrays, arrays.sides(np.dtype(float))
        self.scales = [one.scale for one in grains]
        self.money: Floats = np.stack([one.money(len(arrays.votes)) for one in grains]).astype(float)
        self.costs: Floats = np.stack([one.costs for one in grains]).astype(float)
        self.excess = np.array([one.excess for one in grains], dtype=float)
        self.most = np.array([one.most + 1 for one in grains], dtype=float)
        self.units = arrays.units
        self.bounds = self.costs // np.maximum(arrays.support, 1)
        self.open = np.zeros(self.costs.shape, dtype=bool)
        self.open[:, arrays.sold] = (self.bounds <= self.most[:, np.newaxis])[:, arrays.sold]
        self.found: list[list[tuple[int, float]] | None] = [[] for _ in grains]

    def rounds(self) -> list[list[tuple[int, float]] | None]:
        """Return what each run buys, with a float that its level in cents does not exceed; None if undecided."""
        running = np.arange(len(self.scales))
        while len(running):
            running = self._round(running)
        return self.found

    def _round(self, runs: Integers) -> Integers:
        """Let each of these runs buy a plan; return those that go on."""
        lows, levels = self._leaders(runs)
        best = levels.min(axis=1)
        leading = lows / self.units * BELOW <= best[:, np.newaxis]
        leading &= lows >= 0
        number = leading.sum(axis=1)
        sure = (number == 1) & (best < np.inf)
        for run in runs[(number > 0) & ~sure].tolist():
            self.found[run] = None
        winners = leading.argmax(axis=1)
        for plan in np.unique(winners[sure]).tolist():
            these = sure & (winners == plan)
            self._buy(plan, runs[these], prices=lows[these, plan])
            for run, level in zip(runs[these].tolist(), best[these].tolist(), strict=True):
                rounds = self.found[run]
                assert rounds is not None
                rounds.append((plan, level / self.scales[run] * ABOVE))
        kept: Integers = runs[sure]
        return kept

    def _leaders(self, runs: Integers) -> tuple[Floats, Floats]:
        """Return the prices, -1 if not looked at, and the highest levels of the plans that may be next in each run."""
        least = np.where(self.open[runs], self.bounds[runs] / self.units * BELOW, np.inf)
        lows, levels = np.full(least.shape, -1.0), np.full(least.shape, np.inf)
        best = np.full(len(runs), np.inf)
        every = np.arange(len(runs))
        while True:
            nearest = least.argmin(axis=1)
            level = least[every, nearest]
            waiting = np.flatnonzero((level <= best) & (level < np.inf))
            if not len(waiting):
                return lows, levels
            plan = int(np.bincount(nearest[waiting]).argmax())
            these = np.flatnonzero((least[:, plan] <= best) & (least[:, plan] < np.inf))
            passed, prices, highest = self._look(plan, runs[these], best=best[these])
            least[these, plan] = np.inf
            these = these[passed]
            lows[these, plan], levels[these, plan] = prices, highest
            best[these] = np.minimum(best[these], highest)

    def _look(self, plan: int, runs: Integers, *, best: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
        """Return which runs have the plan as a leader, and for those its price and highest level."""
        money, unit = self._money(plan, runs), self.units[plan]
        price = np.minimum(np.ceil(best * unit * ABOVE), self.most[runs])
        cost = self.costs[runs, plan]
        short = cost - self._paid(plan, money, price)
        passed = short <= 0
        failed = runs[~passed]
        if len(failed):
            growth = self._growth(plan, money[~passed], price[~passed])
            bound = price[~passed] + short[~passed] // np.maximum(growth, 1)
            self.bounds[failed, plan] = np.maximum(self.bounds[failed, plan], bound)
            self.open[failed[growth == 0], plan] = False
            money, cost, runs = money[passed], cost[passed], runs[passed]
        low, growth = self._price(plan, money, (self.bounds[runs, plan], cost))
        self.bounds[runs, plan] = low
        dearest = cost + self.excess[runs]
        high = low + self.excess[runs] // np.maximum(growth, 1) + 2  # right if nobody runs dry between the two
        while ((short := dearest - self._paid(plan, money, high)) > 0).any():
            growth = self._growth(plan, money, high)
            moving = (short > 0) & (growth > 0)
            if not moving.any():
                break
            high = high + np.where(moving, short // np.maximum(growth, 1) + 1, 0)
        return passed, low, np.where(short <= 0, high / unit * ABOVE, np.inf)

    def _price(self, plan: int, money: Floats, start: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """Return the prices at which the costs are paid, rounded down, by Newton's steps, and the growth there."""
        price, cost = start
        while True:
            missing = cost - self._paid(plan, money, price)
            growth = self._growth(plan, money, price)
            steps = np.where(missing > 0, missing // np.maximum(growth, 1), 0)
            if not steps.any():
                return price, growth
            price = price + steps

    def _money(self, plan: int, runs: Integers) -> Floats:
        rows = self.sides[plan].rows
        money: Floats = self.money.take(rows, axis=1) if len(runs) == len(self.money) else self.money[runs][:, rows]
        return money

    def _paid(self, plan: int, money: Floats, price: Floats) -> Floats:
        return self._total(plan, np.minimum(money, price[:, np.newaxis]))

    def _growth(self, plan: int, money: Floats, price: Floats) -> Floats:
        return self._total(plan, (money > price[:, np.newaxis]).astype(float))

    def _total(self, plan: int, amounts: Floats) -> Floats:
        totals: Floats = amounts @ self.sides[plan].votes
        return totals

    def _buy(self, plan: int, runs: Integers, *, prices: Floats) -> None:
        """Let the supporters pay the lower price: nobody's grains become too few."""
        money = self._money(plan, runs)
        paid = np.minimum(money, prices[:, np.newaxis])
        self.money[runs[:, np.newaxis], self.sides[plan].rows] = money - paid
        self.excess[runs] += self.costs[runs, plan] - self._total(plan, paid)
        self.open[runs, plan] = False
