"""When a ballot is valid and, if not, why; how it is published and hashed. Casting and sealing happen elsewhere."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from buurtbegroot.core.canonical import digest
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import BallotRules, Limits

Choices = tuple[int, ...]
"""The ids of the plans on a ballot."""


class Ballot(NamedTuple):
    """A counted ballot as it is published: `choices` are canonical JSON."""

    tracker: bytes
    choices: bytes
    blind: bytes


class Reason(StrEnum):
    """Why a ballot is invalid."""

    UNKNOWN_PLAN = "unknown_plan"
    WITHDRAWN_PLAN = "withdrawn_plan"
    REPEATED_PLAN = "repeated_plan"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TOO_DEAR = "too_dear"


@dataclass(frozen=True, slots=True)
class Invalidity:
    """One reason: the plan it is about, or the bound and what was chosen (plans, or cents if too dear).

    `group` is the theme or area whose bound it is, None for a bound on the whole ballot.
    """

    reason: Reason
    plan: int | None = None
    group: str | None = None
    limit: int = 0
    chosen: int = 0

    @property
    def by(self) -> int:
        """By how many plans, or cents if too dear, the bound is missed."""
        return abs(self.chosen - self.limit)


def ballot_leaf(tracker: bytes, choices: bytes, blind: bytes, *, round_id: bytes, manifest: bytes) -> bytes:
    """Return what stands in the list of leaves for a ballot, 32 bytes; `blind` hides the choices until opened."""
    return digest("v2/ballot", round_id, manifest, tracker, choices, blind)


def canonical_choices(choices: Iterable[int]) -> Choices:
    """Return the choices in the one order in which they are sealed, hashed and published: rising."""
    return tuple(sorted(choices))


def invalidities(choices: Iterable[int], rules: BallotRules, plans: Sequence[Plan]) -> tuple[Invalidity, ...]:
    """Return every reason why these choices are no valid ballot; none means valid.

    Any integers will do as choices. Bounds are measured on the known plans, each taken once.
    """
    times = Counter(choices)
    known = {plan.id for plan in plans}
    chosen = [plan for plan in plans if plan.id in times]
    found = [Invalidity(Reason.UNKNOWN_PLAN, plan=plan) for plan in sorted(times.keys() - known)]
    found += [Invalidity(Reason.REPEATED_PLAN, plan=plan) for plan in sorted(times) if times[plan] > 1]
    found += _beyond(rules.whole, chosen, group=None)
    for name, limits in sorted(rules.per_group.items()):
        inside = [plan for plan in chosen if plan.group(rules.grouping) == name]
        found += _beyond(limits, inside, group=name)
    return tuple(found)


def withdrawn_choices(choices: Iterable[int], withdrawn: Container[int]) -> tuple[Invalidity, ...]:
    """Return what keeps a new ballot with these choices out of the box: plans that can no longer win.

    A ballot that was cast before stays valid, so this is asked only when one is cast.
    """
    gone = sorted({plan for plan in choices if plan in withdrawn})
    return tuple(Invalidity(Reason.WITHDRAWN_PLAN, plan=plan) for plan in gone)


def _beyond(limits: Limits, chosen: Sequence[Plan], *, group: str | None) -> Iterator[Invalidity]:
    number, cost = len(chosen), sum(plan.cost_cents for plan in chosen)
    if number < limits.min_choices:
        yield Invalidity(Reason.TOO_FEW, group=group, limit=limits.min_choices, chosen=number)
    if limits.max_choices is not None and number > limits.max_choices:
        yield Invalidity(Reason.TOO_MANY, group=group, limit=limits.max_choices, chosen=number)
    if limits.max_cost_cents is not None and cost > limits.max_cost_cents:
        yield Invalidity(Reason.TOO_DEAR, group=group, limit=limits.max_cost_cents, chosen=cost)
