"""Guaranteed minimums: money divided first among the plans of one theme or area, by whatever method counts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from buurtbegroot.core.methods import Share
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally.constraints import Constraints, State
from buurtbegroot.core.tally.election import Election, among
from buurtbegroot.core.tally.ties import ranking
from buurtbegroot.core.tally.trace import Judgement, Outcome, Verdict

Count = Callable[[Election, CountingRules], Outcome]


def with_minimums(count: Count, election: Election, rules: CountingRules) -> Outcome:
    """Count one pot in which themes or areas have a minimum, first the themes and then the areas, each by name.

    The plans of each are counted as a pot of its own with its minimum, less what its plans won before; who wins
    there has won. A plan that costs more than is left of a minimum is neither paid in part nor topped up there. Then
    all plans that have not won are counted with all money that is left. Thresholds are those of the whole
    pot, caps and rivals hold throughout, and a plan that needs another can win once that has. In each
    of these counts a ranking is one of the plans that take part in it.
    """
    first = _First(count, election, rules)
    for grouping, minimums in ((Grouping.THEME, rules.theme_minimums), (Grouping.AREA, rules.area_minimums)):
        for group, cents in sorted(minimums.items()):
            first.divide(grouping, group, cents)
    return first.concluded()


class _First:
    """The counts of the minimums so far: their outcomes, the winners' judgements and the state they leave."""

    def __init__(self, count: Count, election: Election, rules: CountingRules) -> None:
        self.count = count
        self.election = election
        self.rules = rules
        self.constraints = Constraints(election, rules)
        self.plans = {plan.id: plan for plan in election.plans}
        self.state = State(left=election.budget_cents)
        self.outcomes: list[Outcome] = []
        self.won: dict[int, Judgement] = {}

    def divide(self, grouping: Grouping, group: str, cents: int) -> None:
        """Count the plans of one group with its minimum."""
        rest = {RestRule.PART: RestRule.STOP}.get(self.rules.rest, self.rules.rest)
        inside = {plan.id for plan in self.election.plans if plan.group(grouping) == group}
        budget = max(0, min(cents - self.state.spent.get((grouping, group), 0), self.state.left))
        outcome = self._counted(inside, budget, replace(self.rules, rest=rest, top_up_from=None), pot=group)
        self.outcomes.append(outcome)
        judgements = {one.plan: one for one in outcome.judgements}
        for plan, _ in outcome.funded:
            self.won[plan] = judgements[plan]
            self.state = self.state.paying(self.plans[plan], judgements[plan].awarded_cents)

    def concluded(self) -> Outcome:
        """Return the outcome of the count of the rest, with all that was won before."""
        outcome = self._counted(set(self.plans), self.state.left, self.rules, pot=self.election.pot)
        said = self.won | {one.plan: one for one in outcome.judgements}
        others = [plan for level in ranking(self.election, self.rules) for plan in level if plan.id not in said]
        state = replace(self.state, winners=(*self.state.winners, *(plan for plan, _ in outcome.funded)))
        said |= {plan.id: self._hindered(plan, state) for plan in others}
        whole = self.constraints.outcome(
            (replace(one, rank=rank) for rank, one in enumerate(said.values(), start=1)), left_cents=outcome.left_cents
        )
        return replace(
            outcome,
            budget_cents=whole.budget_cents,
            lot=whole.lot,
            judgements=whole.judgements,
            earlier=tuple(self.outcomes),
        )

    def _counted(self, plans: set[int], budget: int, rules: CountingRules, *, pot: str) -> Outcome:
        """Count those of the plans that can still win; what was won before has changed the caps."""
        able = {plan for plan in plans if self._can_win(self.plans[plan])}
        while stuck := {one for one, other in rules.requires if one in able and other not in able | self.won.keys()}:
            able -= stuck
        part = among(self.election, able, budget_cents=budget, pot=pot)
        return self.count(part, self._for_the_rest(rules, budget))

    def _can_win(self, plan: Plan) -> bool:
        return plan.id not in self.won and self._hindered(plan, self.state).verdict is not Verdict.INCOMPATIBLE

    def _hindered(self, plan: Plan, state: State) -> Judgement:
        one = self.constraints.judged(plan, rank=0)
        return self.constraints.refused(one, plan, state) or one

    def _for_the_rest(self, rules: CountingRules, budget: int) -> CountingRules:
        """The rules as they are for a part of the money after what was won: caps less that, shares of the whole pot."""
        share = rules.support_per_cost
        if share is not None and self.election.budget_cents:
            part = Fraction(share.num * budget, share.den * self.election.budget_cents)
            share = Share(num=part.numerator, den=part.denominator)
        return replace(
            rules,
            theme_caps=dict(self._left(Grouping.THEME, rules.theme_caps)),
            area_caps=dict(self._left(Grouping.AREA, rules.area_caps)),
            requires=tuple(pair for pair in rules.requires if pair[1] not in self.won),
            support_per_cost=share,
            theme_minimums={},
            area_minimums={},
        )

    def _left(self, grouping: Grouping, caps: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        for group, cents in caps.items():
            yield group, max(0, cents - self.state.spent.get((grouping, group), 0))
