"""One run of the Method of Equal Shares in whole grains: which plans may be the next, as far as grains can tell."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, inf
from typing import NamedTuple

import numpy as np

from buurtbegroot.core.tally.shares_arrays import Arrays, Factor, Grains, Integers

BELOW, ABOVE = 1 - 2.0**-50, 1 + 2.0**-50
"""More than all rounding of the few float operations on a level, downwards and upwards."""
NEAR = 1e-9
"""Levels that may be equal; beyond it they are not worth a decision in fractions."""


class Leader(NamedTuple):
    """A plan that may be the next, with bounds of its exact price per point in grains; no `high`: maybe too dear."""

    plan: int
    low: int
    high: int | None


class Undecided(Exception):  # noqa: N818 (nothing is wrong)
    """Grains can't tell which of these leaders is the next."""

    def __init__(self, leaders: list[Leader]) -> None:
        self.leaders = leaders


class Run:
    """What every row has left, in grains, and what was bought. A level is a price per point and per unit.

    `costs` are in grains, `cost_cents` in cents, both times parts.
    """

    def __init__(self, arrays: Arrays, grains: Grains) -> None:
        self.arrays = arrays
        self.scale, self.excess = grains.scale, grains.excess
        self.money = grains.money(len(arrays.votes))
        self.costs: list[int] = grains.costs.tolist()
        self.cost_cents: list[int] = arrays.costs.tolist()
        self.units = [float(unit) for unit in arrays.market.units]
        support: list[int] = arrays.support.tolist()
        # No price is below the cost shared by all supporters.
        self.bounds = [cost // votes if votes else 0 for cost, votes in zip(self.costs, support, strict=True)]
        self.open = {plan for plan in arrays.market.for_sale if self.costs[plan] and support[plan]}
        self.bought: list[int] = []
        self.saturated = grains.most + 1

    def supporters(self, plan: int) -> Integers:
        """Return the rows that chose the plan."""
        return self.arrays.rows(plan)

    def factors(self, plan: int) -> tuple[Factor, Factor]:
        """Return the votes of those rows and the points that they gave; 1 for all where none differs."""
        return self.arrays.factors(plan)

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
        found = list[tuple[float, Leader]]()
        best = inf
        bounds, units = self.bounds, self.units
        for least, plan in sorted([(bounds[plan] / units[plan] * BELOW, plan) for plan in self.allowed()]):
            if least > best:
                break
            if leader := self.look(plan, best):
                found.append((leader.low / self.units[plan] * BELOW, leader))
                best = min(best, self.level(leader))
        return [leader for low, leader in found if low <= best]

    def level(self, leader: Leader) -> float:
        """Return a float that the leader's exact level in grains does not exceed."""
        return inf if leader.high is None else leader.high / self.units[leader.plan] * ABOVE

    def allowed(self) -> Iterator[int]:
        """Yield the plans that limits and requirements allow; one that breaks a limit never comes back."""
        market = self.arrays.market
        if not (market.limits or market.requires):
            return iter(tuple(self.open))
        return (plan for plan in tuple(self.open) if market.allows(plan, beside=self.bought))

    def look(self, plan: int, best: float) -> Leader | None:
        """Return the plan as a leader, None when its level is surely above `best` or it is too dear."""
        money = self.money[self.supporters(plan)]
        votes, points = self.factors(plan)
        cost, owned = self.costs[plan], _total(money, votes)
        if owned < cost:
            self.open.discard(plan)
            return None
        if best < inf:
            price = min(ceil(best * self.units[plan] * ABOVE), self.saturated)
            short = cost - _total(np.minimum(money, price * points), votes)
            if short > 0:
                self.bounds[plan] = max(self.bounds[plan], price + short // _growth(money, price, (votes, points)))
                return None
        low, growth = _price(money, self.bounds[plan], cost=cost, factors=(votes, points))
        self.bounds[plan] = low
        if owned < cost + self.excess:
            return Leader(plan, low, None)
        high = low + self.excess // max(growth, 1) + 1  # right if nobody runs dry between the two
        while (short := cost + self.excess - _total(np.minimum(money, high * points), votes)) > 0:
            high += max(1, short // _growth(money, high, (votes, points)))
        return Leader(plan, low, high)

    def buy(self, leader: Leader) -> None:
        """Let the supporters pay the lower price: nobody's grains become too few."""
        rows = self.supporters(leader.plan)
        votes, points = self.factors(leader.plan)
        money = self.money[rows]
        paid = np.minimum(money, leader.low * points)
        self.money[rows] = money - paid
        self.excess += self.costs[leader.plan] - _total(paid, votes)
        self.drop(leader.plan)

    def drop(self, plan: int) -> None:
        """Take a plan from the market, as bought."""
        self.open.discard(plan)
        self.bought.append(plan)

    def plain_level(self, leader: Leader) -> Fraction | None:
        """Return the exact level in cents when every supporter has nothing or can surely pay in full, else None."""
        if leader.high is None:
            return None
        money = self.money[self.supporters(leader.plan)]
        votes, points = self.factors(leader.plan)
        alive = money > 0
        if (alive & (money - self.excess < leader.high * points)).any():
            return None
        paying = _total(alive.astype(np.int64) * points, votes)
        return Fraction(self.cost_cents[leader.plan], paying * self.arrays.market.units[leader.plan])


def settled(run: Run, levels: Sequence[tuple[int, float]], goes_first: Callable[[int, int], bool]) -> bool:
    """Tell whether the run surely buys exactly these plans, each below all others at its level, in cents, given here.

    `goes_first` decides exactly for the winner of a round, by number from 0, and a plan that is too near to tell.
    """
    for number, (winner, level) in enumerate(levels):
        best = level * run.scale * ABOVE
        allowed = set(run.allowed())
        if winner not in allowed:
            return False
        for plan in allowed - {winner}:
            near = run.bounds[plan] / run.units[plan] * BELOW <= best and run.look(plan, best)
            if near and (run.level(near) < best * (1 - NEAR) or not goes_first(number, plan)):
                return False
        leader = run.look(winner, inf)
        if leader is None:
            return False
        run.buy(leader)
    return not any(run.look(plan, inf) for plan in run.allowed())


def _price(money: Integers, price: int, *, cost: int, factors: tuple[Factor, Factor]) -> tuple[int, int]:
    """Return the price at which the payments reach the cost, rounded down, by Newton's steps from a lower one.

    Payments are concave in the price, so a step along the tangent never goes too far. The growth there comes with it.
    """
    votes, points = factors
    while True:
        missing = cost - _total(np.minimum(money, price * points), votes)
        growth = _growth(money, price, factors)
        if missing < growth or missing <= 0:
            return price, growth
        price += missing // growth


def _growth(money: Integers, price: int, factors: tuple[Factor, Factor]) -> int:
    """Return by how much the payments grow with the price, beyond this price."""
    votes, points = factors
    above = money > price * points
    return _total(above.astype(np.int64) * points, votes) if isinstance(points, np.ndarray) else _total(above, votes)


def _total(numbers: "Integers | np.ndarray[tuple[int], np.dtype[np.bool_]]", votes: Factor) -> int:
    if isinstance(votes, np.ndarray):
        return int(votes.dot(numbers))
    return int(np.count_nonzero(numbers)) if numbers.dtype == np.bool_ else int(np.add.reduce(numbers))
