"""The phases of a round and which one the clock is in; who may do what in a phase is decided elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


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


class Change(NamedTuple):
    """The moment at which a round enters a phase."""

    at: datetime
    phase: Phase


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


def phase_at(schedule: Schedule, now: datetime) -> Phase:
    """Return the phase that the round is in at `now`.

    Before the first window that is preparation. After that it is the phase of the last window that
    began, also in the gap behind it, with two exceptions: a vote that has ended is being counted, and
    a round whose last window has ended is finished. A round that schedules nothing after the vote
    stays in counting. While co-creation and feasibility share their dates the phase is feasibility;
    `is_open` holds for both.
    """
    begun = [window for window in schedule if window.begins_at <= now]
    if not begun:
        return Phase.PREPARATION
    latest = max(begun, key=lambda window: ORDER[window.phase])
    if now < latest.ends_at:
        return latest.phase
    if latest.phase is Phase.VOTING:
        return Phase.COUNTING
    return Phase.FINISHED if len(begun) == len(schedule) else latest.phase


def is_open(schedule: Schedule, phase: Phase, now: datetime) -> bool:
    """Tell whether `now` lies inside the window of the phase, so never in a gap that `phase_at` bridges."""
    return any(window.phase is phase and window.begins_at <= now < window.ends_at for window in schedule)


def next_change(schedule: Schedule, now: datetime) -> Change | None:
    """Return when `phase_at` next changes after `now` and to what, or None when it never does."""
    current = phase_at(schedule, now)
    moments = {moment for window in schedule for moment in (window.begins_at, window.ends_at) if moment > now}
    changes = (Change(moment, phase_at(schedule, moment)) for moment in sorted(moments))
    return next((change for change in changes if change.phase is not current), None)


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
