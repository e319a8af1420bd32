"""Jobs as rows: asked for once, taken by one, tried again ever more slowly, and never lost or doubled."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.queries import FURTHEST, due_tasks, is_overdue, job_of
from buurtbegroot.work.queue import (
    KEEP_DONE,
    LEASE,
    MOST_TRIES,
    PAUSES,
    PURGE,
    PURGE_EVERY,
    UNREADABLE,
    WORKER_DIED,
    Claim,
    ask_to_purge,
    claim,
    enqueue,
    extend,
    forget_done,
    hand_back,
    keep_recurring,
    note_done,
    note_failure,
)

SECOND = timedelta(seconds=1)
TASK = "toys.note"
Take = Callable[[datetime], Claim]


@pytest.fixture
def take(session: Session) -> Take:
    """Take the one job that there is."""

    def taken(now: datetime) -> Claim:
        found = claim(session, TASK, every=None, now=now)
        assert found is not None
        return found

    return taken


def job(session: Session, number: int = 1) -> Job:
    found = job_of(session, TASK, {"number": number})
    assert found is not None
    return found


def ask(session: Session, now: datetime, number: int = 1) -> None:
    enqueue(session, TASK, {"number": number}, now=now)


def fail(session: Session, held: Claim, now: datetime, *, final: bool = False, endless: bool = False) -> Job:
    note_failure(session, held, "OSError", final=final, endless=endless, now=now)
    return job(session)


def test_the_same_job_is_not_queued_twice(session: Session, now: datetime) -> None:
    enqueue(session, TASK, {"number": 1, "buurt": "E"}, now=now)
    enqueue(session, TASK, {"buurt": "E", "number": 1}, now=now)
    enqueue(session, TASK, {"number": 2, "buurt": "E"}, now=now)
    assert session.scalar(select(func.count()).select_from(Job)) == 2


def test_a_job_of_a_cause_that_was_rolled_back_never_was(session: Session, now: datetime) -> None:
    session.commit()
    ask(session, now)
    session.rollback()
    assert job_of(session, TASK, {"number": 1}) is None
    assert claim(session, TASK, every=None, now=now) is None


def test_a_job_is_taken_once_the_oldest_first_and_not_before_it_is_due(session: Session, now: datetime) -> None:
    for number, moment in ((1, now), (2, now - SECOND), (3, now + SECOND)):
        ask(session, moment, number)
    taken = [claim(session, TASK, every=None, now=now) for _ in range(3)]
    assert [found and found.arguments for found in taken] == [{"number": 2}, {"number": 1}, None]
    assert due_tasks(session, {TASK: None}, now=now) == set()
    assert due_tasks(session, {TASK: None}, now=now + SECOND) == {TASK}


def test_what_is_done_is_not_done_again_until_asked(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    note_done(session, take(now), every=None, now=now)
    assert (job(session).state, claim(session, TASK, every=None, now=now + LEASE)) == (JobState.DONE, None)
    ask(session, now)
    note_done(session, take(now), every=None, now=now)
    assert job(session).state is JobState.DONE


def test_what_is_asked_for_while_it_runs_runs_once_more(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    held = take(now)
    ask(session, now)
    ask(session, now)
    assert claim(session, TASK, every=None, now=now) is None, "it runs already"
    note_done(session, held, every=None, now=now)
    note_done(session, take(now + SECOND), every=None, now=now + SECOND)
    assert job(session).state is JobState.DONE


def test_what_fails_for_good_while_it_was_asked_for_begins_anew(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    held = take(now)
    ask(session, now)
    found = fail(session, held, now, final=True)
    assert (found.state, found.tries, found.due_at) == (JobState.WAITING, 0, now)


def test_a_dead_worker_is_told_from_a_slow_one(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    held = take(now)
    extend(session, [held], now=now + LEASE - SECOND)
    assert claim(session, TASK, every=None, now=now + LEASE) is None, "it is only slow"
    assert take(now + 2 * LEASE - SECOND).arguments == {"number": 1}


def test_who_lost_a_job_has_no_say_in_it(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    lost = take(now)
    held = take(now + LEASE)
    extend(session, [lost], now=now + 2 * LEASE)
    note_done(session, lost, every=None, now=now + LEASE)
    fail(session, lost, now + LEASE, final=True)
    hand_back(session, lost, now=now + LEASE)
    found = job(session)
    assert (found.state, found.due_at) == (JobState.RUNNING, now + 2 * LEASE)
    note_done(session, held, every=None, now=now + LEASE)
    assert job(session).state is JobState.DONE


def test_a_failing_job_is_tried_ever_more_slowly_and_then_says_why(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    pauses = []
    while (found := fail(session, take(now), now)).state is JobState.WAITING:
        pauses.append((found.due_at - now).total_seconds())
        assert claim(session, TASK, every=None, now=found.due_at - SECOND) is None
        now = found.due_at
    assert pauses == [10, 40, 160, 600]
    assert (found.state, found.reason, found.tries) == (JobState.FAILED, "OSError", MOST_TRIES)
    ask(session, now)
    assert (job(session).state, job(session).reason, job(session).tries) == (JobState.WAITING, "", 0)


def test_a_refused_job_fails_at_once(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    assert fail(session, take(now), now, final=True).state is JobState.FAILED


def test_success_forgets_what_failed_before(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    fail(session, take(now), now)
    note_done(session, take(now + LEASE), every=None, now=now + LEASE)
    assert (job(session).reason, job(session).tries) == ("", 0)


def test_a_job_that_kills_its_workers_is_given_up(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    for _ in range(MOST_TRIES):
        take(now)
        now += LEASE
    assert claim(session, TASK, every=None, now=now) is None
    assert (job(session).state, job(session).reason) == (JobState.FAILED, WORKER_DIED)


@pytest.mark.parametrize("arguments", ['{"number":', "[1]", "null", "", "[" * 400])
def test_a_job_that_nobody_can_read_fails_and_the_next_one_is_taken(
    session: Session, now: datetime, take: Take, arguments: str
) -> None:
    ask(session, now - SECOND, 1)
    ask(session, now, 2)
    broken = job(session, 1)
    broken.arguments = arguments
    session.flush()
    assert take(now).arguments == {"number": 2}
    assert (broken.state, broken.reason) == (JobState.FAILED, UNREADABLE)


def test_a_worker_that_stops_gives_back_what_it_has(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    hand_back(session, take(now), now=now)
    assert (job(session).state, job(session).tries) == (JobState.WAITING, 0)
    assert take(now)


def test_what_recurs_comes_back_and_never_fails_for_good(session: Session, now: datetime) -> None:
    keep_recurring(session, [TASK], now=now)
    keep_recurring(session, [TASK], now=now + SECOND)
    for _ in range(MOST_TRIES + 2):
        held = claim(session, TASK, every=timedelta(minutes=1), now=now)
        assert held is not None
        assert held.arguments == {}
        note_failure(session, held, "OSError", final=True, endless=True, now=now)
        now += timedelta(seconds=600)
    held = claim(session, TASK, every=timedelta(minutes=1), now=now)
    assert held is not None
    note_done(session, held, every=timedelta(minutes=1), now=now)
    found = job_of(session, TASK)
    assert found is not None
    assert (found.state, found.due_at, found.tries) == (JobState.WAITING, now + timedelta(minutes=1), 0)


def test_what_was_noted_by_a_clock_that_was_ahead_is_taken_all_the_same(session: Session, now: datetime) -> None:
    every, ahead = timedelta(hours=6), now + timedelta(days=365)
    keep_recurring(session, [TASK], now=now)
    held = claim(session, TASK, every=every, now=ahead)
    assert held is not None
    note_done(session, held, every=every, now=ahead)
    assert due_tasks(session, {TASK: every}, now=now) == {TASK}
    assert claim(session, TASK, every=every, now=ahead + every), "and then its worker dies"
    found = job_of(session, TASK)
    assert found is not None
    assert (found.state, found.due_at) == (JobState.RUNNING, ahead + every + LEASE)
    assert is_overdue(found, every=every, now=now)
    held = claim(session, TASK, every=every, now=now)
    assert held is not None
    note_done(session, held, every=every, now=now)
    assert (found.state, found.due_at) == (JobState.WAITING, now + every)


@pytest.mark.parametrize("every", [None, timedelta(minutes=1), timedelta(hours=6)])
def test_a_worker_whose_clock_is_behind_takes_nothing_early(
    session: Session, now: datetime, every: timedelta | None
) -> None:
    behind = timedelta(minutes=1)
    keep_recurring(session, [TASK], now=now)
    for tries in range(MOST_TRIES):
        held = claim(session, TASK, every=every, now=now)
        assert held is not None
        assert claim(session, TASK, every=every, now=now - behind) is None
        if tries < MOST_TRIES - 1:
            note_failure(session, held, "OSError", final=False, endless=every is not None, now=now)
        else:
            note_done(session, held, every=every, now=now)
        assert due_tasks(session, {TASK: every}, now=now - behind) == set()
        found = job_of(session, TASK)
        assert found is not None
        assert not is_overdue(found, every=every, now=now - behind)
        now = found.due_at


def test_what_is_put_off_is_not_taken_for_lost(session: Session, now: datetime) -> None:
    assert max(LEASE, *PAUSES, PURGE_EVERY) < FURTHEST - timedelta(minutes=10)
    ask_to_purge(session, now=now + SECOND)
    assert due_tasks(session, {PURGE: None}, now=now) == set()


def test_only_what_ended_well_is_forgotten(session: Session, now: datetime, take: Take) -> None:
    for number, final in ((1, False), (2, True)):
        ask(session, now, number)
        if final:
            note_failure(session, take(now), "OSError", final=True, endless=False, now=now)
        else:
            note_done(session, take(now), every=None, now=now)
    ask(session, now, 3)
    forget_done(session, now=now + KEEP_DONE - SECOND)
    assert session.scalar(select(func.count()).select_from(Job)) == 3
    forget_done(session, now=now + KEEP_DONE)
    assert [job(session, number).state for number in (2, 3)] == [JobState.FAILED, JobState.WAITING]
    assert job_of(session, TASK, {"number": 1}) is None


def test_a_job_that_nobody_begins_is_overdue(session: Session, now: datetime, take: Take) -> None:
    ask(session, now)
    for minutes, overdue in ((1, False), (2, True)):
        assert is_overdue(job(session), every=None, now=now + timedelta(minutes=minutes)) is overdue
    held = take(now + LEASE)
    assert not is_overdue(job(session), every=None, now=now + LEASE + SECOND)
    note_done(session, held, every=None, now=now + LEASE)
    assert not is_overdue(job(session), every=None, now=now + timedelta(days=1))


def test_arguments_are_small_and_plain(session: Session, now: datetime) -> None:
    with pytest.raises(TypeError):
        enqueue(session, TASK, {"number": 1.5}, now=now)  # type: ignore[dict-item]
