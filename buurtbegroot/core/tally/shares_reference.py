"""The Method of Equal Shares in plain fractions: slow and short, the count that every faster one must equal."""

from collections.abc import Iterator
from fractions import Fraction

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.trace import Missed, Purchase


class ReferencePath:
    """Runs as `Market` defines them, without arrays, floats or shortcuts."""

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        """Return the indexes of the plans that one run buys, in the order of buying."""
        return tuple(plan for plan, _ in _rounds(_Run(market, endowment)))

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        """Tell whether in every round the winner's level at `low` is below all others at `high`.

        With more money levels fall and, in one order of buying, everybody keeps more: so all in between agree.
        """
        poor, rich = _Run(market, low), _Run(market, high)
        for winner in bought:
            to_beat = poor.level(winner)
            rivals = (rich.level(plan) for plan in rich.open_plans() if plan != winner)
            if to_beat is None or any(level is not None and level <= to_beat for level in rivals):
                return False
            poor.buy(winner, to_beat)
            rich.buy(winner, rich.level(winner) or to_beat)
        return all(rich.level(plan) is None for plan in rich.open_plans())

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the exact rounds of one run."""
        run, purchases = _Run(market, endowment), list[Purchase]()
        last: dict[int, tuple[int, Fraction]] = {}
        for plan, levels in _rounds(run):
            last |= {one: (len(purchases) + 1, level) for one, level in levels.items()}
            equal = [one for one in levels if levels[one] == levels[plan] and run.may_buy(one)]
            purchases.append(run.purchase(plan, levels[plan], number=len(purchases) + 1, equal=equal))
        missed = []
        for plan in sorted(run.for_sale - set(run.bought)):
            number, level = last.get(plan, (0, None))
            cents = sum((run.votes[row] * run.money[row] for row, _ in run.supporters[plan]), Fraction(0))
            missed.append(
                Missed(
                    plan=market.profile.plans[plan],
                    affordable_until=number,
                    level=level,
                    supporters_cents=cents / market.profile.parts,
                )
            )
        return Rounds(purchases=tuple(purchases), missed=tuple(missed))


def _rounds(run: "_Run") -> Iterator[tuple[int, dict[int, Fraction]]]:
    """Yield each winner with the levels of all plans that are affordable; it is bought when asked for the next."""
    while True:
        levels = {
            plan: level for plan in sorted(run.for_sale - set(run.bought)) if (level := run.level(plan)) is not None
        }
        buyable = [plan for plan in levels if run.may_buy(plan)]
        if not buyable:
            return
        winner = min(buyable, key=lambda plan: (levels[plan], run.market.precedence[plan]))
        yield winner, levels
        run.buy(winner, levels[winner])


class _Run:
    """One run under way: what each vote of every row has left in cents, and what was bought."""

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        self.votes: list[int] = []
        self.supporters: list[list[tuple[int, int]]] = [[] for _ in market.costs]
        for row, (choices, points, votes) in enumerate(market.profile.ballots()):
            self.votes.append(votes)
            for place, plan in enumerate(choices):
                worth = market.units[plan] * (points[place] if market.by_points and points else 1)
                self.supporters[plan].append((row, worth))
        self.money = [start + endowment for start in market.profile.money or [Fraction(0)] * len(self.votes)]
        self.for_sale = {plan for plan in market.for_sale if market.costs[plan] and self.supporters[plan]}
        self.bought: list[int] = []

    def open_plans(self) -> list[int]:
        """Return the plans that may be bought now, if affordable."""
        return [plan for plan in self.for_sale if plan not in self.bought and self.may_buy(plan)]

    def may_buy(self, plan: int) -> bool:
        """Tell whether limits and requirements allow the plan beside what was bought."""
        return self.market.allows(plan, beside=self.bought)

    def level(self, plan: int) -> Fraction | None:
        """Return the r at which the payments min(money, r x worth) add up to the cost; None if they can't."""
        missing = Fraction(self.market.costs[plan] * self.market.profile.parts)
        worth_left = sum(self.votes[row] * worth for row, worth in self.supporters[plan])
        # The level at which each supporter runs dry: up to there he pays r x worth, beyond it all that he has.
        for dry, row, worth in sorted((self.money[row] / worth, row, worth) for row, worth in self.supporters[plan]):
            if missing <= dry * worth_left:
                return missing / worth_left
            missing -= self.votes[row] * self.money[row]
            worth_left -= self.votes[row] * worth
        return None

    def buy(self, plan: int, level: Fraction) -> None:
        """Let the supporters pay."""
        for row, worth in self.supporters[plan]:
            self.money[row] -= min(self.money[row], level * worth)
        self.bought.append(plan)

    def purchase(self, plan: int, level: Fraction, *, number: int, equal: list[int]) -> Purchase:
        """Return what buying the plan means; the money is still theirs."""
        payers = [(self.votes[row], self.money[row], level * worth) for row, worth in self.supporters[plan]]
        rest = [(votes, money) for votes, money, asked in payers if 0 < money < asked]
        parts = self.market.profile.parts
        cents = sum((votes * money for votes, money in zip(self.votes, self.money, strict=True)), Fraction(0)) / parts
        return Purchase(
            number=number,
            plan=self.market.profile.plans[plan],
            level=level,
            price=max(min(money, asked) for _, money, asked in payers),
            in_full=sum(votes for votes, money, asked in payers if money >= asked),
            with_rest=sum(votes for votes, _ in rest),
            rest_cents=sum((votes * money for votes, money in rest), Fraction(0)) / parts,
            left_cents=cents - self.market.costs[plan],
            tie=self.market.tie(equal),
        )
