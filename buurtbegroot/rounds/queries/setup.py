"""What a coordinator fills in, as plain data, and how the rules follow when money or themes change; no database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from buurtbegroot.areas.queries.atlas import Place
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import BallotRules, Limits, Ruleset
from buurtbegroot.core.rules import Pot as PotRule
from buurtbegroot.rounds.models import Round

Value = TypeVar("Value")
ONE_POT = "all"
WHOLE = "whole"  # how forms name the absence of a grouping


@dataclass(frozen=True, kw_only=True)
class ThemeChoice:
    """A theme of the round: the id it has already, if any, and the cents of its own pot, if it has one."""

    name: str
    scene: str
    id: int | None = None
    cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Basics:
    """The first step of the set-up: texts, buurten, themes and money in cents.

    With `pots_by` None the money is `budget_cents`; for themes it stands in `themes`, for areas in `area_cents`.
    """

    title: str
    summary: str
    contact: str
    decision_url: str
    buurten: frozenset[str]
    themes: tuple[ThemeChoice, ...]
    pots_by: Grouping | None
    budget_cents: int = 0
    area_cents: Mapping[str, int]


def pots_by(round_: Round) -> Grouping | None:
    """Return what the pots of the round are for: themes, areas, or everything."""
    if any(pot.theme_id for pot in round_.pots):
        return Grouping.THEME
    return Grouping.AREA if any(pot.area_code for pot in round_.pots) else None


def pot_rules(round_: Round) -> tuple[PotRule, ...]:
    """Return the pots of the round as its rules name them; a theme by its name, an area by its code."""
    names = {theme.id: theme.name for theme in round_.themes}
    return tuple(
        PotRule(id=names.get(pot.theme_id or 0) or pot.area_code or ONE_POT, name=pot.name, cents=pot.cents)
        for pot in round_.pots
    )


def area_groups(round_: Round) -> list[str]:
    """Return the codes of the areas by which plans can be grouped.

    Those with a pot of their own; else the gebieden of the buurten, or their wijken where there are no gebieden.
    """
    own = [pot.area_code for pot in round_.pots if pot.area_code]
    return own or sorted({buurt.gebied_code or buurt.parent_code or buurt.code for buurt in round_.buurten})


def groups_of(round_: Round, grouping: Grouping) -> list[str]:
    """Return the keys of the groups of a kind in the round."""
    return [theme.name for theme in round_.themes] if grouping is Grouping.THEME else area_groups(round_)


def lies_in(buurt: Place, code: str) -> bool:
    """Tell whether the buurt is, or lies in, the area with this code."""
    return code in (buurt.code, buurt.parent_code, buurt.gebied_code, buurt.district_code)


def refit(rules: Ruleset, round_: Round, *, renamed: Mapping[str, str]) -> Ruleset:
    """Return the rules after money, buurten or themes changed: new pots, renamed groups, gone groups left out."""
    themes = set(groups_of(round_, Grouping.THEME))
    areas = set(groups_of(round_, Grouping.AREA))
    known = areas if rules.ballot.grouping is Grouping.AREA else themes
    limits = _kept(rules.ballot.per_group, known, renamed)
    return replace(
        rules,
        pots=pot_rules(round_),
        pots_by=pots_by(round_),
        ballot=_regrouped(rules.ballot, limits),
        counting=replace(
            rules.counting,
            theme_caps=_kept(rules.counting.theme_caps, themes, renamed),
            area_caps=_kept(rules.counting.area_caps, areas, {}),
            theme_minimums=_kept(rules.counting.theme_minimums, themes, renamed),
            area_minimums=_kept(rules.counting.area_minimums, areas, {}),
        ),
    )


def _regrouped(ballot: BallotRules, limits: Mapping[str, Limits]) -> BallotRules:
    return replace(ballot, per_group=limits, grouping=ballot.grouping if limits else None)


def _kept(groups: Mapping[str, Value], known: set[str], renamed: Mapping[str, str]) -> dict[str, Value]:
    moved = {renamed.get(name, name): value for name, value in groups.items()}
    return {name: value for name, value in moved.items() if name in known}
