"""What one run of the Method of Equal Shares works on, and what each way of computing it must offer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from buurtbegroot.core.rules import TieKey
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.trace import Missed, Purchase, Tie


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Limit:
    """A bound on plans bought together, such as a cap (cents) or a group of which at most one may win (1).

    `amounts` maps plan indexes to what they take of `capacity`; a plan that would break it is not bought.
    """

    capacity: int
    amounts: dict[int, int]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Market:
    """Plans for sale, by index as in `profile`, and the voters who may buy them.

    `costs`: cents; a plan of cost 0 or without votes is not for sale. `units`: what a funded plan is worth to a
    voter who chose it, a positive integer for each plan, times the points given (positive too) if `by_points`.
    `precedence`: the place of each plan in the declared order of ties, a permutation, from `tie_values`: for each
    key in order the number of every plan that it compares, the lowest first. `for_sale`: the plans that may
    be bought at all. Of `requires` (plan, other) the first is for sale once the second is bought.

    One run with an endowment x in cents: every vote starts with x (with `profile.money`: with what its row
    says, plus x). A plan is affordable at the level r when its supporters, each paying min(what is left of
    their start, r x the plan's worth to them), pay its cost exactly. Each round buys the affordable plan of
    lowest level, ties by `precedence`, until none is affordable. (Peters, Pierczyński and Skowron 2021.)
    """

    profile: Profile
    costs: tuple[int, ...]
    units: tuple[int, ...]
    by_points: bool
    precedence: tuple[int, ...]
    for_sale: frozenset[int]
    limits: tuple[Limit, ...] = ()
    requires: tuple[tuple[int, int], ...] = ()
    tie_values: tuple[tuple[TieKey, tuple[int, ...]], ...] = ()

    def allows(self, plan: int, *, beside: Collection[int]) -> bool:
        """Tell whether limits and requirements allow the plan beside what was bought; money is another matter."""
        together = (*beside, plan)
        return all(other in beside for one, other in self.requires if one == plan) and all(
            sum(limit.amounts.get(one, 0) for one in together) <= limit.capacity
            for limit in self.limits
            if plan in limit.amounts
        )

    def tie(self, plans: Iterable[int]) -> Tie | None:
        """Return how the plans of these indexes, equal in a round, were put in order; None for a single one."""
        first, *others = sorted(plans, key=self.precedence.__getitem__)
        if not others:
            return None
        decided_by = next(key for key, values in self.tie_values if values[first] != values[others[0]])
        return Tie(
            plans=tuple(self.profile.plans[plan] for plan in (first, *others)), decided_by=decided_by, lost=False
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """The exact story of one run; plans are named by id, ties by plan ids in the declared order."""

    purchases: tuple[Purchase, ...]
    missed: tuple[Missed, ...]


class Path(Protocol):
    """A way to compute runs; all ways give the same answers, always decided by exact arithmetic."""

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return the indexes of the plans that one run buys, in the order of buying."""

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Tell whether every endowment from low to high certainly buys exactly these in this order.

        False may also mean: not shown. (Levels fall as endowments grow, so a winner whose level at `low` is below
        everybody else's at `high`, or equal with precedence, in every round, settles all in between.)
        """

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the exact rounds of one run."""
