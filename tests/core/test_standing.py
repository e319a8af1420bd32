"""How far a round is: over every schedule, at every moment, whatever people did or left undone."""

from datetime import datetime
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.phases import SCHEDULABLE, Phase, Schedule, Window, schedule_problems
from buurtbegroot.core.standing import Stage, standing_at
from tests.core.schedules import day, window


class Done(NamedTuple):
    """What people did with a round."""

    published_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    certified_at: datetime | None = None
    envelopes: int | None = None


FULL = (
    window(Phase.SUBMISSION, 10, 20),
    window(Phase.COCREATION, 30, 40),
    window(Phase.FEASIBILITY, 40, 45),
    window(Phase.VOTING, 50, 60),
    window(Phase.COUNTING, 60, 65),
    window(Phase.REALISATION, 70, 80),
)
PUBLIC = Done(published_at=day(0))
OPENED = PUBLIC._replace(opened_at=day(49))
SHUT = OPENED._replace(closed_at=day(61), envelopes=3)
CERTIFIED = SHUT._replace(certified_at=day(66))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Return a schedule without problems, with gaps and phases left out at will."""
    others = draw(st.sets(st.sampled_from([phase for phase in SCHEDULABLE if phase is not Phase.VOTING])))
    phases = [phase for phase in SCHEDULABLE if phase in others or phase is Phase.VOTING]
    marks = sorted(draw(st.lists(st.integers(0, 60), min_size=2 * len(phases), max_size=2 * len(phases), unique=True)))
    found = [window(phase, *marks[2 * place : 2 * place + 2]) for place, phase in enumerate(phases)]
    if {Phase.COCREATION, Phase.FEASIBILITY} <= others and draw(st.booleans()):
        same = found[phases.index(Phase.COCREATION)]
        found[phases.index(Phase.FEASIBILITY)] = Window(Phase.FEASIBILITY, same.begins_at, same.ends_at)
    return tuple(found)


def acts_of(done: int, envelopes: int | None) -> Done:
    """Return the first so many acts, in their order."""
    return Done(**dict.fromkeys(Done._fields[:done], day(0)), envelopes=envelopes)


ACTS = st.builds(acts_of, st.integers(0, 4), st.sampled_from([None, 0, 1, 500]))
MOMENTS = st.one_of(st.integers(-1, 61), st.floats(-1, 500))


@given(schedules(), ACTS, MOMENTS)
def test_whatever_happens(schedule: Schedule, acts: Done, at: float) -> None:
    assert schedule_problems(schedule) == ()
    now = day(at)
    found, voting = standing_at(schedule, acts, now), next(w for w in schedule if w.phase is Phase.VOTING)
    inside = {w.phase for w in schedule if w.begins_at <= now < w.ends_at}
    is_public, is_opened, is_shut = (moment is not None for moment in acts[:3])
    assert found.until is None or found.until > now, "no deadline that passed is told as coming"
    assert (found.stage is Stage.COUNTING) == (is_shut and not acts.certified_at and bool(acts.envelopes))
    assert found.takes_votes == (is_public and is_opened and not is_shut and Phase.VOTING in inside)
    assert found.takes_plans == (is_public and not is_opened and Phase.SUBMISSION in inside)
    changes = bool(inside & {Phase.SUBMISSION, Phase.COCREATION})
    assert found.takes_changes == (is_public and not is_opened and changes)
    assert (found.stage is Stage.NOT_HELD) == (is_public and not is_opened and voting.ends_at <= now)
    assert found.may_close == (is_opened and not is_shut and voting.ends_at <= now)
    pending = any(w.phase in {Phase.SUBMISSION, Phase.COCREATION} and now < w.ends_at for w in schedule)
    assert found.may_open == (is_public and not is_opened and now < voting.ends_at and not pending)
    assert found.may_certify == (is_shut and acts.certified_at is None)
    assert found.is_certified == (acts.certified_at is not None)


@given(schedules(), ACTS)
def test_a_round_only_moves_forward_on_its_own(schedule: Schedule, acts: Done) -> None:
    phases = [list(Phase).index(standing_at(schedule, acts, day(at)).phase) for at in range(-1, 62)]
    assert phases == sorted(phases)


@pytest.mark.parametrize(
    ("acts", "at", "stage", "until"),
    [
        (Done(), 15, Stage.CONCEPT, None),
        (PUBLIC, 5, Stage.PREPARATION, 10),
        (PUBLIC, 10, Stage.SUBMISSION, 20),
        (PUBLIC, 20, Stage.WAITING, 30),
        (PUBLIC, 30, Stage.COCREATION, 40),
        (PUBLIC, 40, Stage.FEASIBILITY, 45),
        (PUBLIC, 45, Stage.WAITING, 50),
        (PUBLIC, 50, Stage.LATE, 60),
        (PUBLIC, 60, Stage.NOT_HELD, None),
        (PUBLIC, 430, Stage.NOT_HELD, None),
        (OPENED, 49, Stage.OPENED, 50),
        (OPENED, 50, Stage.VOTING, 60),
        (OPENED, 60, Stage.ENDED, 65),
        (OPENED, 65, Stage.ENDED, None),
        (SHUT, 62, Stage.COUNTING, 65),
        (SHUT, 430, Stage.COUNTING, None),
        (SHUT._replace(envelopes=0), 62, Stage.NO_BALLOTS, None),
        (CERTIFIED, 67, Stage.RESULT, None),
    ],
)
def test_windows_and_acts_together_give_the_stage(acts: Done, at: int, stage: Stage, until: int | None) -> None:
    found = standing_at(FULL, acts, day(at))
    assert (found.stage, found.until) == (stage, None if until is None else day(until))


@pytest.mark.parametrize(
    ("at", "phase"), [(67, Phase.COUNTING), (70, Phase.REALISATION), (80, Phase.FINISHED), (430, Phase.FINISHED)]
)
def test_an_outcome_is_followed_by_carrying_it_out(at: int, phase: Phase) -> None:
    assert standing_at(FULL, CERTIFIED, day(at)).phase is phase
    assert standing_at(FULL, SHUT, day(at)).phase is Phase.COUNTING


def test_plans_can_be_changed_while_they_are_checked_on_the_same_dates() -> None:
    both = (window(Phase.COCREATION, 1, 4), window(Phase.FEASIBILITY, 1, 4), window(Phase.VOTING, 6, 7))
    found = standing_at(both, PUBLIC, day(2))
    assert found.stage is Stage.FEASIBILITY
    assert found.takes_changes
    assert not found.may_open
