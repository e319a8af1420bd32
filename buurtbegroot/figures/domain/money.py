"""Amounts of rounds and plans, split over areas, themes, accord points, years or rounds; no cent is lost or made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from buurtbegroot.akkoord.domain import PointName, divided
from buurtbegroot.areas.models import Level


class Side(StrEnum):
    """What became of money: offered in a round, or awarded to a plan by a certified outcome."""

    OFFERED = "te-verdelen"
    AWARDED = "toegekend"


class Split(StrEnum):
    """Over what money is split."""

    DISTRICTS = "stadsdelen"
    GEBIEDEN = "gebieden"
    WIJKEN = "wijken"
    BUURTEN = "buurten"
    THEMES = "themas"
    POINTS = "punten"
    YEARS = "jaren"
    ROUNDS = "rondes"


class Division(StrEnum):
    """Over which accord points the money of a plan is divided: its own, or all of its round."""

    BY_PLAN = "plan"
    BY_ROUND = "ronde"


LEVELS: Mapping[Split, Level] = {
    Split.DISTRICTS: Level.DISTRICT,
    Split.GEBIEDEN: Level.GEBIED,
    Split.WIJKEN: Level.WIJK,
    Split.BUURTEN: Level.BUURT,
}
"""The splits over areas."""
NONE = ""
"""The key of what belongs to no single area, theme or point."""


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in cents: a pot of a round, or what a plan was awarded.

    `at` has the area of each level in which all of it lies. `decided` says that the outcome of its round is certified.
    `own_points` are those that a plan itself names, `round_points` those of its round.
    """

    side: Side
    cents: int
    round_id: int
    slug: str
    year: int
    decided: bool
    at: Mapping[Level, str]
    theme: str = ""
    own_points: tuple[PointName, ...] = ()
    round_points: tuple[PointName, ...] = ()
    plan_id: int | None = None

    def parts(self, split: Split, division: Division) -> Mapping[str, int]:
        """Return its cents by key of the split; together they are exactly the amount."""
        if split is Split.POINTS:
            points = self.own_points if division is Division.BY_PLAN and self.own_points else self.round_points
            return {NONE if each is None else str(each): part for each, part in divided(self.cents, points).items()}
        return {self._key(split): self.cents}

    def _key(self, split: Split) -> str:
        if split in LEVELS:
            return self.at.get(LEVELS[split], NONE)
        return {Split.THEMES: self.theme, Split.YEARS: str(self.year), Split.ROUNDS: self.slug}[split]


@dataclass(frozen=True)
class Line:
    """What one key of a split has, in cents; None is not known or not decided, which is no zero."""

    key: str
    offered: int | None
    awarded: int | None


def lines(
    amounts: Iterable[Money], split: Split, *, division: Division, decided_at: Iterable[str] = ()
) -> Sequence[Line]:
    """Return the lines of a split, by key; each column adds up to all of the amounts.

    Nothing awarded is 0 only where an outcome is certified: of a round with money there, or at a key in `decided_at`.
    """
    found: defaultdict[Side, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    decided = set(decided_at)
    for money in amounts:
        for key, part in money.parts(split, division).items():
            found[money.side][key] += part
            decided |= {key} if money.decided else set()
    offered, awarded = found[Side.OFFERED], found[Side.AWARDED]
    return [
        Line(key, offered.get(key), awarded.get(key, 0 if key in decided else None))
        for key in sorted({*offered, *awarded, *decided})
    ]


@dataclass(frozen=True)
class Totals:
    """The answer in amounts of cents, with how many rounds and plans they are of.

    `awarded` may hold money of rounds that are larger than the area. Of its own rounds: `undecided` waits for an
    outcome, `left` was not awarded, `share` is how much of the money with an outcome was, in whole percents.
    """

    offered: int = 0
    awarded: int = 0
    undecided: int = 0
    left: int | None = None
    share: int | None = None
    rounds: int = 0
    plans: int = 0
    has_outcome: bool = False


def totals(amounts: Sequence[Money], *, own: frozenset[int], touched: Mapping[int, bool]) -> Totals:
    """Return what the amounts are together.

    `own` are the rounds that lie wholly in the area, `touched` those of which some part does, by whether their outcome
    is certified.
    """
    offered = sum(each.cents for each in amounts if each.side is Side.OFFERED)
    awarded = [each for each in amounts if each.side is Side.AWARDED]
    decided = sum(each.cents for each in _of(amounts, own, Side.OFFERED) if each.decided)
    given = sum(each.cents for each in _of(amounts, own, Side.AWARDED))
    return Totals(
        offered=offered,
        awarded=sum(each.cents for each in awarded),
        undecided=sum(each.cents for each in amounts if each.side is Side.OFFERED and not each.decided),
        left=decided - given if decided else None,
        share=(200 * given + decided) // (2 * decided) if decided else None,
        rounds=len({each.round_id for each in amounts if each.side is Side.OFFERED}),
        plans=len(awarded),
        has_outcome=any(touched.values()),
    )


def _of(amounts: Iterable[Money], rounds: frozenset[int], side: Side) -> list[Money]:
    return [each for each in amounts if each.round_id in rounds and each.side is side]
