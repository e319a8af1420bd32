"""What is wrong with a set of rules, as codes that the interface puts into words."""

from collections.abc import Iterator, Sequence
from itertools import chain
from re import fullmatch

from buurtbegroot.core.counting_problems import counting_problems
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.problem_codes import Problem, ProblemCode, repeated
from buurtbegroot.core.rules import BallotRules, BallotType, Limits, Ruleset

__all__ = ["Problem", "ProblemCode", "problems"]


def problems(ruleset: Ruleset, budget_cents: int, plans: Sequence[Plan]) -> tuple[Problem, ...]:
    """Return everything that keeps these rules from being used for this budget and these plans.

    Without plans, as before submission opens, only what plans cannot change is checked.
    """
    return tuple(
        chain(
            _pots(ruleset, budget_cents),
            _plans(ruleset, plans),
            _ballot(ruleset.ballot, ruleset.budget_cents, plans),
            counting_problems(ruleset, plans),
            _small_fields(ruleset),
        )
    )


def _pots(ruleset: Ruleset, budget_cents: int) -> Iterator[Problem]:
    if budget_cents <= 0:
        yield Problem("budget", ProblemCode.NOT_POSITIVE)
    if not ruleset.pots:
        yield Problem("pots", ProblemCode.MISSING)
        return
    yield from repeated("pots", (pot.id for pot in ruleset.pots))
    for index, pot in enumerate(ruleset.pots):
        if pot.cents <= 0:
            yield Problem(f"pots[{index}].cents", ProblemCode.NOT_POSITIVE)
    if ruleset.pots_by is None and len(ruleset.pots) > 1:
        yield Problem("pots", ProblemCode.TOO_MANY_POTS)
    if ruleset.budget_cents != budget_cents:
        params = {"pots_cents": ruleset.budget_cents, "budget_cents": budget_cents}
        yield Problem("pots", ProblemCode.POTS_DIFFER_FROM_BUDGET, params)


def _plans(ruleset: Ruleset, plans: Sequence[Plan]) -> Iterator[Problem]:
    yield from repeated("plans", (plan.id for plan in plans))
    for plan in plans:
        yield from _cost(ruleset, plan)
        pot = ruleset.pot_of(plan)
        if pot is None:
            yield Problem("plans", ProblemCode.PLAN_WITHOUT_POT, {"plan": plan.id})
        elif plan.cost_cents > pot.cents:
            params = {"plan": plan.id, "cost_cents": plan.cost_cents, "pot_cents": pot.cents}
            yield Problem("plans", ProblemCode.PLAN_ABOVE_POT, params)


def _cost(ruleset: Ruleset, plan: Plan) -> Iterator[Problem]:
    least, most = ruleset.plan_cost.min_cents, ruleset.plan_cost.max_cents
    params = {"plan": plan.id, "cost_cents": plan.cost_cents}
    if plan.cost_cents < 0:
        yield Problem("plans", ProblemCode.NEGATIVE, params)
    if least is not None and plan.cost_cents < least:
        yield Problem("plans", ProblemCode.PLAN_TOO_CHEAP, {**params, "min_cents": least})
    if most is not None and plan.cost_cents > most:
        yield Problem("plans", ProblemCode.PLAN_TOO_DEAR, {**params, "max_cents": most})


def _ballot(ballot: BallotRules, budget_cents: int, plans: Sequence[Plan]) -> Iterator[Problem]:
    yield from _limits("ballot.whole", ballot.whole, plans)
    for name, group in sorted(ballot.per_group.items()):
        inside = [plan for plan in plans if plan.group(ballot.grouping) == name]
        yield from _limits(f"ballot.per_group.{name}", group, inside)
    if ballot.whole.max_cost_cents is not None and ballot.whole.max_cost_cents > budget_cents:
        params = {"budget_cents": budget_cents}
        yield Problem("ballot.whole.max_cost_cents", ProblemCode.ABOVE_BUDGET, params)
    if (ballot.grouping is None) != (not ballot.per_group):
        code = ProblemCode.NEEDS_GROUPING if ballot.per_group else ProblemCode.MISSING
        yield Problem("ballot.per_group", code)
    yield from _groups_together(ballot)
    if ballot.type is BallotType.KNAPSACK:
        yield from _knapsack(ballot, plans)
    else:
        yield from _approval(ballot)


