"""Rounds in any phase: the clock of the tests stands at NOW, the windows are laid around it."""

import itertools
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import BallotRules, BallotType, Limits, Ruleset, to_json
from buurtbegroot.core.rules import Pot as PotRule
from buurtbegroot.rounds.models import PhaseWindow, Pot, Round, Theme

ORDER = [Phase.SUBMISSION, Phase.COCREATION, Phase.FEASIBILITY, Phase.VOTING, Phase.COUNTING, Phase.REALISATION]
WEEK = timedelta(days=7)
_numbers = itertools.count(10_001)  # none that a test counts


def windows_around(now: datetime, phase: Phase) -> list[PhaseWindow]:
    """Return windows of a week each, such that `now` lies in the middle of the one of `phase`."""
    start = now - WEEK / 2 - WEEK * ORDER.index(phase)
    return [
        PhaseWindow(phase=each, begins_at=start + WEEK * place, ends_at=start + WEEK * (place + 1))
        for place, each in enumerate(ORDER)
    ]


def budget_rules(cents: int, *, min_choices: int = 1) -> Ruleset:
    """Return a knapsack ballot over one pot, most votes first, rest skipped."""
    return Ruleset(
        pots=(PotRule(id="alles", name="Alles", cents=cents),),
        ballot=BallotRules(type=BallotType.KNAPSACK, whole=Limits(min_choices=min_choices, max_cost_cents=cents)),
    )


def round_in(
    session: Session, phase: Phase, *, areas: dict[str, Area], now: datetime, rules: Ruleset | None = None
) -> Round:
    """Return a published round of stadsdeel E over buurten EA01 and EA02, € 1.000, two themes; `phase` is going on."""
    number = next(_numbers)
    round_ = Round(
        slug=f"ronde-{number}",
        title=f"Ronde {number}",
        owner_code="E",
        created_at=now - 10 * WEEK,
        published_at=now - 10 * WEEK,
        windows=windows_around(now, phase),
        buurten=[areas["EA01"], areas["EA02"]],
        themes=[Theme(position=1, name="Groen", scene="groen"), Theme(position=2, name="Samen", scene="eten")],
        pots=[Pot(position=1, name="Alles", cents=100_000)],
        rules=to_json(rules or budget_rules(100_000)).decode(),
    )
    session.add(round_)
    session.flush()
    return round_
