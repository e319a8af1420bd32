"""One run of the Method of Equal Shares in whole grains: which plans may be the next, as far as grains can tell."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import inf
from typing import NamedTuple

import numpy as np
from numpy import minimum

from buurtbegroot.core.tally.shares_arrays import Arrays, Grains, Integers, Numbers

BELOW, ABOVE = 1 - 2.0**-50, 1 + 2.0**-50
"""More than all rounding of the few float operations on a level, downwards and upwards."""
NEAR = 1e-9
"""Levels that may be equal; beyond it they are not worth a decision in fractions."""
ROUNDED = 4
"""More grains than floats lose when they find the price on a line between two prices."""


class Leader(NamedTuple):
    """A plan that may be the next, with bounds of its exact price per point in grains; no `high`: maybe too dear.

    `missing` is what the payments at the lower price are short of the cost.
    """

    plan: int
    low: float
    high: float | None
    missing: float = 0


class Undecided(Exception):  # noqa: N818 (nothing is wrong)
    """Grains can't tell which of these leaders is the next."""

    def __init__(self, leaders: list[Leader]) -> None:
        self.leaders = leaders


class Run:
    """What every row has left, in grains, and what was bought. A level is a price per point and per unit.

    `costs` are in grains times parts; no price of a plan is below its `bounds`. `heap` has the open plans by the lowest
    level that they may have. Grains are whole numbers in floats, which are added fastest; `ExactRun` has integers.
    """

    whole: type[float] = float

    def __init__(self, arrays: Arrays, grains: Grains) -> None:
        self.arrays, market = arrays, arrays.market
        self.scale, self.excess = grains.scale, self.whole(grains.excess)
        kind = np.dtype(self.whole)
        self.money: Numbers = grains.money(len(arrays.votes)).astype(kind, copy=False)
        self.sides = arrays.sides(kind)
        costs = grains.costs.astype(kind, copy=False)
        bounds = costs // np.maximum(arrays.support, 1)  # no price is below the cost shared by all supporters
        self.costs: list[float] = costs.tolist()
        self.bounds: list[float] = bounds.tolist()
        self.units: list[float] = arrays.units.tolist()
        self.open: set[int] = set(arrays.sold.tolist())
        near = arrays.sold[bounds[arrays.sold] <= grains.most]  # nobody can pay more
        self.heap = list(zip((bounds / arrays.units * BELOW)[near].tolist(), near.tolist(), strict=True))
        heapify(self.heap)
        self.free = not (market.limits or market.requires)
        self.bought: list[int] = []
        self._asked = np.array(self.whole(0))
        self.saturated = self.whole(grains.most + 1)

    def supporters(self, plan: int) -> Integers:
        """Return the rows that chose the plan."""
        return self.sides[plan].rows

    def next_plan(self) -> Leader | None:
        """Return the plan of the lowest level; None, with none left open, when no more is affordable.

        Raises Undecided.
        """
        leaders = self.leaders()
        if not leaders:
            self.open.clear()
            return None
        if len(leaders) > 1 or leaders[0].high is None:
            raise Undecided(leaders)
        return leaders[0]

    def leaders(self) -> list[Leader]:
        """Return all plans that may have the lowest level, the surely affordable ones among them or not."""
        found: list[tuple[float, Leader]] = []
        entries: list[tuple[float, int]] = []
        best, heap = inf, self.heap
        while heap and heap[0][0] <= best:
            entry = heappop(heap)
            plan = entry[1]
            if plan not in self.open:
                continue
            if self.may_buy(plan):
                leader = self.look(plan, best, heap[0][0] if heap else inf)
                entry = self.least(plan)
                if leader:
                    found.append((entry[0], leader))
                    best = min(best, self.level(leader))
                elif plan not in self.open:
                    continue
            entries.append(entry)
        for entry in entries:
            heappush(heap, entry)
        return [leader for least, leader in found if least <= best]

    def below(self, best: float) -> list[int]:
        """Return the plans that may be bought and whose level may be as low as this."""
        heap, near = self.heap, []
        while heap and heap[0][0] <= best:
            plan = heappop(heap)[1]
            if plan in self.open:
                near.append(plan)
        for plan in near:
            heappush(heap, self.least(plan))
        return [plan for plan in near if self.least(plan)[0] <= best and self.may_buy(plan)]

    def least(self, plan: int) -> tuple[float, int]:
        """Return a float that the plan's exact level in grains is not below, and the plan."""
        return self.bounds[plan] / self.units[plan] * BELOW, plan

    def level(self, leader: Leader) -> float:
        """Return a float that the leader's exact level in grains does not exceed."""
        return inf if leader.high is None else leader.high / self.units[leader.plan] * ABOVE

    def may_buy(self, plan: int) -> bool:
        """Tell whether limits and requirements allow the plan."""
        return self.free or self.arrays.market.allows(plan, beside=self.bought)

    def look(self, plan: int, best: float = inf, near: float = inf) -> Leader | None:
        """Return the plan as a leader, None when its level is surely above `best` or it is too dear.

        Its price is sought from that at the best level, or else from one `near` it. Payments are concave in the price:
        so steps along their tangents never go too far, and a line between two prices is never above them.
        """
        (rows, _, points, total, worth), whole = self.sides[plan], self.whole
        money, cost = self.money[rows], self.costs[plan]
        most = self.saturated, whole(total(money)) - cost
        if most[1] < 0:
            self.open.discard(plan)
            return None
        above, growth = most, whole(0)
        guess = (best if best < inf else near) * self.units[plan] * ABOVE
        if guess < self.saturated:
            price = whole(guess // 1) + 1
            asked = self.asked(points, price)
            above, growth = (price, whole(total(minimum(money, asked))) - cost), whole(worth(money > asked))
            if growth:
                self.bounds[plan] = max(self.bounds[plan], price + -above[1] // growth)
            if above[1] < 0 and best < inf:
                return None
        low, missing = self.price(plan, money, growth)
        price, over = above if above[1] >= self.excess else most
        rise = (self.excess + missing) * (price - low) // max(over + missing, 1)
        return Leader(plan, low, low + rise + ROUNDED if over >= self.excess else None, missing)

    def price(self, plan: int, money: Numbers, growth: float) -> tuple[float, float]:
        """Return the highest price that these supporters surely have to pay, and what they pay too little then.

        A price above grows the payments by `growth`.
        """
        (_, _, points, total, worth), whole = self.sides[plan], self.whole
        low = self.bounds[plan]
        while True:
            asked = self.asked(points, low)
            missing = self.costs[plan] - whole(total(minimum(money, asked)))
            if missing < (growth or 1):
                self.bounds[plan] = low
                return low, missing
            growth = whole(worth(money > asked))
            low += missing // growth

    def asked(self, points: Integers | None, price: float) -> Numbers:
        """Return what each vote is asked at this price per point, until asked again."""
        if points is not None:
            asked: Numbers = points * price
            return asked
        self._asked[()] = price
        return self._asked

    def buy(self, leader: Leader) -> None:
        """Let the supporters pay the lower price: nobody's grains become too few."""
        side = self.sides[leader.plan]
        self.money[side.rows] = np.maximum(self.money[side.rows] - self.asked(side.points, leader.low), 0)
        self.excess += leader.missing
        self.drop(leader.plan)

    def drop(self, plan: int) -> None:
        """Take a plan from the market, as bought."""
        self.open.discard(plan)
        self.bought.append(plan)

    def plain_level(self, leader: Leader) -> Fraction | None:
        """Return the exact level in cents when every supporter has nothing or can surely pay in full, else None."""
        if leader.high is None:
            return None
        side = self.sides[leader.plan]
        money = self.money[side.rows]
        alive = money > 0
        if (alive & (money - self.excess < self.asked(side.points, leader.high))).any():
            return None
        paying = int(side.worth(alive))
        return Fraction(int(self.arrays.costs[leader.plan]), paying * self.arrays.market.units[leader.plan])


def settled(run: Run, levels: Sequence[tuple[int, float]], goes_first: Callable[[int, int], bool]) -> bool:
    """Tell whether the run surely buys exactly these plans, each below all others at its level, in cents, given here.

    `goes_first` decides exactly for the winner of a round, by number from 0, and a plan that is too near to tell.
    """
    for number, (winner, level) in enumerate(levels):
        best = level * run.scale * ABOVE
        if winner not in run.open or not run.may_buy(winner):
            return False
        for plan in run.below(best):
            near = plan != winner and run.look(plan, best)
            if near and (run.level(near) < best * (1 - NEAR) or not goes_first(number, plan)):
                return False
        leader = run.look(winner)
        if leader is None:
            return False
        run.buy(leader)
    return not any(run.look(plan) for plan in run.below(inf))
