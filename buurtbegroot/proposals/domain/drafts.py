"""A plan as it was typed, as it was, and what it lacks to be submitted; saving it is the work of actions."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Self

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Area
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.rounds.models import Theme
from buurtbegroot.rounds.queries import area_key, theme_key

MOST_LINES = 30
MOST_WORDS = 8
LEAST_CENTS = 100  # of a plan on a ballot: the public format of votes knows no plan that costs less than a euro
NUMBERED = re.compile(r"\b(plan|nummer|nr) (?=[0-9]+\b)")  # what people say before the number of a plan


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One line of the resident's sum, `unit_cents` for each of `quantity`; a yearly line counts years."""

    what: str
    quantity: int
    unit_cents: int
    source: str = ""
    yearly: bool = False

    @property
    def cents(self) -> int:
        """What the line costs, all years of upkeep together."""
        return self.quantity * self.unit_cents


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The texts of a plan: as columns, form fields and here they have the same names."""

    title: str
    summary: str = ""
    body: str = ""
    place: str = ""
    help_wanted: str = ""
    author_name: str = ""
    language: str = "nl"


@dataclass(frozen=True, kw_only=True)
class Draft(Texts):
    """Everything that the maker of a plan decides."""

    theme: Theme | None = None
    buurt: Area | None = None
    lines: tuple[DraftLine, ...] = ()
    point_ids: frozenset[int] = field(default_factory=frozenset)

    @property
    def estimate_cents(self) -> int:
        """The sum of the lines, which is never typed."""
        return sum(line.cents for line in self.lines)


TEXTS = tuple(each.name for each in fields(Texts))
LINE_PARTS = tuple(each.name for each in fields(DraftLine))
"""What a line is made of, here, as columns and as form fields."""
MAKER_NAME = "author_name"


@dataclass(frozen=True, kw_only=True)
class Content(Texts):
    """All of a plan as it was at one moment, in plain values: of theme, buurt and points what they were called then.

    `buurt` is the code, None for the whole area; `points` are (number, title) of accord points.
    """

    theme: str | None = None
    buurt: str | None = None
    buurt_name: str | None = None
    lines: tuple[DraftLine, ...] = ()
    points: tuple[tuple[int, str], ...] = ()

    @property
    def estimate_cents(self) -> int:
        """The sum of the lines."""
        return sum(line.cents for line in self.lines)

    @property
    def document(self) -> str:
        """This as canonical JSON, but for the name of the maker, which goes with the account."""
        values = asdict(self)
        del values[MAKER_NAME]
        return canonical_json(values).decode()

    @classmethod
    def read(cls, document: str, *, author_name: str) -> Self:
        """Return what a document holds, with the name of the maker beside it."""
        values = json.loads(document)
        lines = tuple(DraftLine(**line) for line in values.pop("lines"))
        points = tuple((number, title) for number, title in values.pop("points"))
        return cls(**values, lines=lines, points=points, author_name=author_name)


PARTS = (*TEXTS, "theme", "buurt", "lines", "points")
"""What of a plan can differ between two versions."""


def changed_parts(before: Content, after: Content) -> tuple[str, ...]:
    """Return the names of the parts that differ."""
    return tuple(name for name in PARTS if getattr(before, name) != getattr(after, name))


class Lack(StrEnum):
    """Why a plan cannot be submitted yet."""

    NO_SUMMARY = "no_summary"
    NO_BODY = "no_body"
    NO_THEME = "no_theme"
    NO_AUTHOR_NAME = "no_author_name"
    NO_COSTS = "no_costs"
    TOO_CHEAP = "too_cheap"
    TOO_DEAR = "too_dear"
    ABOVE_POT = "above_pot"
    NO_POT = "no_pot"


@dataclass(frozen=True)
class Shortcoming:
    """One lack; `limit_cents` is the bound that the cost passes, 0 where there is none."""

    lack: Lack
    limit_cents: int = 0


def shortcomings(draft: Draft, rules: Ruleset | None, *, has_themes: bool) -> tuple[Shortcoming, ...]:
    """Return all that keeps the draft from being submitted under these rules; without rules no cost is too high."""
    texts = {
        Lack.NO_SUMMARY: draft.summary,
        Lack.NO_BODY: draft.body,
        Lack.NO_THEME: draft.theme or not has_themes,
        Lack.NO_AUTHOR_NAME: draft.author_name,
        Lack.NO_COSTS: draft.estimate_cents,
    }
    found = [Shortcoming(lack) for lack, value in texts.items() if not value]
    if draft.estimate_cents and rules:
        found += cost_shortcomings(draft.estimate_cents, rules, theme=draft.theme, buurt=draft.buurt)
    return tuple(found)


def cost_shortcomings(cents: int, rules: Ruleset, *, theme: Theme | None, buurt: Area | None) -> Iterable[Shortcoming]:
    """Return where a cost breaks the limits of the rules or what its pot holds."""
    least, most = rules.plan_cost.min_cents, rules.plan_cost.max_cents
    if least is not None and cents < least:
        yield Shortcoming(Lack.TOO_CHEAP, least)
    if most is not None and cents > most:
        yield Shortcoming(Lack.TOO_DEAR, most)
    pot = rules.pot_of(Plan(id=0, cost_cents=cents, theme=theme_key(theme), area=area_key(rules, buurt)))
    if pot is None:
        yield Shortcoming(Lack.NO_POT)
    elif cents > pot.cents:
        yield Shortcoming(Lack.ABOVE_POT, pot.cents)


def search_text(title: str, summary: str, place: str) -> str:
    """Return what a search looks in, folded; it begins with the title, so it also sorts by title."""
    return fold(f"{title} {summary} {place}")


def search_terms(words: str) -> list[str]:
    """Return what a plan must have, folded: each is part of its search text or is its number."""
    return NUMBERED.sub("", fold(words)).split()[:MOST_WORDS]
