"""The rules of a round as data with one canonical form; `rule_problems` checks them, templates word them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Utility
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import ADDED, check_types, from_plain, to_plain

VERSION = 1


class BallotType(StrEnum):
    """How a voter chooses: up to a number of plans, or up to an amount of money."""

    APPROVAL = "approval"
    KNAPSACK = "knapsack"


class RestRule(StrEnum):
    """What to do at the first plan that costs more than is left: pass it over, end there, pay it in part."""

    SKIP = "skip"
    STOP = "stop"
    PART = "part"


class TieKey(StrEnum):
    """What puts equal plans in order: the lower cost, more votes, the lower id on the list; the lot always decides."""

    CHEAPEST_FIRST = "cheapest_first"
    MOST_VOTES_FIRST = "most_votes_first"
    LISTED_FIRST = "listed_first"
    LOT = "lot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on the plans chosen together; None is no bound, equal numbers mean exactly so many."""

    min_choices: int = 0
    max_choices: int | None = None
    max_cost_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRules:
    """What a valid ballot is: bounds on the whole of it and, if it is grouped, on the plans of a group."""

    type: BallotType = BallotType.APPROVAL
    whole: Limits = Limits(min_choices=1)
    grouping: Grouping | None = None
    per_group: Mapping[str, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRules:
    """How the votes divide the money of one pot.

    A plan needs `min_votes` and `min_share` of the valid ballots. Caps are cents for each theme or
    area; a group without one has no cap. With `leftovers_ignore_caps` the plans that met a full cap
    are looked at again, in the same order, with what is left in the end. Of the plans in one tuple of
    `incompatible` at most one is funded; of a pair in `requires` the first is only funded after the second.
    `ties` ends with the lot.

    `score` says what a ballot adds to the votes of a plan, with `positions` for `Score.POSITIONS`: points for
    the first choice, the second, …; `default_score` is what `Score.POINTS` gives a plan not on the ballot. With
    `top_up_from` the plan at which the count stops is funded whole, with extra money, if that share of its cost
    is left. With `support_per_cost` a plan of cost c also needs votes / valid ballots >= `support_per_cost` x c /
    budget. The minimums are cents divided first, for each theme or area among its own plans, by the same
    method. `utility` is what the welfare optimum and BOS count; `equal_shares` holds the parameters of that method.
    """

    method: Method = Method.MOST_VOTES
    rest: RestRule = RestRule.SKIP
    min_votes: int = 1
    min_share: Share | None = None
    theme_caps: Mapping[str, int] = field(default_factory=dict)
    area_caps: Mapping[str, int] = field(default_factory=dict)
    leftovers_ignore_caps: bool = False
    incompatible: tuple[tuple[int, ...], ...] = ()
    ties: tuple[TieKey, ...] = (TieKey.CHEAPEST_FIRST, TieKey.LOT)
    score: Score = field(default=Score.VOTES, metadata=ADDED)
    positions: tuple[int, ...] = field(default=(), metadata=ADDED)
    default_score: int = field(default=0, metadata=ADDED)
    utility: Utility = field(default=Utility.COUNT, metadata=ADDED)
    top_up_from: Share | None = field(default=None, metadata=ADDED)
    support_per_cost: Share | None = field(default=None, metadata=ADDED)
    requires: tuple[tuple[int, int], ...] = field(default=(), metadata=ADDED)
    theme_minimums: Mapping[str, int] = field(default_factory=dict, metadata=ADDED)
    area_minimums: Mapping[str, int] = field(default_factory=dict, metadata=ADDED)
    equal_shares: EqualShares | None = field(default=None, metadata=ADDED)

    def __post_init__(self) -> None:
        """Raise ValueError, which says what is allowed, for a parameter of another kind; see `check_bounds` too."""
        check_types(self)

    def votes_needed(self, valid_ballots: int) -> int:
        """Return the number of votes below which a plan gets nothing."""
        if self.min_share is None:
            return self.min_votes
        share = -(-self.min_share.num * valid_ballots // self.min_share.den)
        return max(self.min_votes, share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """Money with a count of its own, in cents; its id is the theme or area that it is for."""

    id: str
    name: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCost:
    """The least and the most that a plan may cost, in cents; None is no bound."""

    min_cents: int | None = None
    max_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who may vote: the minimum age, if any, and the organiser's own words."""

    minimum_age: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """All rules of a round.

    With `pots_by` None there is one pot and its id is free; otherwise each theme or area has its own
    pot, counted apart. Groups that share one count have caps instead. `lot_commitment` is what
    `tally.ties.commitment` returns for the seed of the lot, None until the seed is drawn.
    """

    pots: tuple[Pot, ...]
    pots_by: Grouping | None = None
    ballot: BallotRules = BallotRules()
    counting: CountingRules = CountingRules()
    plan_cost: PlanCost = PlanCost()
    eligibility: Eligibility = Eligibility()
    lot_commitment: str | None = None

    @property
    def budget_cents(self) -> int:
        """The money of all pots together, in cents."""
        return sum(pot.cents for pot in self.pots)

    def pot_of(self, plan: Plan) -> Pot | None:
        """Return the pot that can pay for the plan; None when no pot is for its theme or area."""
        if self.pots_by is None:
            return next(iter(self.pots), None)
        return next((pot for pot in self.pots if pot.id == plan.group(self.pots_by)), None)


def to_json(ruleset: Ruleset) -> bytes:
    """Return the canonical form of the rules: equal rules give equal bytes."""
    return canonical_json({"version": VERSION, "rules": to_plain(ruleset)})


def from_json(text: bytes | str) -> Ruleset:
    """Return the rules that `to_json` wrote.

    Raises ValueError, naming the field, for an unknown or missing field and for a value of a wrong
    type. Whether the values make sense together is for `rule_problems`.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.keys() != {"version", "rules"}:
        raise ValueError("rules are an object with the fields version and rules")
    if document["version"] != VERSION:
        raise ValueError(f"version is {document['version']!r:.80}, expected {VERSION}")
    return from_plain(Ruleset, document["rules"])


def fingerprint(ruleset: Ruleset) -> str:
    """Return the 64 hexadecimal digits that stand for exactly these rules."""
    return digest("v1/rules", to_json(ruleset)).hex()
