"""Equal shares with bounded overspending: voters may pay somewhat more than they have for a plan worth it to them."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from buurtbegroot.core.methods import Score, Utility
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.purses import Purses
from buurtbegroot.core.tally.race import Payment, Race, ballots_of
from buurtbegroot.core.tally.scores import points_of
from buurtbegroot.core.tally.trace import Outcome, Verdict


def bos(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by BOS Equal Shares (Papasotiropoulos et al., arXiv 2409.15005, section 5).

    All votes on a plan of the pot start with an equal share of it. In a round a plan p that costs no more than is left
    in the pot can be paid to the part a <= 1 at the price r if its supporters, who pay min(what they have left, a x r x
    worth), pay a x c(p) together. The plan with the lowest r / a is funded whole, ties in the declared order,
    and each of its supporters pays min(what is left, r x worth): those who run dry overspent the pot's
    money, which bounds the total. Of several a with the lowest r / a the greatest holds. Free plans are funded
    before all others. `rules.utility` says what a plan is worth; `Purchase.level` is r / a. Nothing is done
    with what is left in the end.
    """
    count = _Count(election, rules)
    while count.buy():
        pass
    return count.race.outcome(Verdict.NOT_AFFORDABLE)


class _Terms(NamedTuple):
    """How a plan can be had: r / a, then minus a, so that the least terms are the best."""

    level: Fraction
    minus_part: Fraction

    @property
    def price(self) -> Fraction:
        """The price r for each unit of worth."""
        return -self.level * self.minus_part


class _Count:
    def __init__(self, election: Election, rules: CountingRules) -> None:
        self.race = Race(election, rules)
        self.profile = _with_worth(ballots_of(election), election, rules)
        votes = int(self.profile.votes.sum())
        share = Fraction(election.budget_cents * self.profile.parts, votes) if votes else Fraction(0)
        self.purses = Purses(self.profile, Fraction(0) if self.profile.money is not None else share)
        self.costs = [plan.cost_cents * self.profile.parts for plan in election.plans]
        assert self.profile.points is not None
        self.worths = [self.profile.points[entries] for entries in self.purses.entries]
        self.known: dict[int, _Terms | None] = {}

    def buy(self) -> bool:
        """Hold a round; False when no plan can be had any more."""
        for plan in self.race.candidates():
            if not self.race.fits(plan):
                self.race.drop(plan)
        able = self.race.candidates()
        free = [plan for plan in able if not self.costs[plan]]
        if free:
            self.race.settle(free[0])
            return True
        level, tied = self._lowest(able)
        if not tied:
            return False
        terms = self.known[tied[0]]
        assert terms is not None
        self.race.buy(tied, level, self._pay(tied[0], terms.price))
        return True

    def _lowest(self, plans: Sequence[int]) -> tuple[Fraction, list[int]]:
        """The lowest level and the plans that have it. As money is only spent, a level known only rises."""
        zero = _Terms(Fraction(0), Fraction(0))
        best: Fraction | None = None
        open_plans = [plan for plan in plans if self.known.get(plan, zero) is not None]
        for plan in sorted(open_plans, key=lambda plan: self.known.get(plan) or zero):
            if best is not None and (self.known.get(plan) or zero).level > best:
                break
            self.known[plan] = terms = self._terms(plan)
            if terms is not None and (best is None or terms.level < best):
                best = terms.level
        if best is None:
            return Fraction(0), []
        return best, [plan for plan in plans if (terms := self.known.get(plan)) and terms.level == best]

    def _terms(self, plan: int) -> _Terms | None:
        """The best terms of the plan: those of one of the prices at which a supporter runs dry, or a = 1.

        Between two of these, with d what the dry ones have and w the worth to the others, l / (d + l x w)^2 rises and
        then falls in l = a x r; so its least is at an end.
        """
        missing = cost = Fraction(self.costs[plan])
        payers = self._payers(plan)
        worth_left = sum(votes * worth for votes, _, worth in payers)
        best: _Terms | None = None
        paid = Fraction(0)
        for votes, money, worth in payers:
            at = money / worth
            if at * worth_left >= missing:
                whole = _Terms(missing / worth_left, Fraction(-1))
                return whole if best is None else min(best, whole)
            paid += votes * money
            missing -= votes * money
            worth_left -= votes * worth
            part = (paid + at * worth_left) / cost
            terms = _Terms(at / part**2, -part)
            best = terms if best is None else min(best, terms)
        return best

    def _payers(self, plan: int) -> list[tuple[int, Fraction, int]]:
        """The supporters with money as votes, what each has left and what the plan is worth; first dry, first."""
        rows, worths = self.purses.supporters[plan], self.worths[plan]
        pairs, places = np.unique(np.stack([self.purses.purse[rows], worths]), axis=1, return_inverse=True)
        votes = np.zeros(pairs.shape[1], dtype=np.int64)
        np.add.at(votes, places.reshape(-1), self.profile.votes[rows])
        held = zip(votes.tolist(), pairs[0].tolist(), pairs[1].tolist(), strict=True)
        found = [(number, self.purses.cents[purse], worth) for number, purse, worth in held]
        return sorted((one for one in found if one[1]), key=lambda one: one[1] / one[2])

    def _pay(self, plan: int, price: Fraction) -> Payment:
        payers = [(votes, money, price * worth) for votes, money, worth in self._payers(plan)]
        rest = [(votes, money) for votes, money, asked in payers if money < asked]
        self.purses.pay(self.purses.supporters[plan], price, self.worths[plan])
        return Payment(
            price=max(min(money, asked) for _, money, asked in payers),
            in_full=sum(votes for votes, money, asked in payers if money >= asked),
            with_rest=sum(votes for votes, _ in rest),
            rest_cents=sum((votes * money for votes, money in rest), Fraction(0)) / self.profile.parts,
            left_cents=self.purses.total(),
        )


def _with_worth(profile: Profile, election: Election, rules: CountingRules) -> Profile:
    """The ballots with what each choice is worth to the voter in place of points, the positive ones only."""
    by_points = rules.utility in (Utility.POINTS, Utility.POINTS_COST)
    score = (Score.POINTS if rules.score is Score.VOTES else rules.score) if by_points else Score.VOTES
    pointed = points_of(profile, replace(rules, score=score))
    assert pointed.points is not None
    kept = pointed.keeping(pointed.points > 0)
    assert kept.points is not None
    if rules.utility not in (Utility.COST, Utility.POINTS_COST):
        return kept
    costs = np.array([plan.cost_cents for plan in election.plans], dtype=np.int64)
    return replace(kept, points=kept.points * np.maximum(costs[kept.choices], 1))
