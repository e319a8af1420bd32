"""What comes out of a count, with every step that led there, and its canonical form; no counting here."""

from dataclasses import dataclass
from enum import StrEnum

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import Method, TieKey


class Verdict(StrEnum):
    """What became of a plan."""

    FUNDED = "funded"
    PARTLY_FUNDED = "partly_funded"
    DOES_NOT_FIT = "does_not_fit"
    BELOW_THRESHOLD = "below_threshold"
    CAP_FULL = "cap_full"
    INCOMPATIBLE = "incompatible"
    AFTER_STOP = "after_stop"


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
    `votes_short` is how far it stayed below the threshold, `rival` the winner it cannot go with.
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
class Outcome:
    """The count of one pot: the last word on every plan by rank, and the steps by number.

    `lot` is the order drawn once for the whole count, `seed` the hexadecimal seed it came from.
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

    @property
    def funded(self) -> tuple[tuple[int, int], ...]:
        """Plan ids with the cents that they get, also those paid in part, by rank."""
        return tuple((one.plan, one.awarded_cents) for one in self.judgements if one.verdict in WINNING)


WINNING = (Verdict.FUNDED, Verdict.PARTLY_FUNDED)


def trace_json(outcome: Outcome) -> bytes:
    """Return the canonical JSON of an outcome: equal outcomes give equal bytes."""
    return canonical_json(to_plain(outcome))


def trace_fingerprint(outcome: Outcome) -> str:
    """Return the 64 hexadecimal digits that stand for exactly this outcome."""
    return digest("outcome", trace_json(outcome)).hex()
