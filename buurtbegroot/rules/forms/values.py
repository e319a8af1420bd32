"""What the form of the rules shows of rules that exist, and what stays of those when it comes back."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from buurtbegroot.core.methods import EqualShares
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import (
    BallotRules,
    BallotType,
    CountingRules,
    Eligibility,
    Limits,
    PlanCost,
    Ruleset,
)
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries.setup import WHOLE, groups_of
from buurtbegroot.rules.forms.choices import ties_value
from buurtbegroot.rules.forms.fields import shares_values

Part = TypeVar("Part")
MOST_GROUPS = 60
UNKNOWN = "?"
"""How the form names a plan that is not on the ballot; its id would be the number of another plan."""

_RECORDS = (Ruleset, BallotRules, Limits, CountingRules, EqualShares, PlanCost, Eligibility)


def rules_values(round_: Round, rules: Ruleset | None, *, numbers: Mapping[int, int]) -> dict[str, Any]:
    """Return what the form shows of rules; `numbers` gives the id of each plan on the ballot by its lot number."""
    if rules is None:
        return {**_group_values(round_, Ruleset(pots=())), "type": BallotType.KNAPSACK.value, "least": 1}
    ballot, counting = rules.ballot, rules.counting
    lot_numbers = {plan: number for number, plan in numbers.items()}
    return {
        **_group_values(round_, rules),
        "type": ballot.type.value,
        **_limits_values(ballot.whole),
        "grouping": ballot.grouping.value if ballot.grouping else WHOLE,
        "method": counting.method.value,
        "shares": shares_values(counting.equal_shares or EURO_BY_EURO),
        "rest": counting.rest.value,
        "min_votes": counting.min_votes,
        "min_share": counting.min_share,
        "leftovers_ignore_caps": counting.leftovers_ignore_caps,
        "incompatible": _lines(counting.incompatible, lot_numbers),
        "requires": _lines(counting.requires, lot_numbers),
        "ties": ties_value(counting.ties),
        "score": counting.score.value,
        "utility": counting.utility.value,
        "top_up_from": counting.top_up_from,
        "support_per_cost": counting.support_per_cost,
        "minimum_age": rules.eligibility.minimum_age,
        "who": rules.eligibility.who,
        "cheapest": rules.plan_cost.min_cents,
        "dearest": rules.plan_cost.max_cents,
    }


def shown_groups(round_: Round, grouping: Grouping, filled: Mapping[str, Any]) -> list[str]:
    """Return the groups that have a row in the form: those of the round, and others that the rules name."""
    return list(dict.fromkeys([*groups_of(round_, grouping), *filled]))[:MOST_GROUPS]


def merged(stored: Part, shown: Part, said: Part) -> Part:
    """Return what the form said, but what was left as it was shown as it is stored, to the byte.

    `shown` is what the form says when nobody touches it. So what it cannot show, such as a third in percents or a
    field of rules made elsewhere, is not lost, while every field that was changed or emptied counts.
    """
    if said == shown:
        return stored
    if isinstance(said, _RECORDS) and type(said) is type(shown) is type(stored):
        names = [one.name for one in fields(said)]
        changed = {name: merged(*(getattr(each, name) for each in (stored, shown, said))) for name in names}
        return cast(Part, replace(said, **changed))
    if isinstance(said, Mapping) and isinstance(shown, Mapping) and isinstance(stored, Mapping):
        hidden = {key: stored[key] for key in stored.keys() - shown.keys()}
        groups = {key: merged(stored.get(key), shown.get(key), value) for key, value in said.items()}
        return cast(Part, hidden | groups)
    return said


def _group_values(round_: Round, rules: Ruleset) -> dict[str, list[dict[str, Any]]]:
    """Return the rows for each theme and each area: limits on the ballot, and the most and the least in the count."""
    found: dict[str, list[dict[str, Any]]] = {}
    counting = rules.counting
    for grouping, caps, minimums in (
        (Grouping.THEME, counting.theme_caps, counting.theme_minimums),
        (Grouping.AREA, counting.area_caps, counting.area_minimums),
    ):
        limits = rules.ballot.per_group if rules.ballot.grouping is grouping else {}
        found[f"{grouping}_limits"] = [
            {"key": key, **(_limits_values(limits[key]) if key in limits else {})}
            for key in shown_groups(round_, grouping, limits)
        ]
        for name, filled in (("caps", caps), ("minimums", minimums)):
            keys = shown_groups(round_, grouping, filled)
            found[f"{grouping}_{name}"] = [{"key": key, "cents": filled.get(key)} for key in keys]
    return found


def _lines(groups: Iterable[tuple[int, ...]], lot_numbers: Mapping[int, int]) -> str:
    """Return plans by their lot numbers, a group on each line."""
    return "\n".join(", ".join(str(lot_numbers.get(plan, UNKNOWN)) for plan in group) for group in groups)


def _limits_values(limits: Limits) -> dict[str, int | None]:
    return {"least": limits.min_choices, "most": limits.max_choices, "money": limits.max_cost_cents}
