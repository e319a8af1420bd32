"""Who paid for which plans, by groups of voters, and how much of a lost plan its voters could have paid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.market import Market
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.purses import Purses, Rows
from buurtbegroot.core.tally.trace import Outcome

SMALLEST_GROUP = 10
"""No group of fewer voters is shown."""
MOST_GROUPS = 5
FLOAT_ERROR = 1e-9
"""More percents than floats ever miss here, so that a whole percent is not rounded down to the one below."""


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
        self.market: Market = SharesCount(election, rules).market([])
        self.profile = self.market.profile
        self.purses = Purses(self.profile, last_endowment(outcome))
        self.rounds = outcome.rounds
        self.index = {plan: place for place, plan in enumerate(self.profile.plans)}

    def by(self, groups: Sequence[Rows]) -> Mapping[int, tuple[Fraction, ...]]:
        """Return what each group of rows paid for each plan bought, in cents."""
        return {
            plan: tuple(one - other for one, other in zip(before, after, strict=True))
            for plan, (before, after) in zip(
                (one.plan for one in self.rounds), pairwise(self._money(groups)), strict=True
            )
        }

    def support(self, plans: Sequence[int]) -> Mapping[int, int]:
        """Return the effective support of plans that were not bought: whole percents, rounded down, at most 99.

        That is the greatest part of its cost that its voters would have paid together, in any round, at the level at
        which that round's winner was bought, or in the end with all they had left. (After `effective support` in
        pabutools.) A figure to read, made with floats: nothing is decided by it.
        """
        best = dict.fromkeys(plans, 0.0)
        for number in range(len(self.rounds) + 1):
            level = float(self.rounds[number].level) if number < len(self.rounds) else np.inf
            for plan in plans:
                best[plan] = max(best[plan], self._share(self.index[plan], level))
            if number < len(self.rounds):
                self._pay(number)
        return {plan: min(99, int(100 * share + FLOAT_ERROR)) for plan, share in best.items()}

    def _money(self, groups: Sequence[Rows]) -> Iterator[list[Fraction]]:
        yield [self.purses.total(rows) for rows in groups]
        for number in range(len(self.rounds)):
            self._pay(number)
            yield [self.purses.total(rows) for rows in groups]

    def _pay(self, number: int) -> None:
        one = self.rounds[number]
        plan = self.index[one.plan]
        self.purses.pay(self.purses.supporters[plan], one.level * self.market.units[plan], self._points(plan))

    def _points(self, plan: int) -> NDArray[np.int64] | None:
        return None if self.profile.points is None else self.profile.points[self.purses.entries[plan]]

    def _share(self, plan: int, level: float) -> float:
        rows, points = self.purses.supporters[plan], self._points(plan)
        most = level * self.market.units[plan] * (1 if points is None else points)
        money = np.minimum(self.purses.approx[rows], most) * self.profile.votes[rows]
        return float(money.sum()) / (self.market.costs[plan] * self.profile.parts or 1)


def last_endowment(outcome: Outcome) -> Fraction:
    """Return what every voter started with in the run that counts: the last that kept to the budget."""
    return [one.last for one in outcome.endowments if one.spent_cents <= outcome.budget_cents][-1]


def _winners_on(profile: Profile, outcome: Outcome) -> NDArray[np.int64]:
    won = np.isin(profile.plans, [plan for plan, _ in outcome.funded])
    return np.diff(np.concatenate([[0], np.cumsum(won[profile.choices])])[profile.starts])


def _whole_cents(amounts: Sequence[Fraction]) -> tuple[int, ...]:
    """Round so that the sum is kept: each part ends where the rounded running total does."""
    ends = [round(sum(amounts[:place], Fraction(0))) for place in range(len(amounts) + 1)]
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
