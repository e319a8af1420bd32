"""In line: plans get their cost in the order of a ranking while the money lasts; by votes, or by votes per euro."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain

from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.constraints import WHOLE, Constraints, State, after
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.ties import deciding_key, key_values, neighbour, ranking
from buurtbegroot.core.tally.trace import WINNING, Judgement, Outcome, Step, Tie, Verdict


def most_votes(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by most votes (`greedy` and `greedy-no-skip` in Pabulib, with caps and part payment).

    Plans are looked at by falling votes. One that is below a threshold, comes after a stop, cannot go
    with a winner or meets a full cap is passed over; a cap neither stops the count nor pays in part. One
    that needs another plan is looked at again as soon as that wins. The rest rule speaks when a plan
    costs more than is left in the pot: pass it over, stop, or pay it in part and stop. With `top_up_from`
    the plan at which the count stops gets its whole cost if that share of it is left (Poznań's 80 %).
    """
    return in_line(election, rules, ranking(election, rules))


def votes_per_euro(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot as by most votes, but with the most votes per euro of cost first, and free plans before all.

    (Greedy by approvals per cost; pabutools: greedy with cardinality satisfaction.)
    """
    votes = Constraints(election, rules).votes

    def standing(plan: Plan) -> tuple[bool, Fraction]:
        return plan.cost_cents > 0, Fraction(-votes[plan.id], plan.cost_cents or 1)

    return in_line(election, rules, ranking(election, rules, standing))


def in_line(election: Election, rules: CountingRules, levels: Sequence[Sequence[Plan]]) -> Outcome:
    """Count one pot by letting plans have their turn in this order, equal ones in the same level."""
    line = _Line(election, rules, levels=levels, state=State(left=election.budget_cents))
    line.go()
    return line.constraints.outcome(line.judgements().values(), left_cents=line.state.left, steps=line.steps)


def go_on(election: Election, rules: CountingRules, *, winners: Iterable[int], left_cents: int) -> tuple[Step, ...]:
    """Return the steps of handing out what is left by most votes, once these plans are funded whole."""
    state = after(election, winners, left_cents)
    rest = [[plan for plan in level if plan.id not in state.winners] for level in ranking(election, rules)]
    line = _Line(election, rules, levels=[level for level in rest if level], state=state)
    line.go()
    return tuple(line.steps)


def second_look(election: Election, rules: CountingRules, *, plans: Container[int], state: State) -> tuple[Step, ...]:
    """Return the steps of looking at these plans by most votes, without caps, with what a count has left."""
    levels = [[plan for plan in level if plan.id in plans] for level in ranking(election, rules)]
    line = _Line(election, rules, levels=levels, state=state)
    for level in levels:
        line.look_at(level, capped=False)
    return tuple(line.steps)


class _Line:
    """A count under way: its state and the steps that led there."""

    def __init__(
        self, election: Election, rules: CountingRules, *, levels: Sequence[Sequence[Plan]], state: State
    ) -> None:
        self.rules = rules
        self.levels = levels
        self.constraints = Constraints(election, rules)
        self.keys = key_values(election, rules)
        self.ranks = {plan.id: rank for rank, plan in enumerate(chain.from_iterable(levels), start=1)}
        self.state = state
        self.waiting: list[Plan] = []
        self.steps: list[Step] = []

    def go(self) -> None:
        """Look at every plan, and in the end once more at those that met a full cap if the rules say so."""
        for level in self.levels:
            self.look_at(level)
        if self.rules.leftovers_ignore_caps and not self.state.stopped:
            capped = {plan for plan, one in self.judgements().items() if one.verdict is Verdict.CAP_FULL}
            for level in self.levels:
                self.look_at([plan for plan in level if plan.id in capped], capped=False)

    def judgements(self) -> dict[int, Judgement]:
        """Return the last judgement of every plan looked at."""
        return {step.judgement.plan: step.judgement for step in self.steps}

    def look_at(self, level: Sequence[Plan], *, capped: bool = True) -> None:
        """Judge the plans of one level, which are equal, in their order."""
        start = self.state
        for plan in level:
            judgement = self._judged(plan, self.state, capped=capped)
            if len(level) > 1:
                as_first = self._judged(plan, start, capped=capped)
                lost = judgement.verdict not in WHOLE and as_first.verdict is Verdict.FUNDED
                judgement = replace(judgement, tie=self._tie(level, plan, lost=lost))
            self._take(plan, judgement, capped=capped)

    def _take(self, plan: Plan, judgement: Judgement, *, capped: bool) -> None:
        """Write the step of this judgement; once a plan is funded, look again at those that waited for it."""
        before, self.state = self.state, self.constraints.after(self.state, plan, judgement)
        step = Step(
            number=len(self.steps) + 1,
            judgement=judgement,
            left_before_cents=before.left,
            left_after_cents=self.state.left,
            for_leftovers=not capped,
        )
        self.steps.append(step)
        if judgement.verdict is Verdict.NEEDS_OTHER:
            self.waiting.append(plan)
        if judgement.verdict in WINNING:
            for other in [one for one in self.waiting if (one.id, plan.id) in self.rules.requires]:
                self.waiting.remove(other)
                tie = self.judgements()[other.id].tie
                self._take(other, replace(self._judged(other, self.state, capped=capped), tie=tie), capped=capped)

    def _judged(self, plan: Plan, state: State, *, capped: bool) -> Judgement:
        judgement = self.constraints.judged(plan, self.ranks[plan.id])
        refused = self.constraints.refused(judgement, plan, state, capped=capped)
        return refused or self.constraints.paid(judgement, state)

    def _tie(self, level: Sequence[Plan], plan: Plan, *, lost: bool) -> Tie:
        decided_by = deciding_key(self.keys, plan, neighbour(level, plan))
        return Tie(plans=tuple(one.id for one in level), decided_by=decided_by, lost=lost)
