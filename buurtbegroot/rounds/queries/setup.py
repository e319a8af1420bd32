"""What a coordinator fills in, as plain data: how the rules follow it, and what a change of it is; no database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from buurtbegroot.areas.queries.atlas import Place
from buurtbegroot.audit.events import Changes
from buurtbegroot.core.phases import Phase, Schedule, Window
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import BallotRules, Limits, Ruleset
from buurtbegroot.core.rules import Pot as PotRule
from buurtbegroot.rounds.models import ReadFirst, Round
from buurtbegroot.rounds.queries import rules_fingerprint, schedule_of

Value = TypeVar("Value")
ONE_POT = "all"
WHOLE = "whole"  # how forms name the absence of a grouping
RULES = "rules"
DATES = "dates."  # how the log names the dates of a phase, before its name
SetUp = dict[str, Any]
SETTINGS = ("title", "summary", "contact", "decision_url", "support_needed", "support_secret", "read_first")
FOR_RESIDENTS = (Phase.SUBMISSION, Phase.COCREATION, Phase.VOTING)
"""The phases in which residents do something; who has less time for that is told so."""


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
    support_needed: int | None = None
    support_secret: bool = False
    read_first: ReadFirst = ReadFirst.NONE
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


def set_up_values(round_: Round) -> SetUp:
    """Return all that a coordinator sets up of a round, by name, as the log tells it; rules with fingerprint."""
    names = {theme.id: theme.name for theme in round_.themes}
    dates = {f"{DATES}{window.phase.value}": _dates(window) for window in schedule_of(round_)}
    rules = json.loads(round_.rules)[RULES] if round_.rules else {}
    return {
        **{name: getattr(round_, name) for name in SETTINGS},
        "areas": [area.code for area in round_.buurten],
        "themes": [{"name": theme.name, "scene": theme.scene} for theme in round_.themes],
        "pots": [
            {"name": pot.name, "cents": pot.cents, "theme": names.get(pot.theme_id or 0), "area": pot.area_code}
            for pot in round_.pots
        ],
        "accord": [point.number for point in round_.points],
        **dates,
        RULES: rules_fingerprint(round_),
        **{f"{RULES}.{name}": value for name, value in rules.items()},
    }


class Moved(NamedTuple):
    """The dates of a phase, as they were and as they are; None where the phase had or has none."""

    phase: Phase
    old: Window | None
    new: Window | None

    @property
    def is_shorter(self) -> bool:
        """Whether residents have less time for what they do in the phase, or no time till when they were told."""
        if self.phase not in FOR_RESIDENTS or self.old is None:
            return False
        return self.new is None or self.new.is_shorter_than(self.old)


def moved_phases(old: Schedule, new: Schedule) -> list[Moved]:
    """Return the phases whose dates differ, in the order of the process."""
    before, after = ({window.phase: window for window in each} for each in (old, new))
    found = (Moved(phase, before.get(phase), after.get(phase)) for phase in Phase)
    return [each for each in found if each.old != each.new]


def moved_in(changes: Changes) -> list[Moved]:
    """Return the phases whose dates changed, from what an entry of the log tells."""
    found = ((Phase(name.removeprefix(DATES)), pair) for name, pair in changes.items() if name.startswith(DATES))
    return [Moved(phase, _window(phase, pair["old"]), _window(phase, pair["new"])) for phase, pair in found]


def _dates(window: Window) -> dict[str, str]:
    moments = {"begins": window.begins_at, "ends": window.ends_at}
    return {name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()}


def _window(phase: Phase, dates: Mapping[str, str] | None) -> Window | None:
    begins, ends = (datetime.fromisoformat(dates[name]) for name in ("begins", "ends")) if dates else (None, None)
    return Window(phase, begins, ends) if begins and ends else None
