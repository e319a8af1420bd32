"""Sequential Phragmén: all voters earn at the same speed, and a plan is bought once its supporters have its cost."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.race import Payment, Race, ballots_of, run
from buurtbegroot.core.tally.trace import Outcome


def phragmen(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by Phragmén's sequential rule (1894; Brill et al. 2017; with costs: Los et al. 2022).

    Each round the plan p wins for which the load (c(p) + sum of its supporters' loads) / votes(p) is lowest; from
    then on that is the load of each of its supporters, all loads being 0 at first. Seen as money a load
    is what a voter has earned by the time of the last plan paid for, and supporters pay all they have.
    The count ends when any plan of the lowest load costs more than is left, or with `RestRule.SKIP`
    goes on without that plan; see `race.run`. `Purchase.level` is the load, in cents to a vote.
    """
    race = Race(election, rules)
    loads = _Loads(ballots_of(election), [plan.cost_cents for plan in election.plans])
    run(race, loads.lowest, loads.buy)
    return race.outcome()


class _Loads:
    """The loads of all voters. Those whose last plan was bought in the same round carry the same load: a class.

    `held[k][p]` are the votes of class k for plan p; `loads[k]` / `den` is the load of the class, in cents.
    """

    def __init__(self, profile: Profile, costs: Sequence[int]) -> None:
        self.profile = profile
        self.costs = costs
        self.totals = profile.totals()
        self.row_of = np.repeat(np.arange(len(profile.votes)), np.diff(profile.starts))
        self.class_of = np.zeros(len(profile.votes), dtype=np.int64)
        self.held = [np.array(self.totals, dtype=np.int64)]
        self.loads = [0]
        self.den = 1
        self.spent = 0

    def lowest(self, plans: Sequence[int]) -> tuple[Fraction, list[int]]:
        """Return the lowest load that buying one of the plans would give, and the plans that give it."""
        levels = {plan: self._level(plan) for plan in plans}
        level = min(levels.values())
        return level, [plan for plan in plans if levels[plan] == level]

    def _level(self, plan: int) -> Fraction:
        carried = sum(int(held[plan]) * load for held, load in zip(self.held, self.loads, strict=True))
        return Fraction(self.costs[plan] * self.profile.parts * self.den + carried, self.den * self.totals[plan])

    def buy(self, plan: int, level: Fraction) -> Payment:
        """Let the supporters of the plan carry this load; return what each pays."""
        paid: Counter[Fraction] = Counter()
        for held, load in zip(self.held, self.loads, strict=True):
            if held[plan]:
                paid[level - Fraction(load, self.den)] += int(held[plan])
        self._move(plan, level)
        self.spent += self.costs[plan]
        price, parts = max(paid), self.profile.parts
        earned = level * int(self.profile.votes.sum()) / parts
        return Payment(
            price=price,
            in_full=paid[price],
            with_rest=paid.total() - paid[price],
            rest_cents=sum((share * votes for share, votes in paid.items() if share != price), Fraction(0)) / parts,
            left_cents=earned - self.spent,
        )

    def _move(self, plan: int, level: Fraction) -> None:
        moved = np.zeros(len(self.class_of), dtype=bool)
        moved[self.row_of[self.profile.choices == plan]] = True
        entries = moved[self.row_of]
        plans, rows = self.profile.choices[entries], self.row_of[entries]
        held = np.array([*self.held, np.zeros_like(self.held[0])])
        np.subtract.at(held, (self.class_of[rows], plans), self.profile.votes[rows])
        np.add.at(held[-1], plans, self.profile.votes[rows])
        self.held = list(held)
        self.class_of[moved] = len(self.loads)
        common = lcm(self.den, level.denominator)
        self.loads = [load * (common // self.den) for load in self.loads]
        self.loads.append(level.numerator * (common // level.denominator))
        self.den = common
