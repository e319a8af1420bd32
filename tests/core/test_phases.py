"""What can be wrong with the windows of a round."""

from datetime import datetime

import pytest

from buurtbegroot.core.phases import (
    Phase,
    ScheduleFault,
    ScheduleProblem,
    Window,
    schedule_problems,
)
from tests.core.schedules import window

FULL = (
    window(Phase.SUBMISSION, 10, 20),
    window(Phase.COCREATION, 30, 40),
    window(Phase.FEASIBILITY, 30, 40),
    window(Phase.VOTING, 50, 60),
    window(Phase.REALISATION, 70, 80),
)


def test_a_good_schedule_has_no_problems() -> None:
    assert schedule_problems(FULL) == ()
    assert schedule_problems((window(Phase.VOTING, 1, 2),)) == ()


@pytest.mark.parametrize(
    ("now", "is_shorter"), [((10, 20), False), ((5, 20), False), ((10, 19), True), ((12, 20), True), ((12, 21), True)]
)
def test_a_window_is_shorter_that_ends_earlier_or_lasts_less_long(now: tuple[int, int], is_shorter: bool) -> None:
    assert window(Phase.VOTING, *now).is_shorter_than(window(Phase.VOTING, 10, 20)) is is_shorter


@pytest.mark.parametrize(
    ("windows", "problem"),
    [
        ((window(Phase.SUBMISSION, 1, 2),), ScheduleProblem(ScheduleFault.NO_VOTING, Phase.VOTING)),
        (
            (window(Phase.PREPARATION, 1, 2), window(Phase.VOTING, 3, 4)),
            ScheduleProblem(ScheduleFault.NOT_SCHEDULABLE, Phase.PREPARATION),
        ),
        (
            (window(Phase.VOTING, 1, 2), window(Phase.VOTING, 3, 4)),
            ScheduleProblem(ScheduleFault.REPEATED, Phase.VOTING),
        ),
        ((window(Phase.VOTING, 2, 2),), ScheduleProblem(ScheduleFault.ENDS_TOO_EARLY, Phase.VOTING)),
        (
            (window(Phase.SUBMISSION, 5, 6), window(Phase.VOTING, 1, 2)),
            ScheduleProblem(ScheduleFault.OUT_OF_ORDER, Phase.VOTING, Phase.SUBMISSION),
        ),
        (
            (window(Phase.COCREATION, 1, 4), window(Phase.FEASIBILITY, 1, 5), window(Phase.VOTING, 6, 7)),
            ScheduleProblem(ScheduleFault.OVERLAPS, Phase.FEASIBILITY, Phase.COCREATION),
        ),
    ],
)
def test_each_fault_is_named_with_its_phase(windows: tuple[Window, ...], problem: ScheduleProblem) -> None:
    assert schedule_problems(windows) == (problem,)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="voting"):
        Window(Phase.VOTING, datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001
