"""The rounds in which voters bought plans, with money and votes as a page writes them; all from the trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from buurtbegroot.core.methods import Method
from buurtbegroot.core.tally.trace import Outcome, Purchase, Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """One round: `payers` voters pay `price_cents`, `others` pay `others_cents` together; whole cents, rounded."""

    number: int
    plan: int
    payers: int
    price_cents: int
    others: int
    others_cents: int
    left_cents: int
    tie: Tie | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Start money from one amount to another that gives the same plans, and what these cost together; in cents."""

    from_cents: int
    to_cents: int
    steps: int
    spent_cents: int
    is_too_much: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raises:
    """How the start money of each voter grew, in cents: `steps` times, to the last amount that kept to the budget."""

    start_cents: int
    end_cents: int
    steps: int
    rows: Sequence[Raise]

    @property
    def ended_by_budget(self) -> bool:
        """Whether one step more would have cost more than there is."""
        return self.rows[-1].is_too_much


def was_replaced(outcome: Outcome) -> bool:
    """Tell whether the outcome by most votes took the place of this one."""
    return outcome.preference is not None and outcome.preference.chosen is Method.MOST_VOTES


def round_rows(outcome: Outcome) -> list[RoundRow]:
    """Return the rounds that led to this outcome."""
    return [] if was_replaced(outcome) else [_row(one, outcome.vote_parts) for one in outcome.rounds]


def raises_of(outcome: Outcome) -> Raises | None:
    """Return how the start money grew, None for an outcome without."""
    if not outcome.endowments:
        return None
    rows = [
        Raise(
            from_cents=whole(one.first),
            to_cents=whole(one.last),
            steps=one.steps,
            spent_cents=one.spent_cents,
            is_too_much=one.spent_cents > outcome.budget_cents,
        )
        for one in outcome.endowments
    ]
    held = [row for row in rows if not row.is_too_much]
    steps = sum(row.steps for row in held) - 1
    return Raises(start_cents=rows[0].from_cents, end_cents=held[-1].to_cents, steps=steps, rows=rows)


def whole(cents: Fraction) -> int:
    """Round an exact amount to whole cents, for reading."""
    return round(cents)


def _row(one: Purchase, parts: int) -> RoundRow:
    return RoundRow(
        number=one.number,
        plan=one.plan,
        payers=one.in_full // parts,
        price_cents=whole(one.price),
        others=one.with_rest // parts,
        others_cents=whole(one.rest_cents),
        left_cents=whole(one.left_cents),
        tie=one.tie,
    )
