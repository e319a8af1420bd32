"""The Method of Equal Shares in the standard library alone: short, the count that every faster one must equal.

No floats, no arrays, every amount exact. What lets it recount a million voters within minutes is easy to check:

- Money is kept in whole units, so many to a cent that each amount is a whole number of them. A purchase makes the unit
  as fine as its payments need: integers are compared and added faster than fractions.
- Who has less than his share of a plan gives all he has, and the others share what is missing, so that the share
  rises: so on until no share is more than its payer has (`_Run.level`). Nothing is sorted.
- Money is only ever spent, so levels don't fall. The level found last tells which plans can't be the next.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, lcm
from typing import NamedTuple

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.trace import Missed, Purchase

Payers = dict[int, list[int]]
"""Rows by what a plan is worth to each of their votes."""


class ReferencePath:
    """Runs as `Market` defines them, without arrays or floats."""

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return the indexes of the plans that one run buys, in the order of buying."""
        run = _Run(market, endowment)
        while leaders := run.leaders():
            run.buy(run.sale(leaders[0]))
        return tuple(run.bought)

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Tell whether in every round the winner at its level for `low` goes before all others at theirs for `high`.

        With more money levels fall and, in one order of buying, everybody keeps more: so all in between agree.
        """
        poor, rich = _Run(market, low), _Run(market, high)
        for winner in bought:
            if not poor.is_affordable(winner):
                return False
            to_beat = poor.level(winner)
            place = (to_beat, market.precedence[winner])
            others = (plan for plan in rich.open_plans() if plan != winner)
            if any((rich.level(plan, to_beat=to_beat), market.precedence[plan]) < place for plan in others):
                return False
            poor.buy(poor.sale(winner))
            rich.buy(rich.sale(winner))
        return not rich.open_plans()

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the exact rounds of one run."""
        run, purchases = _Run(market, endowment), list[Purchase]()
        last: dict[int, tuple[int, Fraction]] = {}
        while leaders := run.leaders():
            sale, number = run.sale(leaders[0]), len(purchases) + 1
            last |= {plan: (number, run.level(plan)) for plan in run.lost_by(sale)}
            purchases.append(run.purchase(sale, number=number, equal=leaders))
            run.buy(sale)
        missed = (run.missed(plan, *last.get(plan, (0, None))) for plan in sorted(run.unsold))
        return Rounds(purchases=tuple(purchases), missed=tuple(missed))


class _Sale(NamedTuple):
    """What buying a plan means, in units: what a vote of each row pays, and which rows give all that they have so.

    `lost` is what the supporters of each plan lose together.
    """

    plan: int
    level: Fraction
    pays: dict[int, int]
    rests: list[int]
    lost: list[int]


