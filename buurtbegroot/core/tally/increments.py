"""The start money of the Method of Equal Shares, raised run by run until the declared stop."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil

import numpy as np

from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.methods import EqualShares, Start, Stop
from buurtbegroot.core.tally.market import Market, Path
from buurtbegroot.core.tally.trace import Endowments

RUNS_MAX = 1_000_000
"""More runs than any vote known needs: beyond it the parameters are absurd and the count ends with an error."""

PACE = 16
"""The size of a step in the unit that jumps over steps are measured in, so that a jump can be less than a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What every vote starts with in run 0, 1, 2, …, in cents: `first`, then `base` plus run x `step`."""

    first: Fraction
    base: Fraction
    step: Fraction

    def endowment(self, run: int) -> Fraction:
        """Return the start money of a run."""
        return self.base + run * self.step if run else self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Consecutive runs, first and last included, that buy the same plans in the same order."""

    first: int
    last: int
    bought: tuple[int, ...]


def schedule(market: Market, shares: EqualShares, budget_cents: int) -> Schedule:
    """Return the schedule for this money; where voters bring start money of their own, the first raise is 0.

    Raises ValueError when that is more than the budget.
    """
    votes = int(market.profile.votes.sum())
    share = Fraction(budget_cents * market.profile.parts, votes) if votes else Fraction(0)
    unit = shares.unit_cents
    whole = Fraction(share // unit * unit)
    first = whole if shares.start is Start.WHOLE else share
    base = share if shares.start is Start.SHARE else whole
    part = shares.step_share
    step = Fraction(shares.step_cents or 0) if part is None else first * Fraction(part.num, part.den)
    if market.profile.money is not None:
        own = zip(market.profile.votes.tolist(), market.profile.money, strict=True)
        if sum(votes * money for votes, money in own) > budget_cents * market.profile.parts:
            raise ValueError("the voters start with more money than the budget")
        first = base = Fraction(0)
    return Schedule(first=first, base=base, step=step)


def spans(market: Market, path: Path, plan: Schedule, *, budget_cents: int, stop: Stop) -> tuple[Span, ...]:
    """Return what the runs buy, as long as increments go on; only the last span may cost more than the budget.

    Costs don't rise steadily with the start money, so no run may be passed over unseen. What may be is a
    range that `Path.same_between` certifies: it is doubled at each success and quartered at each failure.
    Increments end at the stop, when all for sale is bought under `Stop.OVERSPENT`, and when everybody can pay
    everything, as more money changes nothing then. Raises ValueError after `RUNS_MAX` runs.
    """
    last = _last_run(market, plan)
    found = [Span(first=0, last=0, bought=path.bought(market, plan.endowment(0)))]
    pace = PACE
    for _ in range(RUNS_MAX):
        now = found[-1]
        if now.last >= last or ends(market, now.bought, budget_cents=budget_cents, stop=stop):
            return tuple(found)
        jump = min(pace // PACE, last - now.last)
        if jump > 1:
            low, high = plan.endowment(now.last), plan.endowment(now.last + jump)
            same = path.same_between(market, now.bought, low, high=high)
            jump = jump if same else 0
        else:
            jump, bought = 1, path.bought(market, plan.endowment(now.last + 1))
            same = bought == now.bought
            if not same:
                found.append(Span(first=now.last + 1, last=now.last + 1, bought=bought))
        if same:
            found[-1] = Span(first=now.first, last=now.last + jump, bought=now.bought)
        pace = pace * 2 if same else max(1, pace // 4)
    raise ValueError(f"the increments have not ended after {RUNS_MAX} runs: take larger steps")


def _last_run(market: Market, plan: Schedule) -> int:
    """Return the first run in which every vote has what it would pay for all its plans if nobody ever ran dry.

    That is at most, for each plan, its cost x the most points of one vote / the points of all.
    """
    if not plan.step:
        return 0
    profile = market.profile
    together, most = np.array(profile.totals()), np.ones(len(market.costs), dtype=np.int64)
    if market.by_points and profile.points is not None:
        together[:] = 0
        np.add.at(together, profile.choices, np.repeat(profile.votes, np.diff(profile.starts)) * profile.points)
        np.maximum.at(most, profile.choices, profile.points)
    enough = sum(
        (Fraction(market.costs[one] * profile.parts * int(most[one]), int(together[one])) for one in market.for_sale),
        Fraction(0),
    )
    return max(0, ceil((enough - plan.base) / plan.step))


def ends(market: Market, bought: tuple[int, ...], *, budget_cents: int, stop: Stop) -> bool:
    """Tell whether increments end with a run that bought these plans."""
    left = budget_cents - cost_of(market, bought)
    others = market.for_sale - set(bought)
    if left < 0 or not others:
        return True
    return stop is Stop.EXHAUSTIVE and not any(
        market.costs[plan] <= left and market.allows(plan, beside=bought) for plan in others
    )


def cost_of(market: Market, bought: tuple[int, ...]) -> int:
    """Return what these plans cost together, in cents."""
    return sum(market.costs[plan] for plan in bought)


def endowments(market: Market, plan: Schedule, found: tuple[Span, ...]) -> Iterator[Endowments]:
    """Yield the spans as the trace has them: in whatever order they are bought, the same plans are one outcome."""
    for bought, alike in groupby(found, key=lambda span: sorted(span.bought)):
        together = list(alike)
        first, last = together[0].first, together[-1].last
        yield Endowments(
            first=plan.endowment(first),
            last=plan.endowment(last),
            steps=last - first + 1,
            spent_cents=cost_of(market, tuple(bought)),
            winners=digest("v1/winners", canonical_json([market.profile.plans[one] for one in bought])).hex(),
        )
