"""The exact story of one run whose winners are known; who wins is found elsewhere."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from buurtbegroot.core.tally.market import Rounds
from buurtbegroot.core.tally.shares_arrays import Integers
from buurtbegroot.core.tally.shares_exact import ExactRun, Payment
from buurtbegroot.core.tally.trace import Missed, Purchase


class Story:
    """A run told again round by round: ties, and when each plan that was not bought became too dear."""

    def __init__(self, run: ExactRun, winners: Sequence[int]) -> None:
        self.run, self.winners = run, winners
        self.market = run.arrays.market
        self.parts = self.market.profile.parts
        self.rivals = sorted(run.open)
        self.owned = run.arrays.owned(run.money)
        self.last = dict[int, tuple[int, Fraction | None]]()
        self.affordable = {plan for plan in self.rivals if self._is_affordable(plan)}

    def rounds(self) -> Rounds:
        """Return all rounds, and of each plan not bought how far it came."""
        purchases, left = list[Purchase](), self._start_cents()
        for number, plan in enumerate(self.winners, start=1):
            left -= self.run.cost_cents[plan]
            purchases.append(self._purchase(plan, number=number, left_cents=left / self.parts))
        missed = (self._missed(plan) for plan in self.rivals if plan not in set(self.winners))
        return Rounds(purchases=tuple(purchases), missed=tuple(missed))

    def _start_cents(self) -> Fraction:
        profile = self.market.profile
        votes: list[int] = profile.votes.tolist()
        own = sum((one * money for one, money in zip(votes, profile.money or (), strict=False)), Fraction(0))
        return self.run.endowment * sum(votes) + own

    def _purchase(self, plan: int, *, number: int, left_cents: Fraction) -> Purchase:
        run = self.run
        payment = run.payment(plan)
        assert payment is not None
        level = payment.price / self.market.units[plan]
        rivals = (one.plan for one in run.leaders() if one.plan != plan)
        equal = [plan, *(rival for rival in rivals if run.exact_level(rival) == level)]
        votes, points = run.wide_factors(plan)
        money = run.money[run.supporters(plan)]
        with_rest = ~payment.in_full & (money > 0)
        in_full = int(votes[payment.in_full] @ points[payment.in_full])
        purchase = Purchase(
            number=number,
            plan=self.market.profile.plans[plan],
            level=level,
            price=self._highest(plan, payment),
            in_full=int(votes[payment.in_full].sum()),
            with_rest=int(votes[with_rest].sum()),
            rest_cents=(run.cost_cents[plan] - payment.price * in_full) / self.parts,
            left_cents=left_cents,
            tie=self.market.tie(equal),
        )
        self._pay(plan, payment, number=number)
        return purchase

    def _highest(self, plan: int, payment: Payment) -> Fraction:
        """Return the most that one vote pays; who gave many points may pay more with his rest than others in full."""
        run = self.run
        _, points = run.wide_factors(plan)
        highest = payment.price * int(points[payment.in_full].max())
        rows = run.supporters(plan)
        money = run.money[rows]
        rest = ~payment.in_full & (money > 0)
        if run.arrays.points is None or not rest.any():
            return highest
        return max(highest, run.most_left(rows[rest], money[rest]))

    def _pay(self, plan: int, payment: Payment, *, number: int) -> None:
        """Let the plan be bought, and note the levels before it of those that are too dear after it."""
        run, rows = self.run, self.run.supporters(plan)
        before, excess = run.money[rows], run.excess
        run.settle(plan, payment)
        self.affordable.discard(plan)
        run.arrays.take(self.owned, rows, before - run.money[rows])
        last = number == len(self.winners)
        fallen = [one for one in self.affordable if last or not self._is_affordable(one)]
        if fallen:
            run.undo(plan, before, excess)
            self.last |= {one: (number, run.exact_level(one)) for one in fallen}
            run.settle(plan, payment)
            self.affordable.difference_update(fallen)

    def _is_affordable(self, plan: int) -> bool:
        short = self.run.costs[plan] - int(self.owned[plan])
        if short > 0 or short <= -self.run.excess:
            return short <= 0
        return self._cents(plan) >= self.run.cost_cents[plan]

    def _cents(self, plan: int) -> Fraction:
        """Return what the supporters have left, in cents times parts."""
        rows: Integers = self.run.supporters(plan)
        return self.run.cents(rows[np.flatnonzero(self.run.money[rows])])

    def _missed(self, plan: int) -> Missed:
        number, level = self.last.get(plan, (0, None))
        return Missed(
            plan=self.market.profile.plans[plan],
            affordable_until=number,
            level=level,
            supporters_cents=self._cents(plan) / self.parts,
        )
