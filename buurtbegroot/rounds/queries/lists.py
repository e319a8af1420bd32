"""Filtering and ordering rounds in memory: the phase follows from the clock, so no database can do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from buurtbegroot import typed
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.core.phases import Phase
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import (
    Standing,
    is_time_to_certify,
    is_time_to_close,
    is_time_to_open,
    missing_parts,
    phase_of,
    standing_of,
    window_of,
)

CURRENT = (
    Phase.VOTING,
    Phase.SUBMISSION,
    Phase.COCREATION,
    Phase.FEASIBILITY,
    Phase.COUNTING,
    Phase.PREPARATION,
    Phase.REALISATION,
    Phase.FINISHED,
)
"""The phases by how much a visitor can do in them."""


class NextStep(StrEnum):
    """What organisers have to do next in a round, the most pressing first."""

    OPEN = "open"
    CLOSE = "close"
    CERTIFY = "certify"
    CHECK = "check"
    CODES = "codes"
    PUBLISH = "publish"
    SET_UP = "set_up"
    NOTHING = "nothing"


class Task(NamedTuple):
    """A round with how far it is and what has to be done next."""

    round: Round
    standing: Standing
    step: NextStep


@dataclass(frozen=True, kw_only=True)
class RoundFilter:
    """What a visitor asks of the list; empty is anything."""

    words: str = ""
    phase: str = ""
    district: str = ""
    year: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "RoundFilter":
        """Read the filter from an address; too long texts are cut off."""
        names = ("zoek", "fase", "gebied", "jaar")
        words, phase, district, year = (typed.one_line(args.get(name, ""))[:80] for name in names)
        return cls(words=words, phase=phase, district=district, year=year)

    @property
    def query(self) -> dict[str, str]:
        """The filter as parts of an address."""
        found = {"zoek": self.words, "fase": self.phase, "gebied": self.district, "jaar": self.year}
        return {name: value for name, value in found.items() if value}

    def admits(self, round_: Round, now: datetime) -> bool:
        """Tell whether the round is among what was asked for."""
        text = fold(f"{round_.title} {round_.owner.name}")
        return (
            all(word in text for word in fold(self.words).split())
            and self.phase in ("", phase_of(round_, now).value)
            and self.district in ("", round_.owner_code)
            and self.year in ("", str(year_of(round_)))
        )


def ordered_rounds(rounds: Sequence[Round], wanted: RoundFilter, now: datetime) -> list[Round]:
    """Return the rounds that were asked for: what one can take part in first, then the latest."""
    found = [round_ for round_ in rounds if wanted.admits(round_, now)]
    return sorted(found, key=lambda round_: (CURRENT.index(phase_of(round_, now)), -year_of(round_), round_.title))


def next_step(round_: Round, now: datetime) -> NextStep:
    """Return what organisers have to do next."""
    if round_.published_at is None:
        return NextStep.SET_UP if missing_parts(round_, now) else NextStep.PUBLISH
    due = {
        NextStep.CHECK: phase_of(round_, now) is Phase.FEASIBILITY and round_.opened_at is None,
        NextStep.OPEN: is_time_to_open(round_, now),
        NextStep.CLOSE: is_time_to_close(round_, now),
        NextStep.CERTIFY: is_time_to_certify(round_),
    }
    return next((step for step, is_due in due.items() if is_due), NextStep.NOTHING)


def by_next_step(rounds: Sequence[Round], now: datetime) -> list[Task]:
    """Return rounds as tasks, the most pressing first."""
    tasks = [Task(round_, standing_of(round_, now), next_step(round_, now)) for round_ in rounds]
    return sorted(tasks, key=lambda task: list(NextStep).index(task.step))


def years_of(rounds: Sequence[Round]) -> list[int]:
    """Return the years in which rounds were voted on, the latest first."""
    return sorted({year_of(round_) for round_ in rounds}, reverse=True)


def year_of(round_: Round) -> int:
    """Return the year of the vote, or that in which the round began when it has no dates yet."""
    voting = window_of(round_, Phase.VOTING)
    return (voting.begins_at if voting else round_.created_at).year
