"""The phase of a round as a function of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.phases import (
    Change,
    Phase,
    ScheduleFault,
    ScheduleProblem,
    Window,
    is_open,
    next_change,
    phase_at,
    schedule_problems,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def window(phase: Phase, begins: int, ends: int) -> Window:
    return Window(phase, day(begins), day(ends))


FULL = (
    window(Phase.SUBMISSION, 10, 20),
    window(Phase.COCREATION, 30, 40),
    window(Phase.FEASIBILITY, 30, 40),
    window(Phase.VOTING, 50, 60),
    window(Phase.REALISATION, 70, 80),
)


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (0, Phase.PREPARATION),
        (10, Phase.SUBMISSION),
        (19, Phase.SUBMISSION),
        (20, Phase.SUBMISSION),
        (30, Phase.FEASIBILITY),
        (45, Phase.FEASIBILITY),
        (50, Phase.VOTING),
        (60, Phase.COUNTING),
        (70, Phase.REALISATION),
        (80, Phase.FINISHED),
    ],
)
def test_the_clock_gives_the_phase(at: int, phase: Phase) -> None:
    assert phase_at(FULL, day(at)) is phase
    assert phase_at(tuple(reversed(FULL)), day(at)) is phase


def test_a_window_is_open_from_its_begin_up_to_its_end() -> None:
    assert not is_open(FULL, Phase.VOTING, day(50) - timedelta(microseconds=1))
    assert is_open(FULL, Phase.VOTING, day(50))
    assert not is_open(FULL, Phase.VOTING, day(60))


def test_two_phases_with_the_same_dates_are_both_open() -> None:
    assert is_open(FULL, Phase.COCREATION, day(35))
    assert is_open(FULL, Phase.FEASIBILITY, day(35))


def test_a_phase_lingers_in_a_gap_but_is_not_open() -> None:
    assert phase_at(FULL, day(25)) is Phase.SUBMISSION
    assert not is_open(FULL, Phase.SUBMISSION, day(25))


def test_without_a_later_window_the_count_goes_on() -> None:
    assert phase_at((window(Phase.VOTING, 1, 2),), day(999)) is Phase.COUNTING


def test_a_counting_window_lets_a_round_without_realisation_finish() -> None:
    schedule = (window(Phase.VOTING, 1, 2), window(Phase.COUNTING, 2, 5))
    assert schedule_problems(schedule) == ()
    assert phase_at(schedule, day(3)) is Phase.COUNTING
    assert phase_at(schedule, day(5)) is Phase.FINISHED


def test_next_change_passes_over_ends_that_change_nothing() -> None:
    assert next_change(FULL, day(15)) == Change(day(30), Phase.FEASIBILITY)
    assert next_change(FULL, day(55)) == Change(day(60), Phase.COUNTING)
    assert next_change(FULL, day(80)) is None


def test_a_good_schedule_has_no_problems() -> None:
    assert schedule_problems(FULL) == ()
    assert schedule_problems((window(Phase.VOTING, 1, 2),)) == ()


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


@given(st.lists(st.integers(0, 100), min_size=10, max_size=10, unique=True), st.integers(-1, 101))
def test_phases_only_move_forward(days: list[int], at: int) -> None:
    marks = sorted(days)
    phases = (Phase.SUBMISSION, Phase.COCREATION, Phase.FEASIBILITY, Phase.VOTING, Phase.REALISATION)
    schedule = tuple(window(p, marks[2 * i], marks[2 * i + 1]) for i, p in enumerate(phases))
    assert schedule_problems(schedule) == ()
    order = list(Phase)
    change = next_change(schedule, day(at))
    if change is None:
        assert phase_at(schedule, day(at)) is Phase.FINISHED
    else:
        assert order.index(change.phase) > order.index(phase_at(schedule, day(at)))
        assert phase_at(schedule, change.at - timedelta(microseconds=1)) is phase_at(schedule, day(at))
