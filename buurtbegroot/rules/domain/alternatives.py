"""What other rules give beside those of a round, or beside those that are drafted; pure, it counts nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from buurtbegroot.core.methods import Method
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.comparing import RuleName, WhatIf, group_cents


class Named(NamedTuple):
    """How a page names a plan of the vote, in which language, its theme and its buurt; "" for in none."""

    title: str
    theme: str
    buurt: str
    language: str = ""


class Award(NamedTuple):
    """A plan by its title with the cents that it gets."""

    title: str
    cents: int


class GroupRow(NamedTuple):
    """The cents that go to a theme or a buurt by a rule, and by the one it is laid beside; "" is for in none."""

    name: str
    cents: int
    own_cents: int


@dataclass(frozen=True)
class Alternative:
    """What one rule gives, beside what the own rule gives; the own one is among them."""

    name: RuleName
    what_if: WhatIf
    own: WhatIf
    plans: Mapping[int, Named]

    @property
    def is_own(self) -> bool:
        """Whether this is the rule that the others are laid beside."""
        return self.what_if is self.own

    @property
    def is_same(self) -> bool:
        """Whether the same plans get the same money."""
        return self.what_if.funded == self.own.funded

    @property
    def gained(self) -> list[Award]:
        """The plans that get money only by this rule, the most first."""
        return self._only(self.what_if, self.own)

    @property
    def lost(self) -> list[Award]:
        """The plans that get money only by the own rule, the most first."""
        return self._only(self.own, self.what_if)

    @property
    def changed(self) -> list[tuple[str, int, int]]:
        """The plans that get money by both rules but not as much: title and cents, by this rule and by the own one."""
        here, there = self.what_if.funded, self.own.funded
        both = (plan for plan, cents in here.items() if there.get(plan, cents) != cents and int(plan) in self.plans)
        return sorted((self.plans[int(plan)].title, here[plan], there[plan]) for plan in both)

    @property
    def groups(self) -> dict[Grouping, list[GroupRow]]:
        """The money per theme and per buurt; without rows where all plans are in one group."""
        return {
            Grouping.THEME: self._rows({plan: named.theme for plan, named in self.plans.items()}),
            Grouping.AREA: self._rows({plan: named.buurt for plan, named in self.plans.items()}),
        }

    def _only(self, one: WhatIf, other: WhatIf) -> list[Award]:
        found = (
            Award(self.plans[int(plan)].title, cents)
            for plan, cents in one.funded.items()
            if plan not in other.funded and int(plan) in self.plans
        )
        return sorted(found, key=lambda award: (-award.cents, award.title))

    def _rows(self, groups: Mapping[int, str]) -> list[GroupRow]:
        """Return the groups with money, those to which the rule matters most first."""
        here, there = group_cents(self.what_if.funded, groups), group_cents(self.own.funded, groups)
        rows = [GroupRow(name, here[name], there[name]) for name in there if here[name] or there[name]]
        ordered = sorted(rows, key=lambda row: (-abs(row.cents - row.own_cents), -row.cents, row.name))
        return ordered if len(there) > 1 else []


@dataclass(frozen=True, kw_only=True)
class WhatIfs:
    """All rules that were compared, the own one first, the one that is shown in full, and those left out.

    `ballots` is how many votes were counted. With `is_drafted` the own rules are those that someone is choosing now,
    tried on an earlier vote.
    """

    all: Sequence[Alternative]
    asked: str
    ballots: int
    too_long: Sequence[str]
    is_drafted: bool = False

    @property
    def shown(self) -> Alternative | None:
        """The rule asked for, else most votes beside equal shares or equal shares beside the others, else any."""
        others = {one.name.value: one for one in self.all if not one.is_own}
        own = next((one.what_if.counting for one in self.all if one.is_own), None)
        usual = RuleName.SKIP if own and own.method is Method.EQUAL_SHARES else RuleName.EQUAL_SHARES
        return others.get(self.asked) or others.get(usual) or next(iter(others.values()), None)

    @property
    def by_totals(self) -> bool:
        """Whether no more was known than how many votes each plan has."""
        return all(one.what_if.sums is None for one in self.all)


def alternatives(
    stored: Mapping[str, WhatIf], *, own: CountingRules, plans: Mapping[int, Named]
) -> Iterator[Alternative]:
    """Yield the rules that were compared, `own` first; `plans` are those on the ballot."""
    real = next(one for one in stored.values() if one.counting == own)
    for name in sorted(RuleName, key=lambda name: stored.get(name) is not real):
        if name in stored:
            yield Alternative(name, stored[name], real, plans)
