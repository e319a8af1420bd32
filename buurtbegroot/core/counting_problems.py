"""What is wrong with the rules of the count, as codes that the interface puts into words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Utility
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.problem_codes import Problem, ProblemCode, repeated
from buurtbegroot.core.rules import BallotType, CountingRules, Pot, RestRule, Ruleset, TieKey

BY_SHARES = (Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES)
BY_UTILITY = (Method.WELFARE, Method.BOS)
BY_POINTS = (Utility.POINTS, Utility.POINTS_COST)
MERE_CHOICES = (BallotType.APPROVAL, BallotType.KNAPSACK)
"""Ballots that say which plans a voter chose, and neither in what order nor with how many points."""


ALLOWED = {
    ProblemCode.NEGATIVE: "0 or more",
    ProblemCode.NOT_POSITIVE: "1 or more",
    ProblemCode.NOT_A_SHARE: "a share of the whole: more than 0, for min_share 0 too, and at most 1",
}


def check_bounds(counting: CountingRules) -> None:
    """Raise ValueError, which says what is allowed, for a parameter out of its bounds, whatever is counted by it.

    A round asks for no more support than costs are of the budget; any more than none can be counted by.
    """
    support = counting.support_per_cost
    if support is not None and min(support.num, support.den) < 1:
        raise ValueError("support_per_cost is out of bounds, expected more than 0")
    counting = replace(counting, support_per_cost=None)
    ruleset = Ruleset(pots=(Pot(id="", name="", cents=0),), counting=counting)
    for problem in counting_problems(ruleset, ()):
        if problem.code in ALLOWED:
            field = problem.field.removeprefix("counting.")
            raise ValueError(f"{field} is out of bounds, expected {ALLOWED[problem.code]}")


def counting_problems(ruleset: Ruleset, plans: Sequence[Plan]) -> Iterator[Problem]:
    """Yield everything that keeps these rules of the count from being used for these plans."""
    counting = ruleset.counting
    yield from _thresholds(counting)
    yield from _score(ruleset)
    yield from _method(ruleset)
    yield from _caps(ruleset)
    yield from _minimums(ruleset)
    yield from _incompatible(ruleset, plans)
    yield from _requires(ruleset, plans)
    yield from repeated("counting.ties", counting.ties)
    if counting.ties[-1:] != (TieKey.LOT,):
        yield Problem("counting.ties", ProblemCode.LOT_NOT_LAST)


def _thresholds(counting: CountingRules) -> Iterator[Problem]:
    if counting.min_votes < 0:
        yield Problem("counting.min_votes", ProblemCode.NEGATIVE)
    if counting.min_share is not None and not _is_share(counting.min_share, least=0):
        yield Problem("counting.min_share", ProblemCode.NOT_A_SHARE)
    if counting.support_per_cost is not None and not _is_share(counting.support_per_cost):
        yield Problem("counting.support_per_cost", ProblemCode.NOT_A_SHARE)
    if counting.top_up_from is None:
        return
    if not _is_share(counting.top_up_from):
        yield Problem("counting.top_up_from", ProblemCode.NOT_A_SHARE)
    if counting.rest is not RestRule.STOP:
        yield Problem("counting.top_up_from", ProblemCode.NEEDS_STOP)


def _is_share(share: Share, *, least: int = 1) -> bool:
    return share.den > 0 and least <= share.num <= share.den


def _score(ruleset: Ruleset) -> Iterator[Problem]:
    counting, positions = ruleset.counting, ruleset.counting.positions
    if counting.score is not Score.VOTES and ruleset.ballot.type in MERE_CHOICES:
        yield Problem("counting.score", ProblemCode.NOT_FOR_BALLOT)
    if counting.default_score and counting.score is not Score.POINTS:
        yield Problem("counting.default_score", ProblemCode.NEEDS_POINTS)
    if (counting.score is Score.POSITIONS) != bool(positions):
        yield Problem("counting.positions", ProblemCode.NEEDS_POSITIONS)
    if min(positions, default=0) < 0:
        yield Problem("counting.positions", ProblemCode.NEGATIVE)
    if positions and not positions[0]:
        yield Problem("counting.positions", ProblemCode.NOT_POSITIVE)
    if list(positions) != sorted(positions, reverse=True):
        yield Problem("counting.positions", ProblemCode.RISING)


def _method(ruleset: Ruleset) -> Iterator[Problem]:
    counting = ruleset.counting
    method, shares = counting.method, counting.equal_shares
    if method is Method.MAJORITY_JUDGMENT and ruleset.ballot.type in MERE_CHOICES:
        yield Problem("counting.method", ProblemCode.NOT_FOR_BALLOT)
    if counting.utility is not Utility.COUNT and method not in BY_UTILITY:
        yield Problem("counting.utility", ProblemCode.NOT_FOR_METHOD)
    if counting.utility in BY_POINTS and counting.score is Score.VOTES:
        yield Problem("counting.utility", ProblemCode.NEEDS_POINTS)
    if (shares is None) is (method in BY_SHARES):
        code = ProblemCode.NEEDS_PARAMETERS if shares is None else ProblemCode.NOT_FOR_METHOD
        yield Problem("counting.equal_shares", code)
    if shares is not None:
        yield from _equal_shares(shares, ruleset)


def _equal_shares(shares: EqualShares, ruleset: Ruleset) -> Iterator[Problem]:
    where = "counting.equal_shares"
    if (shares.step_cents or 0) > ruleset.budget_cents:
        params = {"budget_cents": ruleset.budget_cents}
        yield Problem(f"{where}.step_cents", ProblemCode.ABOVE_BUDGET, params)
    if shares.utility in BY_POINTS and ruleset.counting.score is Score.VOTES:
        yield Problem(f"{where}.utility", ProblemCode.NEEDS_POINTS)


def _caps(ruleset: Ruleset) -> Iterator[Problem]:
    counting = ruleset.counting
    for where, caps in (("theme_caps", counting.theme_caps), ("area_caps", counting.area_caps)):
        for name, cents in sorted(caps.items()):
            if cents <= 0:
                yield Problem(f"counting.{where}.{name}", ProblemCode.NOT_POSITIVE)
            if cents > ruleset.budget_cents:
                params = {"budget_cents": ruleset.budget_cents}
                yield Problem(f"counting.{where}.{name}", ProblemCode.ABOVE_BUDGET, params)
        # A cap runs through one count; with several counts nobody could tell whose money fills it.
        if caps and ruleset.pots_by is not None:
            yield Problem(f"counting.{where}", ProblemCode.NEEDS_ONE_POT)
    if counting.leftovers_ignore_caps and not (counting.theme_caps or counting.area_caps):
        yield Problem("counting.leftovers_ignore_caps", ProblemCode.NEEDS_CAPS)


def _minimums(ruleset: Ruleset) -> Iterator[Problem]:
    counting = ruleset.counting
    for where, minimums, caps in (
        ("theme_minimums", counting.theme_minimums, counting.theme_caps),
        ("area_minimums", counting.area_minimums, counting.area_caps),
    ):
        for name, cents in sorted(minimums.items()):
            if cents <= 0:
                yield Problem(f"counting.{where}.{name}", ProblemCode.NOT_POSITIVE)
            if cents > caps.get(name, cents):
                yield Problem(f"counting.{where}.{name}", ProblemCode.ABOVE_CAP, {"cap_cents": caps[name]})
        if minimums and ruleset.pots_by is not None:
            yield Problem(f"counting.{where}", ProblemCode.NEEDS_ONE_POT)
    together = sum(counting.theme_minimums.values()) + sum(counting.area_minimums.values())
    if together > ruleset.budget_cents:
        field = "area_minimums" if counting.area_minimums else "theme_minimums"
        params = {"minimums_cents": together, "budget_cents": ruleset.budget_cents}
        yield Problem(f"counting.{field}", ProblemCode.MINIMUMS_ABOVE_BUDGET, params)


def _incompatible(ruleset: Ruleset, plans: Sequence[Plan]) -> Iterator[Problem]:
    known = {plan.id: ruleset.pot_of(plan) for plan in plans}
    for index, group in enumerate(ruleset.counting.incompatible):
        where = f"counting.incompatible[{index}]"
        yield from repeated(where, group)
        if len(set(group)) < 2:
            yield Problem(where, ProblemCode.TOO_FEW)
        if not known:
            continue
        for plan in sorted(set(group) - known.keys()):
            yield Problem(where, ProblemCode.UNKNOWN_PLAN, {"plan": plan})
        if len({pot.id for plan in group if (pot := known.get(plan))}) > 1:
            yield Problem(where, ProblemCode.NEEDS_ONE_POT)


def _requires(ruleset: Ruleset, plans: Sequence[Plan]) -> Iterator[Problem]:
    counting = ruleset.counting
    known = {plan.id: ruleset.pot_of(plan) for plan in plans}
    needs: dict[int, set[int]] = {}
    for index, pair in enumerate(counting.requires):
        where = f"counting.requires[{index}]"
        if len(pair) != 2:
            yield Problem(where, ProblemCode.TOO_FEW)
            continue
        one, other = pair
        needs.setdefault(one, set()).add(other)
        yield from _pair(where, pair, known)
        if any({one, other} <= set(group) for group in counting.incompatible):
            yield Problem(where, ProblemCode.CONTRADICTION, {"plan": one, "other": other})
    for plan in sorted(needs):
        if plan in _needed(plan, needs):
            yield Problem("counting.requires", ProblemCode.CYCLE, {"plan": plan})


def _pair(where: str, pair: tuple[int, int], known: Mapping[int, Pot | None]) -> Iterator[Problem]:
    if not known:
        return
    for plan in sorted(set(pair) - known.keys()):
        yield Problem(where, ProblemCode.UNKNOWN_PLAN, {"plan": plan})
    if len({pot.id for plan in pair if (pot := known.get(plan))}) > 1:
        yield Problem(where, ProblemCode.NEEDS_ONE_POT)


def _needed(plan: int, needs: Mapping[int, set[int]]) -> set[int]:
    """All plans that must win before this one, also by way of others."""
    found: set[int] = set()
    waiting = [plan]
    while waiting:
        new = needs.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found
