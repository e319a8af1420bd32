"""What the form of the rules shows of rules that exist; reading the form back is the form's own work."""

from collections.abc import Iterable, Mapping
from typing import Any

from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import BallotRules, BallotType, Limits, Ruleset
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.rule_fields import shares_values
from buurtbegroot.rounds.setup import WHOLE, groups_of


def rules_values(round_: Round, rules: Ruleset | None, *, numbers: Mapping[int, int]) -> dict[str, Any]:
    """Return what the form shows of rules; `numbers` gives the id of each plan on the ballot by its lot number."""
    groups = {
        "theme_limits": [{"key": key} for key in groups_of(round_, Grouping.THEME)],
        "area_limits": [{"key": key} for key in groups_of(round_, Grouping.AREA)],
        "theme_caps": [{"key": key} for key in groups_of(round_, Grouping.THEME)],
        "area_caps": [{"key": key} for key in groups_of(round_, Grouping.AREA)],
    }
    if rules is None:
        return {**groups, "type": BallotType.KNAPSACK.value, "least": 1}
    ballot, counting = rules.ballot, rules.counting
    lot_numbers = {plan: number for number, plan in numbers.items()}
    return {
        "type": ballot.type.value,
        **_limits_values(ballot.whole),
        "grouping": ballot.grouping.value if ballot.grouping else WHOLE,
        "theme_limits": _limit_rows(groups["theme_limits"], ballot, Grouping.THEME),
        "area_limits": _limit_rows(groups["area_limits"], ballot, Grouping.AREA),
        "method": counting.method.value,
        "shares": shares_values(counting.equal_shares or EURO_BY_EURO),
        "rest": counting.rest.value,
        "min_votes": counting.min_votes,
        "min_share": counting.min_share,
        "theme_caps": [{**row, "cents": counting.theme_caps.get(row["key"])} for row in groups["theme_caps"]],
        "area_caps": [{**row, "cents": counting.area_caps.get(row["key"])} for row in groups["area_caps"]],
        "leftovers_ignore_caps": counting.leftovers_ignore_caps,
        "incompatible": _lines(counting.incompatible, lot_numbers),
        "requires": _lines(counting.requires, lot_numbers),
        "ties": counting.ties[0].value,
        "minimum_age": rules.eligibility.minimum_age,
        "who": rules.eligibility.who,
        "cheapest": rules.plan_cost.min_cents,
        "dearest": rules.plan_cost.max_cents,
    }


def _lines(groups: Iterable[tuple[int, ...]], lot_numbers: Mapping[int, int]) -> str:
    """Return plans by their lot numbers, a group on each line."""
    return "\n".join(", ".join(str(lot_numbers.get(plan, plan)) for plan in group) for group in groups)


def _limits_values(limits: Limits) -> dict[str, int | None]:
    return {"least": limits.min_choices, "most": limits.max_choices, "money": limits.max_cost_cents}


def _limit_rows(rows: list[dict[str, str]], ballot: BallotRules, grouping: Grouping) -> list[dict[str, Any]]:
    limits = ballot.per_group if ballot.grouping is grouping else {}
    return [{**row, **(_limits_values(limits[row["key"]]) if row["key"] in limits else {})} for row in rows]
