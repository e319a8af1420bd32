"""The kinds of fault in a set of rules; where they are found and how they are worded is decided elsewhere."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum


class ProblemCode(StrEnum):
    """The kinds of fault; the comments name the parameters that come with them."""

    MISSING = "missing"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    REPEATED = "repeated"  # value
    MAX_BELOW_MIN = "max_below_min"  # min, max
    MORE_THAN_PLANS = "more_than_plans"  # plans
    ABOVE_BUDGET = "above_budget"  # budget_cents
    POTS_DIFFER_FROM_BUDGET = "pots_differ_from_budget"  # pots_cents, budget_cents
    TOO_MANY_POTS = "too_many_pots"
    PLAN_WITHOUT_POT = "plan_without_pot"  # plan
    PLAN_ABOVE_POT = "plan_above_pot"  # plan, cost_cents, pot_cents
    PLAN_TOO_CHEAP = "plan_too_cheap"  # plan, cost_cents, min_cents
    PLAN_TOO_DEAR = "plan_too_dear"  # plan, cost_cents, max_cents
    PLAN_WITHOUT_LIMIT = "plan_without_limit"  # plan
    NOT_FOR_APPROVAL = "not_for_approval"
    NEEDS_GROUPING = "needs_grouping"
    CANNOT_BE_MET = "cannot_be_met"  # cheapest_cents
    GROUPS_DEMAND_MORE = "groups_demand_more"  # groups, max
    NOT_A_SHARE = "not_a_share"
    NEEDS_ONE_POT = "needs_one_pot"
    NEEDS_CAPS = "needs_caps"
    TOO_FEW = "too_few"
    UNKNOWN_PLAN = "unknown_plan"  # plan
    LOT_NOT_LAST = "lot_not_last"
    NOT_A_COMMITMENT = "not_a_commitment"
    NEEDS_PARAMETERS = "needs_parameters"
    NOT_FOR_METHOD = "not_for_method"
    NOT_FOR_BALLOT = "not_for_ballot"
    NEEDS_POINTS = "needs_points"
    NEEDS_POSITIONS = "needs_positions"
    RISING = "rising"
    NEEDS_STOP = "needs_stop"
    CYCLE = "cycle"  # plan
    CONTRADICTION = "contradiction"  # plan, other
    ABOVE_CAP = "above_cap"  # cap_cents
    MINIMUMS_ABOVE_BUDGET = "minimums_above_budget"  # minimums_cents, budget_cents


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """A fault in the field with this path, such as `ballot.whole.max_choices`; amounts are in cents."""

    field: str
    code: ProblemCode
    params: Mapping[str, int | str] = dataclasses.field(default_factory=dict)


def repeated(where: str, values: Iterable[int | str]) -> Iterator[Problem]:
    """Yield the values that occur more than once."""
    for value, times in Counter(values).items():
        if times > 1:
            yield Problem(where, ProblemCode.REPEATED, {"value": value})
