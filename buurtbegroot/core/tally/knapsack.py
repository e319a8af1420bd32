"""The best set of items that a budget pays for, exactly: a search over undominated sets with an upper bound."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

MOST_SETS = 3_000_000
"""How many partial sets a search may look at before it gives up, which takes about half a minute."""


class TooHardError(RuntimeError):
    """The optimum was not found within the bounds of the search; there is no answer then, not even a near one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to take or leave, of positive value and with a cost of 0 or more.

    `caps` are the groups it is in, each with a capacity; `needs` the ids without which it cannot be taken.
    """

    index: int
    id: int
    cost: int
    value: int
    caps: tuple[tuple[Hashable, Hashable, int], ...] = ()
    needs: frozenset[int] = frozenset()


class _Set(NamedTuple):
    """Some of the items looked at so far: cost, minus their value, the items as bits, and cost in each capped group.

    The order of the fields sorts sets by cost, then the best first.
    """

    cost: int
    loss: int
    taken: int
    spent: tuple[int, ...]


def best_set(items: Iterable[Item], budget: int, *, incompatible: Iterable[Iterable[int]] = ()) -> list[int]:
    """Return the indexes of the items of greatest total value, in the order of value for each cent.

    Raises TooHardError after `MOST_SETS` sets. If several sets have the greatest value any of them is returned.

    Items are taken in by falling value for each cent. Of the sets that leave the same freedom to the items
    to come (what caps have left, which rivals and needed items are in) only those stay that no other one
    beats at no more cost (Nemhauser and Ullmann 1969), and of these only those that could still beat the best
    set known if what is left of the budget were filled with the next items, the last in part (Dantzig 1957).
    """
    return _Search(_obtainable(items, budget), budget, [frozenset(group) for group in incompatible]).best()


def _obtainable(items: Iterable[Item], budget: int) -> list[Item]:
    """The items that fit and do not need one that is not there, by falling value for each cent."""
    kept = [item for item in items if item.cost <= budget]
    while missing := [item for item in kept if not item.needs <= {other.id for other in kept}]:
        kept = [item for item in kept if item not in missing]
    return sorted(kept, key=lambda item: (item.cost > 0, Fraction(-item.value, item.cost or 1)))


class _Search:
    def __init__(self, items: Sequence[Item], budget: int, incompatible: Sequence[frozenset[int]]) -> None:
        self.items = items
        self.budget = budget
        self.costs = [0, *accumulate(item.cost for item in items)]
        self.values = [0, *accumulate(item.value for item in items)]
        bit = {item.id: 1 << place for place, item in enumerate(items)}
        self.bits = list(bit.values())
        self.rivals = [0] * len(items)
        self.needs = [sum(bit[other] for other in item.needs) for item in items]
        self.needed_by = [sum(bit[other.id] for other in items if item.id in other.needs) for item in items]
        for place, item in enumerate(items):
            for group in incompatible:
                if item.id in group:
                    self.rivals[place] |= sum({bit[other] for other in group - {item.id} if other in bit})
        caps = sorted({cap for item in items for cap in item.caps}, key=repr)
        self.room = [capacity for _, _, capacity in caps]
        self.caps = [[caps.index(cap) for cap in item.caps] for item in items]
        self.linked = [self._linked(place) for place in range(len(items) + 1)]
        self.best_known = _Set(0, 0, 0, (0,) * len(caps))
        self.looked_at = 0

    def _linked(self, place: int) -> tuple[int, tuple[int, ...]]:
        """The items before `place`, as bits, and the caps that matter to the items from there on."""
        later = range(place, len(self.items))
        tied = [self.rivals[other] | self.needs[other] | self.needed_by[other] for other in later]
        items = 0
        for links in tied:
            items |= links
        return items & ((1 << place) - 1), tuple(sorted({cap for other in later for cap in self.caps[other]}))

    def best(self) -> list[int]:
        """Return the indexes of the items of the best set."""
        groups: dict[Hashable, list[_Set]] = {0: [self.best_known]}
        for place in range(len(self.items)):
            grown: defaultdict[Hashable, list[_Set]] = defaultdict(list)
            for sets in groups.values():
                self._grow(sets, place, grown)
            groups = {freedom: self._worth_keeping(sets, place + 1) for freedom, sets in grown.items()}
            self._count(groups.values())
            self._complete_one(groups.values(), place + 1)
        for sets in groups.values():
            self.best_known = min([self.best_known, *sets], key=lambda one: one.loss)
        return [item.index for item, bit in zip(self.items, self.bits, strict=True) if bit & self.best_known.taken]

    def _count(self, groups: Iterable[Sequence[_Set]]) -> None:
        self.looked_at += sum(map(len, groups))
        if self.looked_at > MOST_SETS:
            raise TooHardError(f"no optimum among {len(self.items)} plans within {MOST_SETS} partial sets")

    def _grow(self, sets: Sequence[_Set], place: int, grown: defaultdict[Hashable, list[_Set]]) -> None:
        """Sort each set into `grown`, both without and with the next item, by the freedom that it leaves."""
        items, caps = self.linked[place + 1]
        with_it = (self._with(one, place) for one in sets)
        without = (one for one in sets if not one.taken & self.needed_by[place])
        for these in (without, with_it):
            for one in these:
                if one is not None:
                    grown[one.taken & items, tuple(one.spent[cap] for cap in caps)].append(one)

    def _with(self, one: _Set, place: int) -> _Set | None:
        item, bit = self.items[place], self.bits[place]
        cost = one.cost + item.cost
        needed = self.needs[place] & (bit - 1)
        if cost > self.budget or one.taken & self.rivals[place] or one.taken & needed != needed:
            return None
        spent = one.spent
        if self.caps[place]:
            spent = tuple(cents + item.cost * (cap in self.caps[place]) for cap, cents in enumerate(one.spent))
            if any(spent[cap] > self.room[cap] for cap in self.caps[place]):
                return None
        return _Set(cost, one.loss - item.value, one.taken | bit, spent)

    def _worth_keeping(self, sets: list[_Set], place: int) -> list[_Set]:
        sets.sort()
        kept, least = [], 1
        for one in sets:
            if one.loss < least:
                least = one.loss
                if self._at_best(one, place) < self.best_known.loss or one is self.best_known:
                    kept.append(one)
        return kept

    def _at_best(self, one: _Set, place: int) -> int:
        """A bound: no set that goes on from this one loses less than this (has more value)."""
        reach = self.costs[place] + self.budget - one.cost
        end = bisect_right(self.costs, reach, lo=place) - 1
        loss = one.loss - (self.values[end] - self.values[place])
        if end < len(self.items):
            item = self.items[end]
            loss -= (reach - self.costs[end]) * item.value // item.cost
        return loss

    def _complete_one(self, groups: Iterable[Sequence[_Set]], place: int) -> None:
        """Fill the most promising set with all that still fits: it may be the best one known."""
        sets = [one for group in groups for one in group]
        if not sets:
            return
        one = min(sets, key=lambda some: self._at_best(some, place))
        for later in range(place, len(self.items)):
            grown = self._with(one, later)
            # An item that needs a later one waits in vain here; only the search itself goes into that.
            if grown is not None and self.needs[later] & ~grown.taken == 0:
                one = grown
        if one.loss < self.best_known.loss and self._is_whole(one):
            self.best_known = one

    def _is_whole(self, one: _Set) -> bool:
        return all(self.needs[place] & ~one.taken == 0 for place, bit in enumerate(self.bits) if bit & one.taken)
