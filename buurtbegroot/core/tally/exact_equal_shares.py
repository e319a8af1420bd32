"""Exact Equal Shares: all who pay for a plan pay the same, and the start money grows to the next change exactly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import numpy as np

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.methods import EqualShares, Utility
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.increments import cost_of, ends, schedule
from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.purses import Purses, Rows
from buurtbegroot.core.tally.trace import Endowments, Missed, Outcome, Purchase

RUNS_MAX = 20_000
"""Many times the changes of any vote known; beyond it the count ends with an error."""


def exact_equal_shares(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by Exact Equal Shares with add-opt (Kraiczy, Robinson and Elkind, arXiv 2502.11797).

    All votes start with the same money x, as for equal shares. A plan p can be bought by k of its supporters if
    each of them has c(p) / k left; k is the largest such number, and who has less pays nothing. Each round
    buys the plan with the lowest c(p) / (k x worth), worth being the cost of the plan or one, ties in the declared
    order, until none can be bought. With increments (`step_cents` is not None; its size plays no part) x then rises
    to the least amount at which any round goes otherwise, and all is counted again, until the stop of
    `EqualShares`. `Purchase.level` is price / worth. Raises ValueError for utilities by points.
    """
    shares = rules.equal_shares or EqualShares()
    if shares.utility not in (Utility.COST, Utility.COUNT):
        raise ValueError("exact equal shares know cost and count utilities only")
    count = SharesCount(election, rules)
    free = count.free_beside([])
    market = count.market(free)
    held, raises = None, []
    for run in _runs(market, shares, election.budget_cents):
        raises.append((run.endowment, run.bought))
        if cost_of(market, run.bought) <= election.budget_cents:
            held = run
    assert held is not None  # voters together start with no more than the budget
    return count.concluded(free, _story(held), _endowments(market, raises))


def _runs(market: Market, shares: EqualShares, budget_cents: int) -> Iterator["_Run"]:
    """The runs, each at the least money at which the one before it changes; only the last may overspend."""
    endowment: Fraction | None = schedule(market, shares, budget_cents).first
    for _ in range(RUNS_MAX):
        if endowment is None:
            return
        run = _Run(market, endowment)
        yield run
        if shares.step_cents is None or ends(market, run.bought, budget_cents=budget_cents, stop=shares.stop):
            return
        endowment = run.next_change()
    raise ValueError(f"the increments have not ended after {RUNS_MAX} runs")


@dataclass(frozen=True, slots=True)
class _Offer:
    """A plan, its price for each of its payers, price / worth, their votes in parts and their rows."""

    plan: int
    price: Fraction
    level: Fraction
    votes: int
    rows: Rows


