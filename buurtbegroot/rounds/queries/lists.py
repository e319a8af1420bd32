"""Filtering and ordering rounds in memory: how far each is follows from its standing, so no database can do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from buurtbegroot import typed
from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.standing import Stage, Standing
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import standing_of, window_of

CURRENT = (
    Stage.VOTING,
    Stage.SUBMISSION,
    Stage.COCREATION,
    Stage.FEASIBILITY,
    Stage.OPENED,
    Stage.WAITING,
    Stage.LATE,
    Stage.ENDED,
    Stage.COUNTING,
    Stage.NO_BALLOTS,
    Stage.PREPARATION,
    Stage.RESULT,
    Stage.NOT_HELD,
    Stage.CONCEPT,
)
"""The stages by how much a visitor can do in them."""

COLOURS = dict.fromkeys(Stage, "check") | {
    Stage.CONCEPT: "submit",
    Stage.PREPARATION: "submit",
    Stage.SUBMISSION: "submit",
    Stage.COCREATION: "submit",
    Stage.VOTING: "vote",
    Stage.RESULT: "result",
}
"""The colour of a round on a map."""


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

    def admits(self, round_: Round, standing: Standing) -> bool:
        """Tell whether the round is among what was asked for."""
        text = fold(f"{round_.title} {round_.owner.name}")
        return (
            all(word in text for word in fold(self.words).split())
            and self.phase in ("", standing.phase.value)
            and self.district in ("", round_.owner_code)
            and self.year in ("", str(year_of(round_)))
        )


def ordered_rounds(rounds: Sequence[Round], wanted: RoundFilter, now: datetime) -> list[tuple[Round, Standing]]:
    """Return the rounds that were asked for: what one can take part in first, then the latest."""
    every = [(round_, standing_of(round_, now)) for round_ in rounds]
    found = [(round_, standing) for round_, standing in every if wanted.admits(round_, standing)]
    return sorted(found, key=lambda each: (CURRENT.index(each[1].stage), -year_of(each[0]), each[0].title))


def years_of(rounds: Sequence[Round]) -> list[int]:
    """Return the years in which rounds were voted on, the latest first."""
    return sorted({year_of(round_) for round_ in rounds}, reverse=True)


def year_of(round_: Round) -> int:
    """Return the year of the vote, or that in which the round began when it has no dates yet."""
    voting = window_of(round_, Phase.VOTING)
    return (voting.begins_at if voting else round_.created_at).year
