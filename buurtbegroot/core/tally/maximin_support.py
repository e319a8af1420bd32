"""Maximin support: each round the plan whose cost can be shared most evenly, together with all costs so far."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.flow import Network
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.race import Payment, Race, ballots_of, run
from buurtbegroot.core.tally.trace import Outcome


def maximin_support(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by maximin support (Sánchez-Fernández et al. 2021; with costs: Aziz, Lee and Talmon 2018).

    Each round the plan p wins for which the costs of the winners W and of p can be spread over their supporters
    with the smallest largest load. By the theorem of Hall that load is the greatest c(T) / votes for any plan of
    T, for T a part of W and p. The rest rule is that of Phragmén (`race.run`). `Purchase.level` is the load, in cents
    to a vote, `price` the same: who pays what of it is free within that bound and laid down nowhere.
    """
    race = Race(election, rules)
    loads = _Loads(ballots_of(election), [plan.cost_cents for plan in election.plans])
    run(race, loads.lowest, loads.buy)
    return race.outcome()


class _Backed(NamedTuple):
    """What some winners cost, in parts, and the votes and rows that support any of them."""

    cost: int
    votes: int
    rows: NDArray[np.bool_]


class _Loads:
    """The winners so far and, for each row, the class of those who support the same of them."""

    def __init__(self, profile: Profile, costs: Sequence[int]) -> None:
        self.profile = profile
        self.costs = [cost * profile.parts for cost in costs]
        self.totals = profile.totals()
        rows = np.repeat(np.arange(len(profile.votes)), np.diff(profile.starts))
        self.supporters = [rows[profile.choices == plan] for plan in range(len(costs))]
        self.class_of = np.zeros(len(profile.votes), dtype=np.int64)
        self.supports: list[tuple[int, ...]] = [()]
        self.won: list[int] = []
        self.known = {
            plan: Fraction(costs[plan] * profile.parts, total) for plan, total in enumerate(self.totals) if total
        }
        self.spent = 0
        # Plans found to be the ones that need most: with another plan they often are again.
        self.tight: dict[frozenset[int], _Backed] = {}

    def lowest(self, plans: Sequence[int]) -> tuple[Fraction, list[int]]:
        """Return the smallest largest load beside the winners that one of the plans gives, and those that give it.

        A load known from an earlier round is a bound, since winners are only added; so is what the plan and winners
        that were found tight need together.
        """
        best: Fraction | None = None
        for plan in plans:
            self.known[plan] = max([self.known[plan], *(self._need(backed, plan) for backed in self.tight.values())])
        for plan in sorted(plans, key=self.known.__getitem__):
            if best is None or self.known[plan] <= best:
                self.known[plan] = self._load(plan, enough=best)
                best = self.known[plan] if best is None else min(best, self.known[plan])
        assert best is not None
        return best, [plan for plan in plans if self.known[plan] == best]

    def _need(self, backed: _Backed, plan: int) -> Fraction:
        """What these winners and the plan cost for each vote for any of them."""
        votes = backed.votes + int(self.profile.votes[self.supporters[plan]][~backed.rows[self.supporters[plan]]].sum())
        return Fraction(backed.cost + self.costs[plan], votes)

    def buy(self, plan: int, level: Fraction) -> Payment:
        """Let the plan win; its supporters become classes of their own."""
        votes = self._votes_with(plan)
        self._split(plan)
        self.won.append(plan)
        self.spent += self.costs[plan]
        self.known = {other: max(load, level) for other, load in self.known.items()}
        self._found_tight(self.won)
        earned = level * int(self.profile.votes.sum()) - self.spent
        return Payment(
            price=level,
            in_full=sum(votes.values()),
            with_rest=0,
            rest_cents=Fraction(0),
            left_cents=earned / self.profile.parts,
        )

    def _found_tight(self, plans: Iterable[int]) -> None:
        key = frozenset(plans).intersection(self.won)
        if key and key not in self.tight:
            rows = np.zeros(len(self.class_of), dtype=bool)
            for plan in key:
                rows[self.supporters[plan]] = True
            votes = int(self.profile.votes[rows].sum())
            self.tight[key] = _Backed(sum(self.costs[plan] for plan in key), votes, rows)

    def _split(self, plan: int) -> None:
        rows = self.supporters[plan]
        old, places = np.unique(self.class_of[rows], return_inverse=True)
        self.class_of[rows] = len(self.supports) + places
        self.supports += [(*self.supports[one], plan) for one in old.tolist()]

    def _votes_with(self, plan: int) -> dict[int, int]:
        """The votes for the plan in each class, in parts."""
        rows = self.supporters[plan]
        held = np.zeros(len(self.supports), dtype=np.int64)
        np.add.at(held, self.class_of[rows], self.profile.votes[rows])
        return {one: votes for one, votes in enumerate(held.tolist()) if votes}

    def _load(self, plan: int, *, enough: Fraction | None) -> Fraction:
        """The smallest largest load with this plan, or some bound on it above `enough`.

        From a load that is too small the least cut leads to the plans that need most beyond it; what they need for
        each vote is the next load to try (Dinkelbach 1967).
        """
        held = np.zeros(len(self.supports), dtype=np.int64)
        np.add.at(held, self.class_of, self.profile.votes)
        with_it = self._votes_with(plan)
        voters = [((*self.supports[one], plan), votes) for one, votes in with_it.items()]
        voters += [
            (self.supports[one], votes - with_it.get(one, 0))
            for one, votes in enumerate(held.tolist())
            if self.supports[one] and votes > with_it.get(one, 0)
        ]
        load, plans = self.known[plan], [*self.won, plan]
        while (enough is None or load <= enough) and (tight := self._overloaded(plans, voters, load)):
            votes = sum(number for supports, number in voters if not tight.isdisjoint(supports))
            load = Fraction(sum(self.costs[one] for one in tight), votes)
            self._found_tight(tight)
        return load

    def _overloaded(self, plans: list[int], voters: list[tuple[tuple[int, ...], int]], load: Fraction) -> set[int]:
        """The plans whose costs go furthest beyond this load on all their supporters; none if it is enough."""
        place = {plan: number for number, plan in enumerate(plans, start=1)}
        sink = len(plans) + len(voters) + 1
        network = Network(sink + 1)
        for plan, number in place.items():
            network.connect(0, number, self.costs[plan] * load.denominator)
        for number, (supports, votes) in enumerate(voters, start=len(plans) + 1):
            network.connect(number, sink, votes * load.numerator)
            for plan in supports:
                network.connect(place[plan], number, self.costs[plan] * load.denominator)
        wanted = sum(self.costs[plan] for plan in plans) * load.denominator
        if network.push(0, sink) == wanted:
            return set()
        reached = network.reachable(0)
        return {plan for plan, number in place.items() if number in reached}
