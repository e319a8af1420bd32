"""The methods of counting and their parameters as data; how each counts is in `core.tally`."""

from dataclasses import dataclass
from enum import StrEnum

from buurtbegroot.core.records import check_types


class Method(StrEnum):
    """How votes become winners; each has one entry in `core.tally.COUNTS`."""

    MOST_VOTES = "most_votes"
    VOTES_PER_EURO = "votes_per_euro"
    WELFARE = "welfare"
    EQUAL_SHARES = "equal_shares"
    EXACT_EQUAL_SHARES = "exact_equal_shares"
    PHRAGMEN = "phragmen"
    MAXIMIN_SUPPORT = "maximin_support"
    BOS = "bos"
    MAJORITY_JUDGMENT = "majority_judgment"


class Score(StrEnum):
    """What a ballot adds to the votes of a plan on it.

    One vote; the points given; for a ranking of k out of m plans m - 1 for the first, one less for each
    next (Borda); or what the declared list says for its position.
    """

    VOTES = "votes"
    POINTS = "points"
    BORDA = "borda"
    POSITIONS = "positions"


class Utility(StrEnum):
    """What a funded plan is worth to a voter who chose it: its cost, one, its points, or points times cost."""

    COST = "cost"
    COUNT = "count"
    POINTS = "points"
    POINTS_COST = "points_cost"


class Start(StrEnum):
    """What a voter starts with: the equal share B/n; that share in whole units; or first the one, then the other.

    With `SHARE_THEN_WHOLE` the first run has B/n and every later one whole units.
    """

    SHARE = "share"
    WHOLE = "whole"
    SHARE_THEN_WHOLE = "share_then_whole"


class Stop(StrEnum):
    """When the increments end: before the first that overspends, or already at the first exhaustive outcome.

    An outcome is exhaustive when no other plan with votes fits in the money left.
    """

    OVERSPENT = "overspent"
    EXHAUSTIVE = "exhaustive"


class Tail(StrEnum):
    """What happens with the money left after the last increment: it is kept, or plans get it by most votes."""

    KEEP = "keep"
    MOST_VOTES = "most_votes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An exact fraction."""

    num: int
    den: int

    def __post_init__(self) -> None:
        """Raise ValueError for what is no whole number."""
        check_types(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualShares:
    """The parameters of the Method of Equal Shares and of Exact Equal Shares; "Add1" is not one rule but several.

    `unit_cents` is what a voter's start is rounded down to in whole units. The endowment of every voter grows
    by `step_cents` (None: no increments), or by `step_share` of the first one if given. The tail follows
    the rest rule. With `compare` the outcome by most votes replaces this one when strictly more voters
    have more of their plans in it than the reverse.
    """

    utility: Utility = Utility.COST
    start: Start = Start.SHARE
    unit_cents: int = 100
    step_cents: int | None = 1
    step_share: Share | None = None
    stop: Stop = Stop.EXHAUSTIVE
    tail: Tail = Tail.MOST_VOTES
    compare: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError, which says what is allowed, for a parameter that cannot be."""
        check_types(self)
        if self.unit_cents < 1:
            raise ValueError(f"unit_cents is {self.unit_cents}, expected 1 or more")
        if self.step_cents is not None and self.step_cents < 1:
            raise ValueError(f"step_cents is {self.step_cents}, expected 1 or more, or none for no increments")
        share = self.step_share
        if share is not None and not 0 < share.num <= share.den:
            raise ValueError(f"step_share is {share.num}/{share.den}, expected more than 0 and at most 1, or none")
