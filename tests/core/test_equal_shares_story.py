"""The story that the reference tells of a run, against the words of `Purchase` and `Missed` taken literally."""

from fractions import Fraction

from hypothesis import given

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.core.tally.trace import Missed, Purchase
from tests.core.test_equal_shares_properties import brute_level, worth_to
from tests.core.test_shares_paths import markets, moneys
from tests.examples import examples


class Literal:
    """A run in which every level of every plan is found in every round, by brute force."""

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        self.ballots = list(market.profile.ballots())
        self.votes = [votes for _, _, votes in self.ballots]
        self.money = [endowment + own for own in market.profile.money or [Fraction(0)] * len(self.votes)]
        self.sold: list[int] = []

    def supporters(self, plan: int) -> list[int]:
        return [row for row, (choices, _, _) in enumerate(self.ballots) if plan in choices]

    def unsold(self) -> list[int]:
        return [plan for plan in sorted(self.market.for_sale - set(self.sold)) if self.supporters(plan)]

    def levels(self) -> dict[int, Fraction]:
        found = {plan: brute_level(self.market, plan, self.money) for plan in self.unsold()}
        return {plan: level for plan, level in found.items() if level is not None}

    def cents(self, amounts: list[Fraction]) -> Fraction:
        """What votes have or pay together."""
        return sum(map(Fraction.__mul__, map(Fraction, self.votes), amounts), Fraction(0)) / self.market.profile.parts

    def round(self, levels: dict[int, Fraction]) -> Purchase | None:
        """Buy the next plan."""
        places = self.market.precedence
        possible = {plan: level for plan, level in levels.items() if self.market.allows(plan, beside=self.sold)}
        if not possible:
            return None
        winner = min(possible, key=lambda plan: (possible[plan], places[plan]))
        level = possible[winner]
        asked = [level * worth_to(self.market, winner, ballot) for ballot in self.ballots]
        rests = [left if left < one else Fraction(0) for left, one in zip(self.money, asked, strict=True)]
        before = self.money
        self.money = [left - min(left, one) for left, one in zip(before, asked, strict=True)]
        self.sold.append(winner)
        rows = self.supporters(winner)
        return Purchase(
            number=len(self.sold),
            plan=self.market.profile.plans[winner],
            level=level,
            price=max(before[row] - self.money[row] for row in rows),
            in_full=sum(self.votes[row] for row in rows if before[row] >= asked[row]),
            with_rest=sum(self.votes[row] for row in rows if rests[row]),
            rest_cents=self.cents(rests),
            left_cents=self.cents(self.money),
            tie=self.market.tie(plan for plan, one in possible.items() if one == level),
        )

    def story(self) -> Rounds:
        purchases, last = list[Purchase](), dict[int, tuple[int, Fraction]]()
        while bought := self.round(levels := self.levels()):
            purchases.append(bought)
            last |= {plan: (bought.number, level) for plan, level in levels.items()}
        missed = []
        for plan in self.unsold():
            theirs = set(self.supporters(plan))
            number, level = last.get(plan, (0, None))
            owned = self.cents([left if row in theirs else Fraction(0) for row, left in enumerate(self.money)])
            name = self.market.profile.plans[plan]
            missed.append(Missed(plan=name, affordable_until=number, level=level, supporters_cents=owned))
        return Rounds(purchases=tuple(purchases), missed=tuple(missed))


@examples(25)
@given(market=markets(), endowment=moneys)
def test_a_story_means_what_it_says(market: Market, endowment: Fraction) -> None:
    story = ReferencePath().story(market, endowment)
    assert story == Literal(market, endowment).story()
    bought = ReferencePath().bought(market, endowment)
    assert tuple(market.profile.plans[plan] for plan in bought) == tuple(one.plan for one in story.purchases)
