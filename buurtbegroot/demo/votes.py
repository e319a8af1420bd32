"""Real votes as rules, plans and totals; putting them into a database is the seeding's work."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import (
    BallotRules,
    BallotType,
    CountingRules,
    Limits,
    PlanCost,
    Pot,
    RestRule,
    Ruleset,
)
from buurtbegroot.core.tally.election import Election

Source = Mapping[str, Any]

REST_RULES = {
    "Fund additional projects that fit within leftover budget ordered by score": RestRule.SKIP,
    "Partially fund one additional project with highest score": RestRule.PART,
}


@dataclass(frozen=True, slots=True)
class RealVote:
    """A vote that was held: where and when, its rules, and the names, plans and totals by plan id.

    `district` is None outside Amsterdam. `official_rule` is the rule that decided it, in Pabulib's words.
    """

    id: str
    municipality: str
    district: str | None
    title: str
    year: int
    official_rule: str
    voters: int
    mean_choices: float
    ruleset: Ruleset
    plans: tuple[Plan, ...]
    names: Mapping[int, str]
    totals: Mapping[int, int]

    def election(self, seed: bytes) -> Election:
        """Return the election of the published totals; the seed decides the lot."""
        return Election.from_totals(
            self.plans,
            self.totals,
            valid_ballots=self.voters,
            budget_cents=self.ruleset.budget_cents,
            seed=seed,
        )


def bundled_votes() -> tuple[RealVote, ...]:
    """Return the 41 votes that come with the program, by year."""
    return read_votes(files("buurtbegroot.demo").joinpath("data/votes.json").read_text("utf-8"))


def read_votes(text: str) -> tuple[RealVote, ...]:
    """Return the votes in the JSON text of a file like `data/votes.json`."""
    return tuple(map(_vote, json.loads(text)["verkiezingen"]))


def _vote(source: Source) -> RealVote:
    plans = source["plannen"]
    return RealVote(
        id=source["id"],
        municipality=source["gemeente"],
        district=source["stadsdeel"],
        title=source["naam"],
        year=source["jaar"],
        official_rule=source["rule"],
        voters=source["aantalStemmers"],
        mean_choices=source["gemiddeldAantalGekozen"],
        ruleset=_ruleset(source),
        plans=tuple(map(_plan, plans)),
        names={int(plan["id"]): plan["naam"] for plan in plans},
        totals={int(plan["id"]): plan["stemmen"] for plan in plans},
    )


def _plan(source: Source) -> Plan:
    return Plan(
        id=int(source["id"]),
        cost_cents=_required_cents(source["kosten"]),
        theme=source.get("categorie"),
        area=source.get("buurt"),
    )


def _ruleset(source: Source) -> Ruleset:
    return Ruleset(
        pots=(Pot(id="all", name=source["naam"], cents=_required_cents(source["budget"])),),
        ballot=_ballot(source),
        counting=_counting(source),
        plan_cost=PlanCost(
            min_cents=_cents(source.get("min_project_cost")), max_cents=_cents(source.get("max_project_cost"))
        ),
    )


def _ballot(source: Source) -> BallotRules:
    whole = Limits(
        min_choices=int(source.get("min_length", 1)),
        max_choices=_number(source.get("max_length")),
        max_cost_cents=_cents(source.get("max_sum_cost")),
    )
    per_theme = _limits_per_theme(source)
    costs = (limits.max_cost_cents for limits in (whole, *per_theme.values()))
    return BallotRules(
        type=BallotType.KNAPSACK if any(costs) else BallotType.APPROVAL,
        whole=whole,
        grouping=Grouping.THEME if per_theme else None,
        per_group=per_theme,
    )


def _limits_per_theme(source: Source) -> dict[str, Limits]:
    if "max_length_per_category" in source:
        limits = Limits(max_choices=int(source["max_length_per_category"]))
        return dict.fromkeys(source["categories"], limits)
    caps = _by_group(source, "categories", "max_sum_cost_per_category")
    return {theme: Limits(max_cost_cents=cents) for theme, cents in caps.items()}


def _counting(source: Source) -> CountingRules:
    return CountingRules(
        # Eight votes do not say what they did with the rest; passing over is what most others did.
        rest=REST_RULES.get(source.get("leftover_budget", ""), RestRule.SKIP),
        min_votes=0,
        theme_caps=_by_group(source, "categories", "budget_per_category"),
        area_caps=_by_group(source, "neighborhoods", "budget_per_neighborhood"),
        # The only two files with such a remark word it like this.
        leftovers_ignore_caps="leftover budget are not constrained" in source.get("comment", ""),
    )


def _by_group(source: Source, groups: str, amounts: str) -> dict[str, int]:
    if amounts not in source:
        return {}
    return dict(zip(source[groups], map(_required_cents, source[amounts]), strict=True))


def _number(value: float | None) -> int | None:
    return None if value is None else int(value)


def _cents(euros: float | None) -> int | None:
    return None if euros is None else _required_cents(euros)


def _required_cents(euros: float | str) -> int:
    return round(float(euros) * 100)
