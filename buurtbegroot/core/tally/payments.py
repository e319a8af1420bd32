"""Who paid for which plans, by groups of voters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import BY_COST, SharesCount
from buurtbegroot.core.tally.market import Market
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.purses import Purses, Rows
from buurtbegroot.core.tally.trace import Outcome, Purchase

SMALLEST_GROUP = 10
"""No group of fewer voters is shown."""
MOST_GROUPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Voters of whose plans at least `least` and at most `most` get money; so many votes."""

    least: int
    most: int
    voters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What each group of voters paid for a plan, in cents, and what came from the money that was left over."""

    plan: int
    cents: tuple[int, ...]
    leftover_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Money from groups of voters to plans. `is_real` when voters paid in the count itself; else the money of each
    plan is divided equally over the votes for it, which the count did not do. Whole cents, rounded so that the
    sums are right.
    """

    is_real: bool
    groups: tuple[Group, ...]
    plans: tuple[Paid, ...]


def has_payments(outcome: Outcome) -> bool:
    """Tell whether the winners of this outcome were bought by equal shares, in one count."""
    replaced = outcome.preference is not None and outcome.preference.chosen is not Method.EQUAL_SHARES
    return outcome.method is Method.EQUAL_SHARES and not replaced and not outcome.earlier


def money_flow(election: Election, rules: CountingRules, outcome: Outcome) -> Flow | None:
    """Return the flow of money to the winners by rank; None without winners or with fewer than ten voters."""
    if election.profile is None or not outcome.funded:
        return None
    profile = election.profile.filled()
    hits = _winners_on(profile, outcome)
    groups = groups_of(hits, profile)
    if not groups:
        return None
    rows = [np.flatnonzero((hits >= one.least) & (hits <= one.most)) for one in groups]
    real = has_payments(outcome)
    paid = Payments(election, rules, outcome).by(rows) if real else {}
    plans = []
    for plan, cents in outcome.funded:
        parts = paid.get(plan, ()) if real else _divided(cents, _supporters(profile, plan), rows)
        whole = _whole_cents(parts) or (0,) * len(groups)
        plans.append(Paid(plan=plan, cents=whole, leftover_cents=cents - sum(whole)))
    return Flow(is_real=real, groups=groups, plans=tuple(plans))


def groups_of(hits: NDArray[np.int64], profile: Profile) -> tuple[Group, ...]:
    """Divide voters by how many of their plans win into at most five groups, none too small; () for too few voters."""
    total = int(profile.votes.sum()) // profile.parts
    if total < SMALLEST_GROUP:
        return ()
    enough = max(SMALLEST_GROUP, -(-total // MOST_GROUPS))
    found: list[Group] = []
    for number in np.unique(hits).tolist():
        one = Group(least=number, most=number, voters=int(profile.votes[hits == number].sum()) // profile.parts)
        grows = bool(found) and found[-1].voters < enough
        found = [*found[:-1], _together(found[-1], one)] if grows else [*found, one]
    if len(found) > 1 and found[-1].voters < SMALLEST_GROUP:
        found[-2:] = [_together(*found[-2:])]
    return tuple(found)


def _together(one: Group, other: Group) -> Group:
    return Group(least=one.least, most=other.most, voters=one.voters + other.voters)


class Payments:
    """The last run of a count by equal shares once more, from its trace; money is exact."""

    def __init__(self, election: Election, rules: CountingRules, outcome: Outcome) -> None:
        count = SharesCount(election, rules)
        self.by_cost = count.shares.utility in BY_COST
        self.market: Market = count.market([])
        self.profile = self.market.profile
        self.start = last_endowment(outcome)
        self.purses = Purses(self.profile, self.start)
        self.rounds = outcome.rounds
        self.index = {plan: place for place, plan in enumerate(self.profile.plans)}

    def by(self, groups: Sequence[Rows]) -> Mapping[int, tuple[Fraction, ...]]:
        """Return what each group of rows paid for each plan bought, in cents."""
        group = np.full(len(self.profile.votes), -1)
        for number, rows in enumerate(groups):
            group[rows] = number
        found = {}
        for one in self.play():
            of = group[self.purses.supporters[self.index[one.plan]]]
            found[one.plan] = tuple(self._paid(one, of == place) for place in range(len(groups)))
        return found

    def play(self) -> Iterator[Purchase]:
        """Yield each round before its plan is paid; afterwards the purses hold what is left in the end."""
        for one in self.rounds:
            yield one
            plan = self.index[one.plan]
            self.purses.pay(self.purses.supporters[plan], one.level * self.market.units[plan], self.points(plan))

    def points(self, plan: int) -> NDArray[np.int64] | None:
        """Return what the supporters of a plan, by index, gave it; None where points do not count."""
        return None if self.profile.points is None else self.profile.points[self.purses.entries[plan]]

    def _paid(self, one: Purchase, marked: NDArray[np.bool_]) -> Fraction:
        """Return what the marked ones of the supporters of this round's plan pay: in full, or all they have."""
        plan = self.index[one.plan]
        rows, points = self.purses.supporters[plan][marked], self.points(plan)
        worths = np.ones(len(rows), dtype=np.int64) if points is None else points[marked]
        paid = Fraction(0)
        for worth in np.unique(worths).tolist():
            asked, alike = one.level * self.market.units[plan] * worth, rows[worths == worth]
            in_full = self.purses.at_least(alike, asked)
            paid += asked * self.purses.votes(in_full) / self.profile.parts
            paid += self.purses.total(np.setdiff1d(alike, in_full))
        return paid


def last_endowment(outcome: Outcome) -> Fraction:
    """Return what every voter started with in the run that counts: the last that kept to the budget."""
    return [one.last for one in outcome.endowments if one.spent_cents <= outcome.budget_cents][-1]


def _winners_on(profile: Profile, outcome: Outcome) -> NDArray[np.int64]:
    won = np.isin(profile.plans, [plan for plan, _ in outcome.funded])
    return np.diff(np.concatenate([[0], np.cumsum(won[profile.choices])])[profile.starts])


def _whole_cents(amounts: Sequence[Fraction]) -> tuple[int, ...]:
    """Round so that the sum is kept: each part ends where the rounded running total does.

    Halves always go up (`round` takes them to the even side), so that no part is a whole cent off.
    """
    ends = [floor(sum(amounts[:place], Fraction(1, 2))) for place in range(len(amounts) + 1)]
    return tuple(end - begin for begin, end in pairwise(ends))


def _supporters(profile: Profile, plan: int) -> NDArray[np.int64]:
    """The votes of each row for the plan, in parts."""
    rows = np.repeat(np.arange(len(profile.votes)), np.diff(profile.starts))
    chosen = np.zeros(len(profile.votes), dtype=np.int64)
    chosen[rows[profile.choices == profile.plans.index(plan)]] = 1
    return chosen * profile.votes


def _divided(cents: int, votes: NDArray[np.int64], groups: Sequence[Rows]) -> Sequence[Fraction]:
    total = int(votes.sum())
    return [Fraction(cents * int(votes[rows].sum()), total) for rows in groups] if total else ()
