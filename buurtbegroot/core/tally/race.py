"""Plans that win one by one in rounds: who may still win and who won; what a round compares is elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.constraints import WHOLE, Constraints, State
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.greedy import second_look
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.ties import deciding_key, key_values, neighbour, ranking, tie_order
from buurtbegroot.core.tally.trace import WINNING, Judgement, Missed, Outcome, Purchase, Step, Tie, Verdict

Lowest = Callable[[Sequence[int]], tuple[Fraction, list[int]]]
Buy = Callable[[int, Fraction], "Payment"]


@dataclass(frozen=True, slots=True)
class Payment:
    """What the supporters of a plan pay, and the voters' money after it; the fields are those of `Purchase`."""

    price: Fraction
    in_full: int
    with_rest: int
    rest_cents: Fraction
    left_cents: Fraction


def ballots_of(election: Election) -> Profile:
    """Return the ballots that say something. Raises ValueError for an election of totals only."""
    if election.profile is None:
        raise ValueError("this method needs ballots, not totals only")
    return election.profile.filled()


class Race:
    """A count under way. Plans are named by index, as in the profile; lists of them keep the declared order of ties."""

    def __init__(self, election: Election, rules: CountingRules) -> None:
        self.election = election
        self.rules = rules
        self.plans = election.plans
        self.constraints = Constraints(election, rules)
        self.state = State(left=election.budget_cents)
        self.rounds: list[Purchase] = []
        self._keys = key_values(election, rules)
        self._judged: dict[int, Judgement] = {}
        self._ties: dict[int, Tie] = {}
        index = {plan.id: place for place, plan in enumerate(election.plans)}
        self._open = [index[plan.id] for plan in tie_order(election, rules)]
        for plan in self._open:
            if election.votes[self.plans[plan].id] == 0:
                one = self._unhindered(plan)
                self._judged[plan] = self.constraints.too_few_votes(one) or replace(one, verdict=Verdict.NOT_CHOSEN)

    def candidates(self) -> list[int]:
        """Return the plans that nothing but money keeps from winning; note why others never can any more."""
        found = []
        for plan in self._still_open():
            refused = self.constraints.refused(self._unhindered(plan), self.plans[plan], self.state)
            if refused is None:
                found.append(plan)
            elif refused.verdict is not Verdict.NEEDS_OTHER:
                self._judged[plan] = refused
        return found

    def fits(self, plan: int) -> bool:
        """Tell whether the money left in the pot pays for the plan."""
        return self.plans[plan].cost_cents <= self.state.left

    def drop(self, plan: int) -> None:
        """Take a plan that costs more than is left out of the count, without a stop."""
        short = self.plans[plan].cost_cents - self.state.left
        self._judged[plan] = replace(self._unhindered(plan), verdict=Verdict.DOES_NOT_FIT, short_cents=short)

    def settle(self, plan: int) -> None:
        """Give the plan what the rest rule says; if it does not fit that may stop the count."""
        self._judged[plan] = judgement = self.constraints.paid(self._unhindered(plan), self.state)
        self.state = self.constraints.after(self.state, self.plans[plan], judgement)

    def buy(self, tied: Sequence[int], level: Fraction, payment: Payment) -> None:
        """Fund the first of the plans that are equal in this round, and write the round."""
        first, *others = tied
        if others:
            level_plans = [self.plans[plan] for plan in tied]
            for plan in tied:
                other = neighbour(level_plans, self.plans[plan])
                decided_by = deciding_key(self._keys, self.plans[plan], other)
                self._ties[plan] = Tie(plans=tuple(one.id for one in level_plans), decided_by=decided_by, lost=False)
        self.settle(first)
        self.rounds.append(
            Purchase(
                number=len(self.rounds) + 1,
                plan=self.plans[first].id,
                level=level,
                price=payment.price,
                in_full=payment.in_full,
                with_rest=payment.with_rest,
                rest_cents=payment.rest_cents,
                left_cents=payment.left_cents,
                tie=self._ties[first] if others else None,
            )
        )

    def outcome(self, verdict: Verdict = Verdict.DOES_NOT_FIT, missed: Sequence[Missed] = ()) -> Outcome:
        """Return the outcome; a plan that nothing kept from winning has this verdict, or needs another one."""
        for plan in self._still_open():
            one = self._unhindered(plan)
            short = max(0, one.cost_cents - self.state.left)
            refused = self.constraints.refused(one, self.plans[plan], self.state)
            self._judged[plan] = refused or replace(one, verdict=verdict, short_cents=short)
        steps: tuple[Step, ...] = ()
        if self.rules.leftovers_ignore_caps and not self.state.stopped:
            capped = {one.plan for one in self._judged.values() if one.verdict is Verdict.CAP_FULL}
            steps = second_look(self.election, self.rules, plans=capped, state=self.state)
        last_words = {one.plan: one for one in self._with_ties()} | {
            step.judgement.plan: step.judgement for step in steps
        }
        left = steps[-1].left_after_cents if steps else self.state.left
        return self.constraints.outcome(
            self._ranked(last_words), left_cents=left, steps=steps, rounds=self.rounds, missed=missed
        )

    def _still_open(self) -> list[int]:
        return [plan for plan in self._open if plan not in self._judged]

    def _unhindered(self, plan: int) -> Judgement:
        return self.constraints.judged(self.plans[plan], rank=0)

    def _with_ties(self) -> list[Judgement]:
        """The judgements in the order in which they fell, each with the last tie that the plan was in."""
        found = []
        for plan, one in self._judged.items():
            tie = self._ties.get(plan)
            found.append(one if tie is None else replace(one, tie=replace(tie, lost=one.verdict not in WHOLE)))
        return found

    def _ranked(self, judgements: dict[int, Judgement]) -> list[Judgement]:
        """Winners in the order of winning, then all others by most votes."""
        winners = [plan for plan, one in judgements.items() if one.verdict in WINNING]
        others = [plan.id for level in ranking(self.election, self.rules) for plan in level if plan.id not in winners]
        return [replace(judgements[plan], rank=rank) for rank, plan in enumerate([*winners, *others], start=1)]


def run(race: Race, lowest: Lowest, buy: Buy) -> None:
    """Let the plan with the lowest level win until none is left or the rest rule stops the count.

    `lowest` returns the lowest level of some plans and all that have it, in the order given. When any of those
    costs more than is left the first such plan is the one to which the rest rule applies: passed over, the
    round is held again; else the count ends. Plans dearer than the whole pot take no part.
    """
    for plan in race.candidates():
        if not race.fits(plan):
            race.drop(plan)
    while candidates := race.candidates():
        level, tied = lowest(candidates)
        misfit = next((plan for plan in tied if not race.fits(plan)), None)
        if misfit is not None:
            race.settle(misfit)
        else:
            race.buy(tied, level, buy(tied[0], level))