class _Run:
    """One run under way: what was bought, and what is left, in units of which there are `unit` to a cent.

    `money` is what one vote of each row has, `owned` what the supporters of each plan have together, `left` what all
    have. `at_least` is the level found last of each plan not sold.
    """

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        self.ballots: list[tuple[int, ...]] = []
        self.votes: list[int] = []
        self.supporters: list[Payers] = [{} for _ in market.costs]
        for row, (choices, points, votes) in enumerate(market.profile.ballots()):
            self.ballots.append(choices)
            self.votes.append(votes)
            for place, plan in enumerate(choices):
                worth = market.units[plan] * (points[place] if market.by_points and points else 1)
                self.supporters[plan].setdefault(worth, []).append(row)
        own = market.profile.money or ()
        cents = {money: endowment + money for money in set(own)}
        self.unit = lcm(endowment.denominator, *(start.denominator for start in cents.values()))
        units = {money: int(start * self.unit) for money, start in cents.items()}
        self.money = [units[money] for money in own] or [int(endowment * self.unit)] * len(self.votes)
        self.left = self.together(range(len(self.money)))
        self.owned = [sum(map(self.together, payers.values())) for payers in self.supporters]
        self.bought: list[int] = []
        self.unsold = {plan for plan in market.for_sale if market.costs[plan] and self.supporters[plan]}
        self.at_least = dict.fromkeys(self.unsold, Fraction(0))

    def together(self, rows: Iterable[int]) -> int:
        """Return the units that these rows have together."""
        return sum(self.votes[row] * self.money[row] for row in rows)

    def cost(self, plan: int) -> int:
        """Return what the plan costs, in units."""
        return self.market.costs[plan] * self.market.profile.parts * self.unit

    def cents(self, units: int) -> Fraction:
        """Return as cents what votes have together."""
        return Fraction(units, self.unit * self.market.profile.parts)

    def is_affordable(self, plan: int) -> bool:
        """Tell whether the supporters have the money."""
        return self.owned[plan] >= self.cost(plan)

    def open_plans(self) -> list[int]:
        """Return the plans that can be bought now, the most promising first."""
        found = [one for one in self.unsold if self.is_affordable(one) and self.market.allows(one, beside=self.bought)]
        return sorted(found, key=self.at_least.__getitem__)

    def leaders(self) -> list[int]:
        """Return the open plans of the lowest level, in the order of ties."""
        found, lowest = list[int](), None
        for plan in self.open_plans():
            level = self.level(plan, to_beat=lowest)
            if lowest is None or level < lowest:
                found, lowest = [plan], level
            elif level == lowest:
                found.append(plan)
        return sorted(found, key=self.market.precedence.__getitem__)

    def level(self, plan: int, *, to_beat: Fraction | None = None) -> Fraction:
        """Return the r at which the payments min(money, r x worth) add up to the cost of an affordable plan.

        If r is above `to_beat`, what is returned is above it too, but may be less than r.
        """
        level, missing, payers = self.at_least[plan], self.cost(plan), self.supporters[plan]
        while to_beat is None or level <= to_beat:
            payers, poor = self.divided(payers, level)
            missing -= self.together(poor)
            worth = sum(worth * sum(self.votes[row] for row in rows) for worth, rows in payers.items())
            higher = Fraction(missing, worth * self.unit)
            if higher == level:
                break
            self.at_least[plan] = level = higher
        return level

    def divided(self, payers: Payers, level: Fraction) -> tuple[Payers, list[int]]:
        """Return those whose votes have level x worth, and the rows that have less."""
        money, able, poor = self.money, Payers(), list[int]()
        for worth, rows in payers.items():
            asked = ceil(level * worth * self.unit)
            able[worth] = [row for row in rows if money[row] >= asked]
            poor += [row for row in rows if money[row] < asked]
        return able, poor

    def sale(self, plan: int) -> _Sale:
        """Return what buying the plan means, in a unit that is fine enough for it from now on."""
        level = self.level(plan)
        self.refine(lcm(*((level * worth * self.unit).denominator for worth in self.supporters[plan])))
        able, poor = self.divided(self.supporters[plan], level)
        rests = [row for row in poor if self.money[row]]
        pays = {row: self.money[row] for row in rests}
        for worth, rows in able.items():
            pays |= dict.fromkeys(rows, int(level * worth * self.unit))
        lost = [0] * len(self.owned)
        for row, paid in pays.items():
            for one in self.ballots[row]:
                lost[one] += self.votes[row] * paid
        return _Sale(plan, level, pays, rests, lost)

    def refine(self, times: int) -> None:
        """Make the unit so many times as fine."""
        self.unit, self.left = self.unit * times, self.left * times
        self.money = [money * times for money in self.money]
        self.owned = [money * times for money in self.owned]

    def buy(self, sale: _Sale) -> None:
        """Let the supporters pay."""
        for row, paid in sale.pays.items():
            self.money[row] -= paid
        self.owned = [money - lost for money, lost in zip(self.owned, sale.lost, strict=True)]
        self.left -= self.cost(sale.plan)
        self.bought.append(sale.plan)
        self.unsold.remove(sale.plan)

    def lost_by(self, sale: _Sale) -> list[int]:
        """Return the other plans that are affordable but, once this is bought, are not or may not be bought."""
        beside = [*self.bought, sale.plan]
        affordable = [plan for plan in self.unsold - {sale.plan} if self.is_affordable(plan)]
        return [
            plan
            for plan in affordable
            if self.owned[plan] - sale.lost[plan] < self.cost(plan) or not self.market.allows(plan, beside=beside)
        ]

    def purchase(self, sale: _Sale, *, number: int, equal: list[int]) -> Purchase:
        """Return what the sale means for its voters; the money is still theirs."""
        with_rest = sum(self.votes[row] for row in sale.rests)
        return Purchase(
            number=number,
            plan=self.market.profile.plans[sale.plan],
            level=sale.level,
            price=Fraction(max(sale.pays.values()), self.unit),
            in_full=sum(self.votes[row] for row in sale.pays) - with_rest,
            with_rest=with_rest,
            rest_cents=self.cents(self.together(sale.rests)),
            left_cents=self.cents(self.left - self.cost(sale.plan)),
            tie=self.market.tie(equal),
        )

    def missed(self, plan: int, number: int, level: Fraction | None) -> Missed:
        """Return how far the plan came, at the end of the run."""
        return Missed(
            plan=self.market.profile.plans[plan],
            affordable_until=number,
            level=level,
            supporters_cents=self.cents(self.owned[plan]),
        )