class _Run:
    """One run: its purchases, and which purse every row had at the start of each round and at the end."""

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        self.endowment = endowment
        self.purses = Purses(market.profile, endowment)
        self.open = sorted(plan for plan in market.for_sale if market.costs[plan])
        self.sold: list[_Offer] = []
        self.equal: list[list[int]] = []
        self.held = [self.purses.purse.copy()]
        self.approx = [self.purses.approx.copy()]
        known: dict[int, _Offer | None] = {}
        while self._buy(known):
            pass

    @property
    def bought(self) -> tuple[int, ...]:
        """The indexes of the plans in the order in which they were bought."""
        return tuple(offer.plan for offer in self.sold)

    def offer(self, plan: int) -> _Offer | None:
        """Return how the plan can be bought with what its supporters have left; None if it cannot."""
        rows, before = self.purses.supporters[plan], -1
        price = Fraction(0)
        while len(rows) != before:
            before = len(rows)
            if not before:
                return None
            price = Fraction(self.market.costs[plan] * self.market.profile.parts, self.purses.votes(rows))
            rows = self.purses.at_least(rows, price)
        return _Offer(plan, price, price / self.market.units[plan], self.purses.votes(rows), rows)

    def _buy(self, known: dict[int, _Offer | None]) -> bool:
        """Buy the plan of the lowest level, if any. As money is only spent, an offer known never gets better."""
        able = [plan for plan in self.open if self.market.allows(plan, beside=self.bought)]
        able = [plan for plan in able if plan not in known or known[plan] is not None]
        able.sort(key=lambda plan: offer.level if (offer := known.get(plan)) else Fraction(0))
        best: Fraction | None = None
        for plan in able:
            if best is not None and (offer := known.get(plan)) and offer.level > best:
                break
            known[plan] = offer = self.offer(plan)
            if offer is not None and (best is None or offer.level < best):
                best = offer.level
        equal = [plan for plan in able if (offer := known.get(plan)) and offer.level == best]
        if not equal:
            return False
        first = known[min(equal, key=self.market.precedence.__getitem__)]
        assert first is not None
        self.purses.pay(first.rows, first.price)
        self.open.remove(first.plan)
        self.sold.append(first)
        self.equal.append(equal)
        self.held.append(self.purses.purse.copy())
        self.approx.append(self.purses.approx.copy())
        return True

    def next_change(self) -> Fraction | None:
        """Return the least start money above this one with which any round goes otherwise; None if there is none.

        Payments do not depend on the start money, so as long as nothing changes everybody has just that much more
        in each round. Floats find where the least raise may be, and a bound on their error keeps all that may be it.
        """
        near = [(self._raise_near(number, plan, votes), number, plan, votes) for number, plan, votes in self._rivals()]
        near = [one for one in near if one[0] < np.inf]
        if not near:
            return None
        largest = float(self.endowment) + max(map(float, self.purses.cents)) + sum(self.market.costs)
        bound = min(one[0] for one in near) + largest * self.market.profile.parts * 2.0**-48
        return self.endowment + min(
            self._raise(number, plan, votes) for least, number, plan, votes in near if least <= bound
        )

    def _rivals(self) -> Iterator[tuple[int, int, int]]:
        """Each round with each plan that could win it otherwise, and with how many votes, in parts, at least."""
        unsold, totals = set(self.open) | set(self.bought), self.market.profile.totals()
        for number, winner in enumerate([*self.sold, None]):
            for plan in sorted(unsold):
                needed = self._votes_to_beat(plan, winner)
                if needed <= totals[plan] and self.market.allows(plan, beside=self.bought[:number]):
                    yield number, plan, needed
            if winner is not None:
                unsold.remove(winner.plan)

    def _votes_to_beat(self, plan: int, winner: _Offer | None) -> int:
        if winner is None:
            return 1
        if plan == winner.plan:
            return winner.votes + 1
        worth = self.market.units[plan] * winner.level
        as_good = Fraction(self.market.costs[plan] * self.market.profile.parts) / worth
        first = self.market.precedence[plan] < self.market.precedence[winner.plan]
        return -(-as_good // 1) if first else as_good // 1 + 1

    def _raise_near(self, number: int, plan: int, votes: int) -> float:
        """About the least raise with which at least so many votes can pay for the plan in this round."""
        rows = self.purses.supporters[plan]
        money = self.approx[number][rows]
        order = np.argsort(-money)
        payers = np.cumsum(self.market.profile.votes[rows][order])
        enough = payers >= votes
        asked = self.market.costs[plan] * self.market.profile.parts / payers[enough]
        return float((asked - money[order][enough]).min(initial=np.inf))

    def _raise(self, number: int, plan: int, votes: int) -> Fraction:
        """Return exactly that raise."""
        rows = self.purses.supporters[plan]
        held: dict[Fraction, int] = {}
        for purse, number_of in zip(
            self.held[number][rows].tolist(), self.market.profile.votes[rows].tolist(), strict=True
        ):
            money = self.purses.cents[purse]
            held[money] = held.get(money, 0) + number_of
        cost, payers, raises = self.market.costs[plan] * self.market.profile.parts, 0, []
        for money in sorted(held, reverse=True):
            payers += held[money]
            if payers >= votes:
                raises.append(Fraction(cost, payers) - money)
        return min(raises)


def _story(run: _Run) -> Rounds:
    """The rounds of a run that was held, and how far the other plans came in it."""
    market, left = run.market, Purses(run.market.profile, run.endowment).total()
    purchases = []
    for number, (offer, equal) in enumerate(zip(run.sold, run.equal, strict=True), start=1):
        left -= market.costs[offer.plan]
        purchases.append(
            Purchase(
                number=number,
                plan=market.profile.plans[offer.plan],
                level=offer.level,
                price=offer.price,
                in_full=offer.votes,
                with_rest=0,
                rest_cents=Fraction(0),
                left_cents=left,
                tie=market.tie(equal),
            )
        )
    return Rounds(purchases=tuple(purchases), missed=tuple(_missed(run)))


def _missed(run: _Run) -> Iterator[Missed]:
    """For each plan not bought the last round in which it could have been, from a second look at all rounds."""
    last: dict[int, tuple[int, Fraction]] = {}
    again = Purses(run.market.profile, run.endowment)
    run.purses, final = again, run.purses
    for number, sold in enumerate(run.sold, start=1):
        offers = {plan: offer for plan in run.open if (offer := run.offer(plan)) is not None}
        last |= {plan: (number, offer.level) for plan, offer in offers.items()}
        again.pay(sold.rows, sold.price)
    run.purses = final
    for plan in run.open:
        until, level = last.get(plan, (0, None))
        yield Missed(
            plan=run.market.profile.plans[plan],
            affordable_until=until,
            level=level,
            supporters_cents=final.total(final.supporters[plan]),
        )


def _endowments(market: Market, runs: Iterable[tuple[Fraction, tuple[int, ...]]]) -> Iterator[Endowments]:
    for bought, alike in groupby(runs, key=lambda run: sorted(run[1])):
        together = [endowment for endowment, _ in alike]
        yield Endowments(
            first=together[0],
            last=together[-1],
            steps=len(together),
            spent_cents=cost_of(market, tuple(bought)),
            winners=digest("v1/winners", canonical_json([market.profile.plans[one] for one in bought])).hex(),
        )
