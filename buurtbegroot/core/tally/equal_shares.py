"""The Method of Equal Shares with its increments, tail and comparison; one run is in the paths of `market`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np

from buurtbegroot.core.methods import EqualShares, Method, Tail, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.constraints import Constraints, State, after, caps_of
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.greedy import go_on, most_votes
from buurtbegroot.core.tally.increments import cost_of, endowments, schedule, spans
from buurtbegroot.core.tally.market import Limit, Market, Path, Rounds
from buurtbegroot.core.tally.paths import fastest_path
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.scores import points_of
from buurtbegroot.core.tally.ties import key_values, tie_order
from buurtbegroot.core.tally.trace import WINNING, Endowments, Judgement, Missed, Outcome, Preference, Step, Verdict

BY_POINTS = (Utility.POINTS, Utility.POINTS_COST)
BY_COST = (Utility.COST, Utility.POINTS_COST)


def equal_shares(election: Election, rules: CountingRules, *, path: Path | None = None) -> Outcome:
    """Count one pot by the Method of Equal Shares (Peters, Pierczyński and Skowron 2021).

    The money is divided over the votes on at least one plan of the pot; blank ballots get none. Plans that
    cost nothing and have a vote are funded first, in the order of ties. Voters then buy plans as
    `Market` says, run after run with the start money of `increments`; the last run that keeps to the budget counts.
    A plan dearer than the budget is not for sale. What is left goes to the other plans by most votes, if
    there is a tail. With `compare` this outcome gives way to the one by most votes when strictly more
    votes have more of their plans there. Ranks: winners as they were funded, then the others by how far they came.
    Raises ValueError for an election of which only totals are known.
    """
    return SharesCount(election, rules).outcome(path or fastest_path())


class SharesCount:
    """One count by equal shares: what stays the same in all runs, and what is the same for all such methods."""

    def __init__(self, election: Election, rules: CountingRules) -> None:
        self.election = election
        self.rules = rules
        self.shares = rules.equal_shares or EqualShares()
        self.profile = _profile(election, rules, self.shares)
        self.constraints = Constraints(election, rules)
        self.order = tie_order(election, rules)
        supported = zip(self.profile.plans, self.profile.totals(), strict=True)
        self.chosen = {plan for plan, votes in supported if votes}
        self.plans = {plan.id: plan for plan in election.plans}

    def outcome(self, path: Path) -> Outcome:
        """Return the outcome, with the story of its last run and of all increments."""
        budget = self.election.budget_cents
        free = self.free_beside([])
        market = self.market(free)
        raises = schedule(market, self.shares, budget)
        found = spans(market, path, raises, budget_cents=budget, stop=self.shares.stop)
        last = [span for span in found if cost_of(market, span.bought) <= budget][-1].last
        rounds = path.story(market, raises.endowment(last))
        return self.concluded(free, rounds, endowments(market, raises, found))

    def concluded(self, free: Sequence[int], rounds: Rounds, raises: Iterable[Endowments]) -> Outcome:
        """Return the outcome after these free plans and this last run."""
        winners = [*free, *(one.plan for one in rounds.purchases)]
        outcome = replace(
            self.judged([*winners, *self.free_beside(winners)], rounds),
            rounds=rounds.purchases,
            missed=rounds.missed,
            endowments=tuple(raises),
        )
        return self.compared(outcome) if self.shares.compare else outcome

    def free_beside(self, winners: Sequence[int]) -> list[int]:
        """Return the plans that cost nothing and can be funded beside these, in the order of ties."""
        found: list[int] = []
        state = after(self.election, winners, self.election.budget_cents)
        line = [plan for plan in self.order if not plan.cost_cents and plan.id in self.chosen - set(winners)]
        while plan := next((one for one in line if one.id not in found and self.may_win(one, state)), None):
            found.append(plan.id)
            state = state.paying(plan, 0)
        return found

    def may_win(self, plan: Plan, state: State) -> bool:
        """Tell whether nothing but money stands in the plan's way."""
        return self.constraints.refused(self.constraints.judged(plan, 0), plan, state) is None

    def market(self, free: Sequence[int]) -> Market:
        """Return the plans that voters can buy, once the free plans are funded."""
        plans, rules = self.election.plans, self.rules
        index = {plan.id: place for place, plan in enumerate(plans)}
        place = {plan.id: number for number, plan in enumerate(self.order)}
        return Market(
            profile=self.profile,
            costs=tuple(plan.cost_cents for plan in plans),
            units=tuple(max(plan.cost_cents, 1) if self.shares.utility in BY_COST else 1 for plan in plans),
            by_points=self.shares.utility in BY_POINTS,
            precedence=tuple(place[plan.id] for plan in plans),
            for_sale=frozenset(index[plan.id] for plan in plans if self.for_sale(plan)),
            limits=tuple(_limits(self.election, rules, free)),
            requires=tuple(
                (index[one], index[other])
                for one, other in rules.requires
                if one in index and other in index and other not in free
            ),
            tie_values=tuple(
                (key, tuple(value(plan) for plan in plans)) for key, value in key_values(self.election, rules).items()
            ),
        )

    def for_sale(self, plan: Plan) -> bool:
        """Tell whether the plan may be bought: chosen, above thresholds, within the budget, what it needs listed."""
        few = self.constraints.too_few_votes(self.constraints.judged(plan, 0))
        orphan = any(one == plan.id and other not in self.plans for one, other in self.rules.requires)
        affordable = 0 < plan.cost_cents <= self.election.budget_cents
        return few is None and not orphan and affordable and plan.id in self.chosen

    def judged(self, winners: Sequence[int], rounds: Rounds) -> Outcome:
        """Return the outcome in which these plans are funded, with its tail and the last word on every plan."""
        left = self.election.budget_cents - sum(self.plans[plan].cost_cents for plan in winners)
        steps = self.tail(winners, left)
        said = {step.judgement.plan: step.judgement for step in steps}
        later = [plan for plan, one in said.items() if one.verdict in WINNING]
        missed = {one.plan: one for one in rounds.missed}
        state = after(self.election, winners, left)
        others = [plan for plan in self.order if plan.id not in {*winners, *later}]
        others.sort(key=lambda plan: self.distance(plan, missed.get(plan.id)))
        line = [*(self.plans[plan] for plan in (*winners, *later)), *others]
        ranks = {plan.id: rank for rank, plan in enumerate(line, start=1)}
        judgements = []
        for plan in line:
            one = said.get(plan.id) or self.constraints.judged(plan, 0)
            if plan.id in winners:
                one = replace(one, awarded_cents=plan.cost_cents)
            elif plan.id not in said:
                one = self.lost(one, missed.get(plan.id), state)
            judgements.append(replace(one, rank=ranks[plan.id]))
        return self.constraints.outcome(
            judgements,
            left_cents=steps[-1].left_after_cents if steps else left,
            steps=[replace(s, judgement=replace(s.judgement, rank=ranks[s.judgement.plan])) for s in steps],
        )

    def tail(self, winners: Sequence[int], left_cents: int) -> tuple[Step, ...]:
        """Return the steps of dividing what is left over the plans that somebody chose."""
        if self.shares.tail is Tail.KEEP:
            return ()
        chosen = tuple(plan for plan in self.election.plans if plan.id in self.chosen)
        return go_on(replace(self.election, plans=chosen), self.rules, winners=winners, left_cents=left_cents)

    def distance(self, plan: Plan, missed: Missed | None) -> tuple[bool, int, Fraction, Fraction]:
        """Return how far the plan stayed behind, the least first.

        First the plans that were for sale: by the last round in which they were affordable, latest first, by
        their level then, lowest first, and by the share of the cost that their supporters have left; the others
        by their votes.
        """
        if missed is None:
            return True, -self.constraints.votes[plan.id], Fraction(0), Fraction(0)
        return (
            False,
            -missed.affordable_until,
            missed.level or Fraction(0),
            -missed.supporters_cents / plan.cost_cents,
        )

    def lost(self, one: Judgement, missed: Missed | None, state: State) -> Judgement:
        """Return the judgement of a plan that was not bought and that no tail looked at."""
        plan = self.plans[one.plan]
        refused = self.constraints.refused(one, plan, state)
        if refused is not None:
            return refused
        if missed is not None:
            short = ceil(plan.cost_cents - missed.supporters_cents)
            return replace(one, verdict=Verdict.NOT_AFFORDABLE, short_cents=short)
        if plan.id not in self.chosen:
            return replace(one, verdict=Verdict.NOT_CHOSEN)
        return replace(one, verdict=Verdict.DOES_NOT_FIT, short_cents=plan.cost_cents - state.left)

    def compared(self, outcome: Outcome) -> Outcome:
        """Return this outcome or, if strictly more votes have more of their plans there, the one by most votes."""
        greedy = most_votes(self.election, self.rules)
        this, other = _votes_with_more(self.profile, outcome.funded, greedy.funded)
        wins = other > this
        chosen = Method.MOST_VOTES if wins else self.rules.method
        preference = Preference(this=this, most_votes=other, chosen=chosen)
        if wins:
            outcome = replace(outcome, judgements=greedy.judgements, steps=greedy.steps, left_cents=greedy.left_cents)
        return replace(outcome, preference=preference)


