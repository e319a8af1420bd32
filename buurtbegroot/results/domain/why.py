"""Why one plan won or lost, as its page tells it; it counts nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from buurtbegroot.core.methods import Method
from buurtbegroot.core.tally.probes import UNIT_CENTS, Change, Probe
from buurtbegroot.core.tally.trace import WINNING, Judgement
from buurtbegroot.results.domain.outcome import IN_LINE, PlanName
from buurtbegroot.tally.domain.explaining import Why


@dataclass(frozen=True)
class WhyPage:
    """What the page of a plan says of its outcome; `names` are the other plans that it speaks of.

    `probe` is what would have been enough, None for a winner and as long as that is not worked out.
    """

    why: Why
    names: Sequence[PlanName]
    probe: Probe | None = None

    @property
    def one(self) -> Judgement:
        """The verdict."""
        return self.why.judgement

    @property
    def wins(self) -> bool:
        """Whether the plan gets money."""
        return self.one.verdict in WINNING

    @property
    def votes(self) -> int:
        """Its votes, whole."""
        return self.one.votes // self.why.vote_parts

    @property
    def is_exact(self) -> bool:
        """Whether one euro or one ballot less than all that is said to be enough was not."""
        probe = self.probe or Probe(cheaper=Change(), more_votes=Change())
        found = ((probe.cheaper, UNIT_CENTS), (probe.more_votes, 1))
        return all(one.enough is None or one.enough - one.too_little == step for one, step in found)

    @property
    def is_in_line(self) -> bool:
        """Whether plans had their turn one by one."""
        return self.why.method in IN_LINE

    @property
    def ties_by_votes(self) -> bool:
        """Whether a tie was one of votes."""
        return self.why.method is Method.MOST_VOTES or not self.is_in_line

    @property
    def price_cents(self) -> int:
        """The most that one voter paid, rounded."""
        return round(self.why.price or Fraction(0))

    @property
    def supporters_cents(self) -> int | None:
        """What its voters had left in the end, rounded; None where they had no money of their own."""
        return round(self.why.missed.supporters_cents) if self.why.missed else None

    @property
    def plans(self) -> Mapping[int, PlanName]:
        """The other plans by id."""
        return {name.id: name for name in self.names}
