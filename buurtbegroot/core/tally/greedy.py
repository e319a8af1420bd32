"""Most votes first: plans get their cost in the order of their votes while the money lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.ties import deciding_key, key_values, lot_order, ranking
from buurtbegroot.core.tally.trace import WINNING, Judgement, Outcome, Step, Tie, Verdict


def most_votes(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by most votes (`greedy` and `greedy-no-skip` in Pabulib, with caps and part payment).

    Plans are looked at by falling votes. One that is below the threshold, comes after a stop, cannot go
    with a winner or meets a full cap is passed over; a cap neither stops the count nor pays in part. The
    rest rule speaks when a plan costs more than is left in the pot.
    """
    levels = ranking(election, rules)
    count = _Count(election, rules, levels)
    for level in levels:
        count.look_at(level)
    if rules.leftovers_ignore_caps and not count.state.stopped:
        capped = {plan for plan, one in count.judgements().items() if one.verdict is Verdict.CAP_FULL}
        for level in levels:
            count.look_at([plan for plan in level if plan.id in capped], for_leftovers=True)
    return Outcome(
        pot=election.pot,
        method=rules.method,
        budget_cents=election.budget_cents,
        left_cents=count.state.left,
        valid_ballots=election.valid_ballots,
        votes_needed=count.votes_needed,
        seed=election.seed.hex(),
        lot=lot_order(election.votes, election.seed),
        judgements=tuple(sorted(count.judgements().values(), key=lambda one: one.rank)),
        steps=tuple(count.steps),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """Cents left in the pot, cents spent per group, the winners so far and whether the count has stopped."""

    left: int
    spent: Mapping[tuple[Grouping, str | None], int] = field(default_factory=dict)
    winners: tuple[int, ...] = ()
    stopped: bool = False


class _Count:
    """A count under way: its state and the steps that led there."""

    def __init__(self, election: Election, rules: CountingRules, levels: Sequence[Sequence[Plan]]) -> None:
        self.rules = rules
        self.votes = election.votes
        self.votes_needed = rules.votes_needed(election.valid_ballots)
        self.keys = key_values(election, rules)
        self.ranks = {plan.id: rank for rank, plan in enumerate(chain.from_iterable(levels), start=1)}
        self.state = _State(left=election.budget_cents)
        self.steps: list[Step] = []

    def judgements(self) -> dict[int, Judgement]:
        """Return the last judgement of every plan looked at."""
        return {step.judgement.plan: step.judgement for step in self.steps}

    def look_at(self, level: Sequence[Plan], *, for_leftovers: bool = False) -> None:
        """Judge the plans of one level, which have equal votes, in their order."""
        start = self.state
        for plan in level:
            before = self.state
            judgement = self._judge(plan, before, capped=not for_leftovers)
            if len(level) > 1:
                as_first = self._judge(plan, start, capped=not for_leftovers)
                lost = judgement.verdict is not Verdict.FUNDED and as_first.verdict is Verdict.FUNDED
                judgement = replace(judgement, tie=self._tie(level, plan, lost=lost))
            self.state = self._after(before, plan, judgement)
            step = Step(
                number=len(self.steps) + 1,
                judgement=judgement,
                left_before_cents=before.left,
                left_after_cents=self.state.left,
                for_leftovers=for_leftovers,
            )
            self.steps.append(step)

    def _judge(self, plan: Plan, state: _State, *, capped: bool) -> Judgement:
        judgement = Judgement(
            plan=plan.id,
            rank=self.ranks[plan.id],
            votes=self.votes[plan.id],
            cost_cents=plan.cost_cents,
            verdict=Verdict.FUNDED,
        )
        if judgement.votes < self.votes_needed:
            votes_short = self.votes_needed - judgement.votes
            return replace(judgement, verdict=Verdict.BELOW_THRESHOLD, votes_short=votes_short)
        if state.stopped:
            return replace(judgement, verdict=Verdict.AFTER_STOP)
        if (rival := self._rival(plan, state)) is not None:
            return replace(judgement, verdict=Verdict.INCOMPATIBLE, rival=rival)
        refused = self._refused_by_cap(judgement, plan, state) if capped else None
        return refused or self._paid(judgement, state.left)

    def _rival(self, plan: Plan, state: _State) -> int | None:
        rivals = set(chain.from_iterable(group for group in self.rules.incompatible if plan.id in group))
        return next((winner for winner in state.winners if winner in rivals), None)

    def _refused_by_cap(self, judgement: Judgement, plan: Plan, state: _State) -> Judgement | None:
        for grouping, caps in (
            (Grouping.THEME, self.rules.theme_caps),
            (Grouping.AREA, self.rules.area_caps),
        ):
            group = plan.group(grouping)
            if group is None or group not in caps:
                continue
            short = state.spent.get((grouping, group), 0) + plan.cost_cents - caps[group]
            if short > 0:
                full = Verdict.CAP_FULL
                return replace(judgement, verdict=full, short_cents=short, grouping=grouping, group=group)
        return None

    def _paid(self, judgement: Judgement, left: int) -> Judgement:
        short = judgement.cost_cents - left
        if short <= 0:
            return replace(judgement, awarded_cents=judgement.cost_cents)
        if self.rules.rest is RestRule.PART and left > 0:
            partly = Verdict.PARTLY_FUNDED
            return replace(judgement, verdict=partly, awarded_cents=left, short_cents=short)
        return replace(judgement, verdict=Verdict.DOES_NOT_FIT, short_cents=short)

    def _after(self, state: _State, plan: Plan, judgement: Judgement) -> _State:
        does_not_fit = judgement.verdict in (Verdict.DOES_NOT_FIT, Verdict.PARTLY_FUNDED)
        stopped = state.stopped or (does_not_fit and self.rules.rest is not RestRule.SKIP)
        if judgement.verdict not in WINNING:
            return replace(state, stopped=stopped)
        spent = dict(state.spent)
        for grouping in Grouping:
            group = (grouping, plan.group(grouping))
            spent[group] = spent.get(group, 0) + judgement.awarded_cents
        return _State(
            left=state.left - judgement.awarded_cents,
            spent=spent,
            winners=(*state.winners, plan.id),
            stopped=stopped,
        )

    def _tie(self, level: Sequence[Plan], plan: Plan, *, lost: bool) -> Tie:
        place = level.index(plan)
        neighbour = level[place + 1] if place + 1 < len(level) else level[place - 1]
        return Tie(
            plans=tuple(one.id for one in level),
            decided_by=deciding_key(self.keys, plan, neighbour),
            lost=lost,
        )