def _profile(election: Election, rules: CountingRules, shares: EqualShares) -> Profile:
    """Return the ballots with a choice; by points, with the positive points only."""
    if election.profile is None:
        raise ValueError("equal shares need the ballots, not their totals alone")
    profile = election.profile.filled()
    if shares.utility not in BY_POINTS:
        return replace(profile, points=None)
    pointed = points_of(profile, rules)
    assert pointed.points is not None
    return pointed.keeping(pointed.points > 0)


def _limits(election: Election, rules: CountingRules, free: Sequence[int]) -> Iterator[Limit]:
    index = {plan.id: place for place, plan in enumerate(election.plans)}
    for grouping, caps in caps_of(rules).items():
        for group, cents in sorted(caps.items()):
            yield Limit(capacity=cents, amounts=_costs_in(election, grouping, group))
    for plans in rules.incompatible:
        inside = {index[plan]: 1 for plan in plans if plan in index and plan not in free}
        yield Limit(capacity=0 if set(plans) & set(free) else 1, amounts=inside)


def _costs_in(election: Election, grouping: Grouping, group: str) -> dict[int, int]:
    return {place: plan.cost_cents for place, plan in enumerate(election.plans) if plan.group(grouping) == group}


def _votes_with_more(
    profile: Profile, ours: Iterable[tuple[int, int]], theirs: Iterable[tuple[int, int]]
) -> tuple[int, int]:
    """Return how many votes, in parts, have more of their plans among ours than among theirs, and the reverse."""
    us, them = dict(ours), dict(theirs)
    gain = np.array([(plan in us) - (plan in them) for plan in profile.plans], dtype=np.int64)
    sums = np.concatenate([[0], np.cumsum(gain[profile.choices])])[profile.starts]
    difference = np.diff(sums)
    return int(profile.votes[difference > 0].sum()), int(profile.votes[difference < 0].sum())
