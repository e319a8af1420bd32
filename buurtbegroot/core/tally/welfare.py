"""The welfare optimum: of all sets of plans that the money pays for, the one worth most to the voters together."""

from collections.abc import Mapping
from dataclasses import replace

from buurtbegroot.core.methods import Score, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.constraints import Constraints, caps_of
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.knapsack import Item, best_set
from buurtbegroot.core.tally.race import Race
from buurtbegroot.core.tally.scores import plan_votes
from buurtbegroot.core.tally.ties import tie_order
from buurtbegroot.core.tally.trace import Outcome


def welfare(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by the welfare optimum: the 0/1 knapsack of greatest worth that meets all constraints.

    A plan is worth its votes (`Utility.COUNT`), its votes times its cost (`COST`), its points (`POINTS`) or its
    points times its cost. Of the sets worth most the cheapest wins, and of those that cost the same the one
    that has the first plan, in the declared order of ties, in which they differ. So a plan worth nothing wins
    only if it is free, and one worth less never. Winners are ranked by what they are worth for each cent.
    Raises `TooHardError` when the optimum cannot be found within the bounds of the search.
    """
    race = Race(election, rules)
    chosen = best_set(_items(election, rules), election.budget_cents, incompatible=rules.incompatible)
    while chosen:
        able = set(race.candidates())
        plan = next(plan for plan in chosen if plan in able)
        race.settle(plan)
        chosen.remove(plan)
    return race.outcome()


def worth(election: Election, rules: CountingRules) -> Mapping[int, int]:
    """Return what each plan is worth to all voters together, in parts, by `rules.utility`."""
    score = Score.VOTES
    if rules.utility in (Utility.POINTS, Utility.POINTS_COST):
        score = Score.POINTS if rules.score is Score.VOTES else rules.score
    votes = plan_votes(election, replace(rules, score=score))
    by_cost = rules.utility in (Utility.COST, Utility.POINTS_COST)
    return {plan.id: votes[plan.id] * (plan.cost_cents if by_cost else 1) for plan in election.plans}


def _items(election: Election, rules: CountingRules) -> list[Item]:
    """The plans that may win. One integer holds all objectives: worth, then low cost, then the order of ties."""
    value, constraints = worth(election, rules), Constraints(election, rules)
    place = {plan.id: number for number, plan in enumerate(tie_order(election, rules), start=1)}
    first = 1 << len(place)
    scale = first * (1 + sum(plan.cost_cents for plan in election.plans))
    items = (
        Item(
            index=index,
            id=plan.id,
            cost=plan.cost_cents,
            value=value[plan.id] * scale - plan.cost_cents * first + (first >> place[plan.id]),
            caps=_caps(plan, rules),
            needs=frozenset(other for one, other in rules.requires if one == plan.id),
        )
        for index, plan in enumerate(election.plans)
        if election.votes[plan.id] and constraints.too_few_votes(constraints.judged(plan, rank=0)) is None
    )
    return [item for item in items if item.value > 0]


def _caps(plan: Plan, rules: CountingRules) -> tuple[tuple[Grouping, str, int], ...]:
    groups = ((grouping, plan.group(grouping), caps) for grouping, caps in caps_of(rules).items())
    return tuple(
        (grouping, group, caps[group]) for grouping, group, caps in groups if group is not None and group in caps
    )
