"""The phases of a round and their windows; how far a round is by them, and by what people did, is in standing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise


class Phase(StrEnum):
    """The phases of a round, in order."""

    PREPARATION = "preparation"
    SUBMISSION = "submission"
    COCREATION = "cocreation"
    FEASIBILITY = "feasibility"
    VOTING = "voting"
    COUNTING = "counting"
    REALISATION = "realisation"
    FINISHED = "finished"


ORDER = {phase: position for position, phase in enumerate(Phase)}

SCHEDULABLE = tuple(phase for phase in Phase if phase not in (Phase.PREPARATION, Phase.FINISHED))
"""The phases that may have dates. A window for counting is only needed when there is none for realisation."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time of one phase: from `begins_at` up to but not including `ends_at`, both aware datetimes."""

    phase: Phase
    begins_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.begins_at.utcoffset() is None or self.ends_at.utcoffset() is None:
            raise ValueError(f"the window for {self.phase} has a time without a time zone")

    def is_shorter_than(self, other: "Window") -> bool:
        """Whether it ends before the other, or lasts less long."""
        lasts, other_lasts = self.ends_at - self.begins_at, other.ends_at - other.begins_at
        return self.ends_at < other.ends_at or lasts < other_lasts


Schedule = tuple[Window, ...]
"""The windows of a round, at most one for each phase, in any order."""


class ScheduleFault(StrEnum):
    """What can be wrong with a window."""

    NO_VOTING = "no_voting"
    NOT_SCHEDULABLE = "not_schedulable"
    REPEATED = "repeated"
    ENDS_TOO_EARLY = "ends_too_early"
    OUT_OF_ORDER = "out_of_order"
    OVERLAPS = "overlaps"


@dataclass(frozen=True, slots=True)
class ScheduleProblem:
    """One fault, the phase whose window has it, and the earlier phase it collides with, if any."""

    fault: ScheduleFault
    phase: Phase
    other: Phase | None = None


def schedule_problems(schedule: Schedule) -> tuple[ScheduleProblem, ...]:
    """Return everything that is wrong with the schedule, in the order of the phases.

    Windows may leave gaps, and phases may be left out, except voting. A window begins when the one
    before it has ended; only co-creation and feasibility may overlap, and then on the very same dates.
    """
    windows = sorted(schedule, key=lambda window: ORDER[window.phase])
    found = [fault for window in windows if (fault := _fault_alone(window))]
    found += [fault for earlier, later in pairwise(windows) if (fault := _fault_between(earlier, later))]
    if not any(window.phase is Phase.VOTING for window in windows):
        found.append(ScheduleProblem(ScheduleFault.NO_VOTING, Phase.VOTING))
    return tuple(sorted(found, key=lambda problem: ORDER[problem.phase]))


def _fault_alone(window: Window) -> ScheduleProblem | None:
    if window.phase not in SCHEDULABLE:
        return ScheduleProblem(ScheduleFault.NOT_SCHEDULABLE, window.phase)
    if window.ends_at <= window.begins_at:
        return ScheduleProblem(ScheduleFault.ENDS_TOO_EARLY, window.phase)
    return None


def _fault_between(earlier: Window, later: Window) -> ScheduleProblem | None:
    if earlier.phase is later.phase:
        return ScheduleProblem(ScheduleFault.REPEATED, later.phase)
    if (earlier.phase, later.phase) == (Phase.COCREATION, Phase.FEASIBILITY) and _same_dates(earlier, later):
        return None
    if later.begins_at < earlier.begins_at:
        return ScheduleProblem(ScheduleFault.OUT_OF_ORDER, later.phase, earlier.phase)
    if later.begins_at < earlier.ends_at:
        return ScheduleProblem(ScheduleFault.OVERLAPS, later.phase, earlier.phase)
    return None


def _same_dates(one: Window, other: Window) -> bool:
    return (one.begins_at, one.ends_at) == (other.begins_at, other.ends_at)
