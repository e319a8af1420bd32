"""How far plans came that voters did not buy: figures to read and to guess with, from floats; they decide nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.tally.payments import Payments

FLOAT_ERROR = 1e-9
"""More than floats ever miss here: percents, so that a whole one is not rounded down, or parts of an amount."""
CLOSE_CENTS = 0.01
STEPS_MAX = 50
"""More steps than it takes to find an affordable cost; it only is a guess if they were not enough."""

Floats = NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class Reach:
    """How far a plan came in the last run, in the best of its rounds for each of these.

    `support` is its effective support: whole percents, rounded down, at most 99, of its cost that its voters would
    have paid together, at the level at which the winner of a round was bought, or in the end with all they had left.
    (After `effective support` in pabutools.) With its cost lower by `short_cents`, or with `votes_short` votes
    more, they would have paid it all, if that run had had the same start money.
    """

    support: int = 0
    short_cents: int
    votes_short: int


def reach(payments: Payments, plans: Sequence[int]) -> Mapping[int, Reach]:
    """Return how far these plans came, none of which was bought, by id."""
    costs = {plan: payments.market.costs[payments.index[plan]] for plan in plans}
    votes = payments.profile.votes.sum() // payments.profile.parts
    found = {plan: Reach(short_cents=cost, votes_short=int(votes)) for plan, cost in costs.items()}
    money = payments.purses.approx.copy()
    for one in payments.rounds:
        _improve(found, payments, (money, float(one.level)))
        paid = _Offer(payments, one.plan, (money, float(one.level)))
        money[paid.rows] = np.maximum(paid.money - paid.prices(paid.cost), 0)
    _improve(found, payments, (money, inf))
    return found


def _improve(found: Mapping[int, Reach], payments: Payments, state: tuple[Floats, float]) -> None:
    """Look at all plans with the money that rows have now, if they need not pay more than at this level."""
    for plan, best in found.items():
        offer = _Offer(payments, plan, state)
        cost, paid = offer.cost, offer.paid(offer.cost)
        best.support = max(best.support, min(99, int(100 * paid / cost + FLOAT_ERROR)))
        best.short_cents = min(best.short_cents, ceil(cost - offer.affordable(paid)))
        if offer.from_new_voter > 0:
            best.votes_short = min(best.votes_short, ceil((cost - paid) / offer.from_new_voter))


class _Offer:
    """What the voters of one plan would pay at a level, in cents."""

    def __init__(self, payments: Payments, plan: int, state: tuple[Floats, float]) -> None:
        place, profile = payments.index[plan], payments.profile
        self.rows, points = payments.purses.supporters[place], payments.points(place)
        money, self.level = state
        self.cost = payments.market.costs[place]
        self.unit = None if payments.by_cost else payments.market.units[place]
        self.money: Floats = money[self.rows]
        self.votes: Floats = profile.votes[self.rows] / profile.parts
        self.points = np.ones(len(self.rows)) if points is None else points.astype(np.float64)
        self.from_new_voter = min(float(payments.start), float(self.prices(self.cost).max(initial=0)))

    def prices(self, cost: float) -> Floats:
        """Return the most that one vote of each row pays if the plan has this cost."""
        return self.level * (cost if self.unit is None else self.unit) * self.points

    def paid(self, cost: float) -> float:
        """Return what all pay together if the plan has this cost."""
        return float(np.minimum(self.money, self.prices(cost)) @ self.votes)

    def affordable(self, paid: float) -> float:
        """Return the highest cost that is paid at a lower level than this, if this is what they pay for the real cost.

        Where what a plan is worth goes with its cost, payments less cost are concave in the cost and 0 at 0,
        so that Newton's steps down from a cost that is not paid end at the highest that is. Where half of it is
        only just paid too, cheaper plans are no better: all are at this level, and equal to the round's winner.
        """
        if self.unit is not None or self.level == inf:
            return paid
        cost: float = self.cost
        for _ in range(STEPS_MAX):
            short = cost - self.paid(cost)
            growing = self.money > self.prices(cost)
            slope = 1 - self.level * float((self.votes * self.points) @ growing)
            if slope <= 0 or short < slope * CLOSE_CENTS:
                break
            cost -= short / slope
        return cost if cost > 0 and self.paid(cost / 2) > cost / 2 * (1 + FLOAT_ERROR) else 0.0
