"""What other rules would have given in a counted round, as the result page tells it; it counts nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.tally.comparing import RuleName, WhatIf, group_cents
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.results.outcome import Result
from buurtbegroot.rounds.models import Theme


class Award(NamedTuple):
    """A plan by its id with the cents that it gets."""

    plan: int
    cents: int


class GroupRow(NamedTuple):
    """The cents that go to a theme or a buurt by a rule, and by the real one; "" is the name for in none."""

    name: str
    cents: int
    real_cents: int


@dataclass(frozen=True)
class Alternative:
    """What one rule gives, beside what the real one gave; the real one is among them."""

    name: RuleName
    what_if: WhatIf
    real: WhatIf
    groups: Mapping[Grouping, Sequence[GroupRow]]

    @property
    def is_real(self) -> bool:
        """Whether this is the rule of the round."""
        return self.what_if is self.real

    @property
    def is_same(self) -> bool:
        """Whether the same plans get the same money."""
        return self.what_if.funded == self.real.funded

    @property
    def gained(self) -> list[Award]:
        """The plans that get money only by this rule."""
        return _only(self.what_if, self.real)

    @property
    def lost(self) -> list[Award]:
        """The plans that get money only in reality."""
        return _only(self.real, self.what_if)


@dataclass(frozen=True)
class WhatIfs:
    """All rules that were compared, the real one first, the one that is shown in full, and those left out."""

    all: Sequence[Alternative]
    shown: Alternative | None
    too_long: Sequence[str]


def what_ifs(session: Session, result: Result, *, asked: str) -> WhatIfs:
    """Return the rules that were compared when the round was counted; one query.

    The rule asked for is shown, else equal shares, else the first that is not the real one.
    """
    groups = _groups(session, result)
    found = list(_alternatives(result, groups))
    others = {one.name.value: one for one in found if not one.is_real}
    shown = others.get(asked) or others.get(RuleName.EQUAL_SHARES) or next(iter(others.values()), None)
    return WhatIfs(found, shown, result.figures.too_long)


def _alternatives(result: Result, groups: Mapping[Grouping, Mapping[int, str]]) -> Iterator[Alternative]:
    stored = result.figures.what_if
    own = result.rules.counting
    # An older version kept the three rest rules without their other parameters, and the real one is one of them.
    real = next((one for one in stored.values() if one.counting == own), None) or stored[own.rest]
    ordered = sorted(RuleName, key=lambda name: stored.get(name) is not real)
    for name in ordered:
        if name in stored:
            rows = {grouping: _rows(stored[name], real, inside) for grouping, inside in groups.items()}
            yield Alternative(name, stored[name], real, rows)


def _groups(session: Session, result: Result) -> dict[Grouping, dict[int, str]]:
    """Return the theme and the buurt of each plan on the ballot."""
    named = (
        select(Proposal.id, Theme.name, Area.name)
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .outerjoin(Area, Area.code == Proposal.buurt_code)
        .where(Proposal.round_id == result.round.id)
    )
    rows = [row for row in session.execute(named) if row[0] in result.plans]
    return {
        Grouping.THEME: {plan: theme or "" for plan, theme, _ in rows},
        Grouping.AREA: {plan: buurt or "" for plan, _, buurt in rows},
    }


def _rows(what_if: WhatIf, real: WhatIf, groups: Mapping[int, str]) -> list[GroupRow]:
    """Return the groups with money, by how much the rule matters to them, the most first; none below two groups."""
    here, there = group_cents(what_if.funded, groups), group_cents(real.funded, groups)
    rows = [GroupRow(name, here[name], there[name]) for name in there if here[name] or there[name]]
    return (
        sorted(rows, key=lambda row: (-abs(row.cents - row.real_cents), -row.cents, row.name)) if len(there) > 1 else []
    )


def _only(one: WhatIf, other: WhatIf) -> list[Award]:
    return [Award(int(plan), cents) for plan, cents in one.funded.items() if plan not in other.funded]
