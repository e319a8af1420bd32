"""What comes out of a count, with every step that led there, and its canonical form; no counting here."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.methods import Method
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.records import ADDED, to_plain
from buurtbegroot.core.rules import TieKey


class Verdict(StrEnum):
    """What became of a plan."""

    FUNDED = "funded"
    PARTLY_FUNDED = "partly_funded"
    DOES_NOT_FIT = "does_not_fit"
    BELOW_THRESHOLD = "below_threshold"
    CAP_FULL = "cap_full"
    INCOMPATIBLE = "incompatible"
    AFTER_STOP = "after_stop"
    TOPPED_UP = "topped_up"
    NEEDS_OTHER = "needs_other"
    TOO_DEAR_FOR_SUPPORT = "too_dear_for_support"
    NOT_AFFORDABLE = "not_affordable"
    NOT_CHOSEN = "not_chosen"
    NOT_NAMED = "not_named"  # a file of a past vote, which was not counted again, does not name it as a winner


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """The plans with as many votes as this one, this one included, in the order that they were looked at.

    `decided_by` is the key that put this plan before the next of them, or after the one before if it is
    the last. `lost` says that this plan got less than its full cost, but would have got it as the first.
    """

    plans: tuple[int, ...]
    decided_by: TieKey
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A plan's verdict with the reason.

    `short_cents` is what was lacking in the pot or, when a cap was full, under the cap of `group`, which
    is a theme or an area as `grouping` says.
    `votes_short` is how far it stayed below the threshold, `rival` the winner it cannot go with, or the plan
    without which it is not funded. `extra_cents` is what is added to the money of the pot to fund it whole. `grade`
    is the median of what voters gave it, where plans are graded.
    """

    plan: int
    rank: int
    votes: int
    cost_cents: int
    verdict: Verdict
    awarded_cents: int = 0
    short_cents: int = 0
    votes_short: int = 0
    grouping: Grouping | None = None
    group: str | None = None
    rival: int | None = None
    tie: Tie | None = None
    extra_cents: int = field(default=0, metadata=ADDED)
    grade: int | None = field(default=None, metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One look at one plan, and the money in the pot before and after, in cents.

    `for_leftovers` marks the second look at plans that had met a full cap, without caps.
    """

    number: int
    judgement: Judgement
    left_before_cents: int
    left_after_cents: int
    for_leftovers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One round of a method in which voters buy plans with shares of the money; amounts are exact cents.

    `price` is the most that one voter pays, `in_full` how many votes pay that much, `with_rest` how many pay
    all they have left, `rest_cents` together. `level` is the number the plan had to win by (lowest first): price
    per unit of utility, load, or what the method compares. `left_cents` is the voters' money after it.
    """

    number: int
    plan: int
    level: Fraction
    price: Fraction
    in_full: int
    with_rest: int
    rest_cents: Fraction
    left_cents: Fraction
    tie: Tie | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """How far a plan came that was not bought, in the last run.

    `affordable_until` is the last round (0: none) at whose start its supporters could pay it, `level` what it would
    have had to win by in that round. `supporters_cents` is what they have left at the end.
    """

    plan: int
    affordable_until: int
    level: Fraction | None
    supporters_cents: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Endowments:
    """Consecutive increments with one outcome: the first and last start money per voter in cents, and how many.

    `spent_cents` is what the outcome costs, `winners` the SHA-256 of its plan ids by rising id.
    """

    first: Fraction
    last: Fraction
    steps: int
    spent_cents: int
    winners: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How many votes have more of their plans in this outcome, and how many in the one by most votes."""

    this: int
    most_votes: int
    chosen: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The count of one pot: the last word on every plan by rank, and the steps by number.

    `lot` is the order drawn once for the whole count, `seed` the hexadecimal seed it came from. With weighted
    voters numbers of votes are in parts, `vote_parts` to a vote. Methods in which voters buy plans
    fill `rounds` and `missed` for the last run, `endowments` for all runs; their steps are those of the tail.
    `earlier` has the counts that divided the guaranteed minimums, each a pot of its own named after its theme or
    area; `steps` and `rounds` are then those of the count of the rest.
    """

    pot: str
    method: Method
    budget_cents: int
    left_cents: int
    valid_ballots: int
    votes_needed: int
    seed: str
    lot: tuple[int, ...]
    judgements: tuple[Judgement, ...]
    steps: tuple[Step, ...]
    vote_parts: int = field(default=1, metadata=ADDED)
    rounds: tuple[Purchase, ...] = field(default=(), metadata=ADDED)
    missed: tuple[Missed, ...] = field(default=(), metadata=ADDED)
    endowments: tuple[Endowments, ...] = field(default=(), metadata=ADDED)
    preference: Preference | None = field(default=None, metadata=ADDED)
    earlier: tuple["Outcome", ...] = field(default=(), metadata=ADDED)

    @property
    def funded(self) -> tuple[tuple[int, int], ...]:
        """Plan ids with the cents that they get, also those paid in part, by rank."""
        return tuple((one.plan, one.awarded_cents) for one in self.judgements if one.verdict in WINNING)


WINNING = (Verdict.FUNDED, Verdict.PARTLY_FUNDED, Verdict.TOPPED_UP)


def trace_json(outcome: Outcome) -> bytes:
    """Return the canonical JSON of an outcome: equal outcomes give equal bytes."""
    return canonical_json(to_plain(outcome))


def trace_fingerprint(outcome: Outcome) -> str:
    """Return the 64 hexadecimal digits that stand for exactly this outcome."""
    return digest("v1/outcome", trace_json(outcome)).hex()
