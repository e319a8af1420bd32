"""What keeps a plan from winning, whatever the method: thresholds, rivals, plans it needs and full caps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules, RestRule
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.scores import plan_votes
from buurtbegroot.core.tally.ties import lot_order
from buurtbegroot.core.tally.trace import WINNING, Endowments, Judgement, Missed, Outcome, Purchase, Step, Verdict

WHOLE = (Verdict.FUNDED, Verdict.TOPPED_UP)
Groups = Mapping[tuple[Grouping, str | None], int]


@dataclass(frozen=True, slots=True)
class State:
    """Cents left in the pot, cents spent per group, the winners so far and whether the count has stopped."""

    left: int
    spent: Groups = field(default_factory=dict)
    winners: tuple[int, ...] = ()
    stopped: bool = False

    def paying(self, plan: Plan, cents: int, *, extra: int = 0) -> "State":
        """Return the state after the plan got these cents, `extra` of them from outside the pot."""
        spent = dict(self.spent)
        for grouping in Grouping:
            group = (grouping, plan.group(grouping))
            spent[group] = spent.get(group, 0) + cents
        return replace(self, left=self.left - cents + extra, spent=spent, winners=(*self.winners, plan.id))


class Constraints:
    """The constraints of one count, and the votes that its thresholds look at (in parts).

    `cast` are all valid votes, in parts: a voter of weight 2 is two voters to a share of the votes too.
    """

    def __init__(self, election: Election, rules: CountingRules) -> None:
        self.election = election
        self.rules = rules
        self.votes = plan_votes(election, rules)
        self.cast = election.valid_ballots if election.profile is None else sum(election.profile.votes.tolist())
        share = replace(rules, min_votes=0).votes_needed(self.cast)
        self.votes_needed = max(rules.min_votes * election.parts, share)
        self._rivals: dict[int, set[int]] = {}
        for group in rules.incompatible:
            for plan in group:
                self._rivals.setdefault(plan, set()).update(set(group) - {plan})

    def judged(self, plan: Plan, rank: int) -> Judgement:
        """Return the judgement of a plan to which nothing stands in the way."""
        return Judgement(
            plan=plan.id, rank=rank, votes=self.votes[plan.id], cost_cents=plan.cost_cents, verdict=Verdict.FUNDED
        )

    def too_few_votes(self, one: Judgement) -> Judgement | None:
        """Return the judgement of a plan with too few votes for the count or for its cost; None if it has enough."""
        if one.votes < self.votes_needed:
            return replace(one, verdict=Verdict.BELOW_THRESHOLD, votes_short=self.votes_needed - one.votes)
        share, budget = self.rules.support_per_cost, self.election.budget_cents
        if share is None or not budget:
            return None
        needed = -(-share.num * one.cost_cents * self.cast // (share.den * budget))
        if one.votes >= needed:
            return None
        return replace(one, verdict=Verdict.TOO_DEAR_FOR_SUPPORT, votes_short=needed - one.votes)

    def refused(self, one: Judgement, plan: Plan, state: State, *, capped: bool = True) -> Judgement | None:
        """Return why the plan cannot win in this state, its cost apart; None if it can.

        Every reason lasts for the rest of the count but one: `NEEDS_OTHER` ends when the other plan wins.
        """
        if (too_few := self.too_few_votes(one)) is not None:
            return too_few
        if state.stopped:
            return replace(one, verdict=Verdict.AFTER_STOP)
        rivals = self._rivals.get(plan.id, set())
        if (rival := next((winner for winner in state.winners if winner in rivals), None)) is not None:
            return replace(one, verdict=Verdict.INCOMPATIBLE, rival=rival)
        needed = (other for first, other in self.rules.requires if first == plan.id)
        if (missing := next((other for other in needed if other not in state.winners), None)) is not None:
            return replace(one, verdict=Verdict.NEEDS_OTHER, rival=missing)
        return self._refused_by_cap(one, plan, state) if capped else None

    def _refused_by_cap(self, one: Judgement, plan: Plan, state: State) -> Judgement | None:
        for grouping, caps in caps_of(self.rules).items():
            group = plan.group(grouping)
            if group is None or group not in caps:
                continue
            short = state.spent.get((grouping, group), 0) + plan.cost_cents - caps[group]
            if short > 0:
                return replace(one, verdict=Verdict.CAP_FULL, short_cents=short, grouping=grouping, group=group)
        return None

    def paid(self, one: Judgement, state: State) -> Judgement:
        """Return what a plan that nothing stands in the way of gets from the money left, by the rest rule."""
        cost, left = one.cost_cents, state.left
        short = cost - left
        if short <= 0:
            return replace(one, awarded_cents=cost)
        share = self.rules.top_up_from
        if share is not None and self.rules.rest is not RestRule.SKIP and left * share.den >= cost * share.num:
            return replace(one, verdict=Verdict.TOPPED_UP, awarded_cents=cost, extra_cents=short)
        if self.rules.rest is RestRule.PART and left > 0:
            return replace(one, verdict=Verdict.PARTLY_FUNDED, awarded_cents=left, short_cents=short)
        return replace(one, verdict=Verdict.DOES_NOT_FIT, short_cents=short)

    def after(self, state: State, plan: Plan, one: Judgement) -> State:
        """Return the state after this judgement of `paid` or `refused`; a plan that does not fit may stop the count."""
        ends = one.verdict in (Verdict.DOES_NOT_FIT, Verdict.PARTLY_FUNDED, Verdict.TOPPED_UP)
        state = replace(state, stopped=state.stopped or (ends and self.rules.rest is not RestRule.SKIP))
        return state.paying(plan, one.awarded_cents, extra=one.extra_cents) if one.verdict in WINNING else state

    def outcome(
        self,
        judgements: Iterable[Judgement],
        *,
        left_cents: int,
        steps: Iterable[Step] = (),
        rounds: Iterable[Purchase] = (),
        missed: Iterable[Missed] = (),
        endowments: Iterable[Endowments] = (),
    ) -> Outcome:
        """Return the outcome of the count with these last words on every plan, sorted by rank."""
        election = self.election
        return Outcome(
            pot=election.pot,
            method=self.rules.method,
            budget_cents=election.budget_cents,
            left_cents=left_cents,
            valid_ballots=election.valid_ballots,
            votes_needed=self.votes_needed,
            seed=election.seed.hex(),
            lot=lot_order(election.votes, election.seed),
            judgements=tuple(sorted(judgements, key=lambda one: one.rank)),
            steps=tuple(steps),
            vote_parts=election.parts,
            rounds=tuple(rounds),
            missed=tuple(missed),
            endowments=tuple(endowments),
        )


def caps_of(rules: CountingRules) -> Mapping[Grouping, Mapping[str, int]]:
    """Return the caps in cents of each group, by what they group."""
    return {Grouping.THEME: rules.theme_caps, Grouping.AREA: rules.area_caps}


def after(election: Election, winners: Iterable[int], left_cents: int) -> State:
    """Return the state of a count in which these plans were funded whole, in this order."""
    plans = {plan.id: plan for plan in election.plans}
    state = State(left=left_cents)
    for plan in (plans[winner] for winner in winners):
        state = state.paying(plan, plan.cost_cents)
    return replace(state, left=left_cents)