def _limits(where: str, limits: Limits, plans: Sequence[Plan]) -> Iterator[Problem]:
    least, most, money = limits.min_choices, limits.max_choices, limits.max_cost_cents
    if least < 0:
        yield Problem(f"{where}.min_choices", ProblemCode.NEGATIVE)
    if most is not None and most < 1:
        yield Problem(f"{where}.max_choices", ProblemCode.NOT_POSITIVE)
    elif most is not None and most < least:
        yield Problem(f"{where}.max_choices", ProblemCode.MAX_BELOW_MIN, {"min": least, "max": most})
    if money is not None and money <= 0:
        yield Problem(f"{where}.max_cost_cents", ProblemCode.NOT_POSITIVE)
    if not plans:
        return
    if least > len(plans):
        yield Problem(f"{where}.min_choices", ProblemCode.MORE_THAN_PLANS, {"plans": len(plans)})
    cheapest = sum(sorted(plan.cost_cents for plan in plans)[: max(least, 0)])
    if money is not None and cheapest > money:
        yield Problem(f"{where}.min_choices", ProblemCode.CANNOT_BE_MET, {"cheapest_cents": cheapest})


def _groups_together(ballot: BallotRules) -> Iterator[Problem]:
    demanded = sum(group.min_choices for group in ballot.per_group.values())
    most = ballot.whole.max_choices
    if most is not None and demanded > most:
        params = {"groups": demanded, "max": most}
        yield Problem("ballot.whole.max_choices", ProblemCode.GROUPS_DEMAND_MORE, params)


def _knapsack(ballot: BallotRules, plans: Sequence[Plan]) -> Iterator[Problem]:
    if ballot.whole.max_cost_cents is not None:
        return
    if not ballot.per_group:
        yield Problem("ballot.whole.max_cost_cents", ProblemCode.MISSING)
    for name, group in sorted(ballot.per_group.items()):
        if group.max_cost_cents is None:
            yield Problem(f"ballot.per_group.{name}.max_cost_cents", ProblemCode.MISSING)
    for plan in plans:
        if ballot.per_group and plan.group(ballot.grouping) not in ballot.per_group:
            yield Problem("ballot.per_group", ProblemCode.PLAN_WITHOUT_LIMIT, {"plan": plan.id})


def _approval(ballot: BallotRules) -> Iterator[Problem]:
    named = [("ballot.whole", ballot.whole)]
    named += [(f"ballot.per_group.{name}", group) for name, group in sorted(ballot.per_group.items())]
    for where, limits in named:
        if limits.max_cost_cents is not None:
            yield Problem(f"{where}.max_cost_cents", ProblemCode.NOT_FOR_APPROVAL)


def _small_fields(ruleset: Ruleset) -> Iterator[Problem]:
    least, most = ruleset.plan_cost.min_cents, ruleset.plan_cost.max_cents
    if least is not None and least < 0:
        yield Problem("plan_cost.min_cents", ProblemCode.NEGATIVE)
    if most is not None and most < (least or 0):
        yield Problem("plan_cost.max_cents", ProblemCode.MAX_BELOW_MIN, {"min": least or 0, "max": most})
    age = ruleset.eligibility.minimum_age
    if age is not None and age < 0:
        yield Problem("eligibility.minimum_age", ProblemCode.NEGATIVE)
    commitment = ruleset.lot_commitment
    if commitment is not None and not fullmatch("[0-9a-f]{64}", commitment):
        yield Problem("lot_commitment", ProblemCode.NOT_A_COMMITMENT)
