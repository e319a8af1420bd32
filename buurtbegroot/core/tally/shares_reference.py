"""The Method of Equal Shares in plain fractions: slow and short, the count that every faster one must equal."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.trace import Missed, Purchase


class ReferencePath:
    """Runs as `Market` defines them, without arrays, floats or shortcuts."""

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return the indexes of the plans that one run buys, in the order of buying."""
        run = _Run(market, endowment)
        while (found := run.winner()) is not None:
            run.buy(*found)
        return tuple(run.bought)

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Tell whether in every round the winner at its level for `low` goes before all others at theirs for `high`.

        With more money levels fall and, in one order of buying, everybody keeps more: so all in between agree.
        """
        poor, rich = _Run(market, low), _Run(market, high)
        for winner in bought:
            to_beat = poor.level(winner)
            if to_beat is None:
                return False
            place = (to_beat, market.precedence[winner])
            levels = ((plan, rich.level(plan, to_beat=to_beat)) for plan in rich.open_plans() if plan != winner)
            if any(level is not None and (level, market.precedence[plan]) < place for plan, level in levels):
                return False
            poor.buy(winner, to_beat)
            rich.buy(winner, rich.level(winner) or to_beat)
        return rich.winner() is None

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the exact rounds of one run."""
        run, purchases = _Run(market, endowment), list[Purchase]()
        last: dict[int, tuple[int, Fraction]] = {}
        while (found := run.winner()) is not None:
            plan, lowest = found
            unsold = sorted(run.for_sale - set(run.bought))
            levels = {one: level for one in unsold if (level := run.level(one)) is not None}
            last |= {one: (len(purchases) + 1, level) for one, level in levels.items()}
            equal = [one for one, level in levels.items() if level == lowest and run.may_buy(one)]
            purchases.append(run.purchase(plan, lowest, number=len(purchases) + 1, equal=equal))
            run.buy(plan, lowest)
        return Rounds(
            purchases=tuple(purchases),
            missed=tuple(
                run.missed(plan, *last.get(plan, (0, None))) for plan in sorted(run.for_sale - set(run.bought))
            ),
        )


class _Run:
    """One run under way: what each vote of every row has left, and what was bought.

    Rows that paid for the same plans at the same worth share a purse, so that an amount is reckoned once.
    """

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        self.votes: list[int] = []
        self.supporters: list[list[tuple[int, int]]] = [[] for _ in market.costs]
        for row, (choices, points, votes) in enumerate(market.profile.ballots()):
            self.votes.append(votes)
            for place, plan in enumerate(choices):
                worth = market.units[plan] * (points[place] if market.by_points and points else 1)
                self.supporters[plan].append((row, worth))
        start = [endowment + own for own in market.profile.money or [Fraction(0)] * len(self.votes)]
        numbers = {money: number for number, money in enumerate(dict.fromkeys(start))}
        self.purses, self.purse = list(numbers), [numbers[money] for money in start]
        self.for_sale = {plan for plan in market.for_sale if market.costs[plan] and self.supporters[plan]}
        self.bought: list[int] = []
        # Money is only ever spent, so a level found earlier is one that the plan can't get below.
        self.at_least: dict[int, Fraction | None] = dict.fromkeys(self.for_sale, Fraction(0))

    def open_plans(self) -> list[int]:
        """Return the plans that may be bought now and may be affordable."""
        return [
            plan
            for plan, bound in self.at_least.items()
            if bound is not None and plan not in self.bought and self.may_buy(plan)
        ]

    def may_buy(self, plan: int) -> bool:
        """Tell whether limits and requirements allow the plan beside what was bought."""
        return self.market.allows(plan, beside=self.bought)

    def winner(self) -> tuple[int, Fraction] | None:
        """Return the plan of lowest level that may be bought, with its level; None when none is affordable."""
        best: tuple[Fraction, int, int] | None = None
        for plan in sorted(self.open_plans(), key=lambda plan: self.at_least[plan] or Fraction(0)):
            level = self.level(plan, to_beat=None if best is None else best[0])
            if level is not None:
                one = (level, self.market.precedence[plan], plan)
                best = one if best is None else min(best, one)
        return None if best is None else (best[2], best[0])

    def payers(self, plan: int) -> list[tuple[int, Fraction, int]]:
        """Return the plan's supporters as votes, the cents that each has left, and what the plan is worth to each."""
        alike: Counter[tuple[int, int]] = Counter()
        for row, worth in self.supporters[plan]:
            alike[self.purse[row], worth] += self.votes[row]
        return [(votes, self.purses[purse], worth) for (purse, worth), votes in alike.items()]

    def level(self, plan: int, *, to_beat: Fraction | None = None) -> Fraction | None:
        """Return the r at which the payments min(money, r x worth) add up to the cost.

        None if they can't, or if r is certainly above the level to beat.
        """
        bound = self.at_least[plan]
        if bound is None or (to_beat is not None and bound > to_beat):
            return None
        self.at_least[plan] = bound = self._level(plan)
        return bound

    def _level(self, plan: int) -> Fraction | None:
        payers = self.payers(plan)
        missing = Fraction(self.market.costs[plan] * self.market.profile.parts)
        worth_left = sum(votes * worth for votes, _, worth in payers)
        # Up to the level money / worth a supporter pays r x worth, beyond it all that he has.
        for votes, money, worth in sorted(payers, key=lambda payer: payer[1] / payer[2]):
            if missing * worth <= money * worth_left:
                return missing / worth_left
            missing -= votes * money
            worth_left -= votes * worth
        return None

    def buy(self, plan: int, level: Fraction) -> None:
        """Let the supporters pay."""
        new: dict[tuple[int, int], int] = {}
        for row, worth in self.supporters[plan]:
            old = self.purse[row]
            if (old, worth) not in new:
                new[old, worth] = len(self.purses)
                self.purses.append(self.purses[old] - min(self.purses[old], level * worth))
            self.purse[row] = new[old, worth]
        self.bought.append(plan)

    def cents(self, rows: Iterable[int]) -> Fraction:
        """Return what these rows have left together."""
        votes: Counter[int] = Counter()
        for row in rows:
            votes[self.purse[row]] += self.votes[row]
        together = sum((number * self.purses[purse] for purse, number in votes.items()), Fraction(0))
        return together / self.market.profile.parts

    def missed(self, plan: int, number: int, level: Fraction | None) -> Missed:
        """Return how far the plan came, at the end of the run."""
        return Missed(
            plan=self.market.profile.plans[plan],
            affordable_until=number,
            level=level,
            supporters_cents=self.cents(row for row, _ in self.supporters[plan]),
        )

    def purchase(self, plan: int, level: Fraction, *, number: int, equal: list[int]) -> Purchase:
        """Return what buying the plan means; the money is still theirs."""
        payers = [(votes, money, level * worth) for votes, money, worth in self.payers(plan)]
        rest = [(votes, money) for votes, money, asked in payers if 0 < money < asked]
        return Purchase(
            number=number,
            plan=self.market.profile.plans[plan],
            level=level,
            price=max(min(money, asked) for _, money, asked in payers),
            in_full=sum(votes for votes, money, asked in payers if money >= asked),
            with_rest=sum(votes for votes, _ in rest),
            rest_cents=sum((votes * money for votes, money in rest), Fraction(0)) / self.market.profile.parts,
            left_cents=self.cents(range(len(self.votes))) - self.market.costs[plan],
            tie=self.market.tie(equal),
        )
