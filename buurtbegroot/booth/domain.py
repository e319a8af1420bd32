"""The plans that a visitor has chosen so far, and what still fits beside them; the cookie is read elsewhere."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from buurtbegroot.box.domain.manifest import BallotPaper
from buurtbegroot.core.ballots import Invalidity, Reason, invalidities, withdrawn_choices
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Limits


@dataclass(frozen=True)
class Basket:
    """The chosen plans, as ids in the order of choosing, against the rules of the ballot paper.

    Nobody can choose the `withdrawn` plans any more.
    """

    paper: BallotPaper
    choices: tuple[int, ...]
    withdrawn: frozenset[int] = frozenset()

    @cached_property
    def plans(self) -> list[Plan]:
        """The chosen plans in the order of choosing; ids that are not on the ballot are left out."""
        known = self.paper.by_id
        return [known[choice] for choice in self.choices if choice in known]

    @property
    def costs(self) -> list[int]:
        """What each chosen plan costs, in cents."""
        return [plan.cost_cents for plan in self.plans]

    @property
    def spent_cents(self) -> int:
        """What the chosen plans cost together."""
        return sum(self.costs)

    @property
    def limits(self) -> Limits:
        """The bounds on the whole ballot."""
        return self.paper.rules.ballot.whole

    @cached_property
    def faults(self) -> tuple[Invalidity, ...]:
        """Every reason why this is no valid ballot yet."""
        gone = withdrawn_choices(self.choices, self.withdrawn)
        return gone + invalidities(self.choices, self.paper.rules.ballot, self.paper.plans)

    def obstacle(self, plan: Plan) -> Invalidity | None:
        """Return why this plan cannot be added, or None when it can; other faults do not count here."""
        if plan.id in self.withdrawn:
            return Invalidity(Reason.WITHDRAWN_PLAN, plan.id)
        return next(
            (fault for limits, group in self._bounds(plan) for fault in self._beyond(plan, limits, group)), None
        )

    def with_plan(self, plan_id: int) -> "Basket":
        """Return the basket with a plan added."""
        return replace(self, choices=(*self.choices, plan_id))

    def without(self, plan_id: int) -> "Basket":
        """Return the basket with a plan taken out."""
        return replace(self, choices=tuple(choice for choice in self.choices if choice != plan_id))

    def _bounds(self, plan: Plan) -> Iterator[tuple[Limits, str | None]]:
        ballot = self.paper.rules.ballot
        yield ballot.whole, None
        group = plan.group(ballot.grouping)
        if group is not None and group in ballot.per_group:
            yield ballot.per_group[group], group

    def _beyond(self, plan: Plan, limits: Limits, group: str | None) -> Iterator[Invalidity]:
        number, cents = self._inside(group)
        if limits.max_choices is not None and number + 1 > limits.max_choices:
            yield Invalidity(Reason.TOO_MANY, plan.id, group, limit=limits.max_choices, chosen=number + 1)
        if limits.max_cost_cents is not None and cents + plan.cost_cents > limits.max_cost_cents:
            yield Invalidity(Reason.TOO_DEAR, plan.id, group, limits.max_cost_cents, cents + plan.cost_cents)

    def _inside(self, group: str | None) -> tuple[int, int]:
        """Return how many chosen plans are in a group (None: all) and what they cost together."""
        if group not in self._sums:
            grouping = self.paper.rules.ballot.grouping
            costs = [plan.cost_cents for plan in self.plans if group is None or plan.group(grouping) == group]
            self._sums[group] = len(costs), sum(costs)
        return self._sums[group]

    @cached_property
    def _sums(self) -> dict[str | None, tuple[int, int]]:
        return {}


def basket_of(paper: BallotPaper, choices: Iterable[int], *, withdrawn: Collection[int] = ()) -> Basket:
    """Return a basket without plans that are not on the ballot and with each plan once.

    Plans that were withdrawn stay in it until the visitor takes them out, so that they are missed.
    """
    known = tuple(choice for choice in dict.fromkeys(choices) if choice in paper.by_id)
    return Basket(paper, known, frozenset(withdrawn))
