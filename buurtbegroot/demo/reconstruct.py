"""Plausible ballots for a vote of which only the totals are published; the published totals are data.

Every plan gets exactly its published number of votes and every ballot is legal; who chose what is invented.
Three steps: *place* each plan with the voters who have most room left (hardest plan first), *repair* the few
ballots that came out illegal, then *shuffle*, so that ballots differ as people do. Repairing and shuffling
use one move: two voters lay the plans that one of them chose on a pile and deal it again; no total changes.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

Room = list[int]
Hand = tuple[set[int], Room]

_SHUFFLES = 4
_TRIES_PER_BALLOT = 400


class ImpossibleTotals(ValueError):  # noqa: N818
    """No legal ballots with these totals exist, or none were found."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan on the ballot with its published total; ``group`` is its theme or area, for limits by group."""

    id: int
    cost_cents: int
    votes: int
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ballot may hold; None means no limit, groups that are not named have none either."""

    min_choices: int = 1
    max_choices: int | None = None
    max_cost_cents: int | None = None
    group_max_choices: Mapping[str, int] = field(default_factory=dict)
    group_max_cost_cents: Mapping[str, int] = field(default_factory=dict)


def reconstruct(plans: Iterable[Plan], *, voters: int, limits: Limits, seed: int) -> list[tuple[int, ...]]:
    """One ballot for every voter, as plan ids in the order of ``plans``; the same seed, the same ballots.

    Raises ImpossibleTotals when the totals cannot be reached, or when the search for them fails.
    """
    listed = list(plans)
    _check_totals(listed, voters, limits)
    table = _Table(listed, voters=voters, limits=limits, rng=Random(seed))
    table.place()
    table.repair()
    for _ in range(_SHUFFLES):
        table.shuffle()
    return [tuple(listed[plan].id for plan in sorted(ballot)) for ballot in table.ballots]


def _check_totals(plans: Sequence[Plan], voters: int, limits: Limits) -> None:
    """Refuse at once what simple sums exclude."""
    for plan in plans:
        if not 0 <= plan.votes <= voters:
            raise ImpossibleTotals(f"plan {plan.id} has {plan.votes} votes, with {voters} voters")
    if sum(plan.votes for plan in plans) < voters * limits.min_choices:
        raise ImpossibleTotals(f"too few votes for {voters} ballots of at least {limits.min_choices} plans")
    for weights, cap in _caps(plans, limits):
        taken = [(weight, plan.votes) for weight, plan in zip(weights, plans, strict=True)]
        if sum(weight * votes for weight, votes in taken) > voters * cap:
            raise ImpossibleTotals(f"the votes together exceed {voters} times the limit {cap}")
        if any(weight > cap and votes for weight, votes in taken):
            raise ImpossibleTotals(f"a plan with votes exceeds the limit {cap} by itself")


def _caps(plans: Sequence[Plan], limits: Limits) -> list[tuple[list[int], int]]:
    """Each upper limit as (what every plan takes of it, the limit); the number of plans comes first."""
    ones = [1] * len(plans)
    costs = [plan.cost_cents for plan in plans]

    def within(group: str, weights: list[int]) -> list[int]:
        return [weight if plan.group == group else 0 for plan, weight in zip(plans, weights, strict=True)]

    caps = [(ones, len(plans) if limits.max_choices is None else limits.max_choices)]
    if limits.max_cost_cents is not None:
        caps.append((costs, limits.max_cost_cents))
    caps += [(within(group, ones), cap) for group, cap in limits.group_max_choices.items()]
    caps += [(within(group, costs), cap) for group, cap in limits.group_max_cost_cents.items()]
    return caps


class _Table:
    """The ballots in the making, as sets of positions in the list of plans, and the room left on each."""

    def __init__(self, plans: Sequence[Plan], *, voters: int, limits: Limits, rng: Random) -> None:
        caps = _caps(plans, limits)
        self.rng = rng
        self.votes = [plan.votes for plan in plans]
        self.caps = [cap for _, cap in caps]
        self.weights = [
            [(cap, weights[plan]) for cap, (weights, _) in enumerate(caps) if weights[plan]]
            for plan in range(len(plans))
        ]
        self.min_choices = limits.min_choices
        self.ballots: list[set[int]] = [set() for _ in range(voters)]
        self.room: list[Room] = [list(self.caps) for _ in range(voters)]

    def place(self) -> None:
        """Give each plan to the voters with most room for it, the plan that takes the largest part first."""
        order = list(range(len(self.ballots)))
        self.rng.shuffle(order)
        for plan in sorted(range(len(self.votes)), key=self._share, reverse=True):
            order.sort(key=[self._fullness(plan, room) for room in self.room].__getitem__)
            for voter in order[: self.votes[plan]]:
                self.ballots[voter].add(plan)
                self._take(plan, self.room[voter])

    def repair(self) -> None:
        """Deal between a voter with an illegal ballot and anyone else, until every ballot is legal."""
        queue = deque(voter for voter in range(len(self.ballots)) if self._badness(voter))
        tries = _TRIES_PER_BALLOT * (len(queue) + 10)
        while queue and tries:
            tries -= 1
            first, second = queue.popleft(), self.rng.randrange(len(self.ballots))
            second_was_good = not self._badness(second)
            if first != second:
                self._deal(first, second)
            if second_was_good and self._badness(second):
                queue.append(second)
            if self._badness(first):
                queue.append(first)
        if queue:
            raise ImpossibleTotals(f"{len(queue)} of {len(self.ballots)} ballots could not be made legal")

    def shuffle(self) -> None:
        """Deal once between the two voters of every random pair."""
        order = list(range(len(self.ballots)))
        self.rng.shuffle(order)
        for first, second in zip(order[::2], order[1::2], strict=False):
            self._deal(first, second)

    def _deal(self, first: int, second: int) -> None:
        """Deal the plans that one of two voters chose again, with a random preference for one of them.

        A plan that does not fit goes to the other voter. The deal only stands when it makes the two no worse.
        """
        hands = self._hands(self.ballots[first], self.ballots[second])
        before = self._badness(first) + self._badness(second)
        after = sum(self._how_bad(hand, room) for hand, room in hands)
        if after <= before:
            for voter, (hand, room) in zip((first, second), hands, strict=True):
                self.ballots[voter], self.room[voter] = hand, room

    def _hands(self, first: set[int], second: set[int]) -> tuple[Hand, Hand]:
        shared = first & second
        room = self._room_beside(shared)
        one, other = (set(shared), room), (shared, list(room))
        lean = self.rng.random()
        pile = sorted(first ^ second)
        self.rng.shuffle(pile)
        for plan in pile:
            liked, rest = (one, other) if self.rng.random() < lean else (other, one)
            hand, left = rest if not self._fits(plan, liked[1]) and self._fits(plan, rest[1]) else liked
            hand.add(plan)
            self._take(plan, left)
        return one, other

    def _room_beside(self, ballot: set[int]) -> Room:
        """What is left of every cap once these plans are chosen."""
        room = list(self.caps)
        for plan in ballot:
            self._take(plan, room)
        return room

    def _take(self, plan: int, room: Room) -> None:
        for cap, weight in self.weights[plan]:
            room[cap] -= weight

    def _fits(self, plan: int, room: Room) -> bool:
        return all(room[cap] >= weight for cap, weight in self.weights[plan])

    def _share(self, plan: int) -> float:
        """The largest part of a cap that a plan takes by itself."""
        return max(weight / (self.caps[cap] or 1) for cap, weight in self.weights[plan])

    def _fullness(self, plan: int, room: Room) -> float:
        """How far the fullest cap that a plan touches is used on a ballot."""
        return max(1 - room[cap] / (self.caps[cap] or 1) for cap, _ in self.weights[plan])

    def _badness(self, voter: int) -> float:
        return self._how_bad(self.ballots[voter], self.room[voter])

    def _how_bad(self, hand: set[int], room: Room) -> float:
        """Zero for a legal ballot; else by how much it breaks the limits, each in parts of the limit."""
        bad = max(0, self.min_choices - len(hand)) / (self.min_choices or 1)
        if min(room) < 0:
            bad -= sum(left / cap for left, cap in zip(room, self.caps, strict=True) if left < 0)
        return bad
