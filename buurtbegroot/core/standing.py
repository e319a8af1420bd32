"""How far a round is, from its windows and from what people did: the one state from which pages and actions speak."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from buurtbegroot.core.phases import ORDER, Phase, Schedule, Window


class Acts(Protocol):
    """What people did with a round, and when; `envelopes` is how many lay in the ballot box when it was shut."""

    @property
    def published_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def opened_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def closed_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def certified_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def envelopes(self) -> int | None: ...  # noqa: D102


class Stage(StrEnum):
    """Where a round stands. By the clock alone no round is ever in voting, counting or a result."""

    CONCEPT = "concept"  # not public
    PREPARATION = "preparation"  # nothing has begun
    SUBMISSION = "submission"
    COCREATION = "cocreation"
    FEASIBILITY = "feasibility"
    WAITING = "waiting"  # between two phases before the vote
    OPENED = "opened"  # by two people, before the first vote can come
    VOTING = "voting"
    LATE = "late"  # one could vote by now, had two people opened the box
    ENDED = "ended"  # the time for voting is over, the box is not shut
    COUNTING = "counting"
    NO_BALLOTS = "no_ballots"  # the box was shut, and empty
    RESULT = "result"
    NOT_HELD = "not_held"  # the time for voting is over, and the box was never opened


BEFORE_VOTE = {
    Phase.SUBMISSION: Stage.SUBMISSION,
    Phase.COCREATION: Stage.COCREATION,
    Phase.FEASIBILITY: Stage.FEASIBILITY,
}
PLAN_PHASES = {Phase.SUBMISSION, Phase.COCREATION}
UNOPENED = {Stage.PREPARATION, *BEFORE_VOTE.values(), Stage.WAITING, Stage.LATE}
BY_ACT = {
    Stage.CONCEPT: Phase.PREPARATION,
    Stage.VOTING: Phase.VOTING,
    Stage.ENDED: Phase.VOTING,
    Stage.COUNTING: Phase.COUNTING,
    Stage.NO_BALLOTS: Phase.COUNTING,
    Stage.NOT_HELD: Phase.FINISHED,
}
"""The phases that do not follow from the windows."""

ENDING = {stage: phase for phase, stage in BEFORE_VOTE.items()} | {
    Stage.VOTING: Phase.VOTING,
    Stage.LATE: Phase.VOTING,
    Stage.ENDED: Phase.COUNTING,
    Stage.COUNTING: Phase.COUNTING,
}
"""The phase whose end is the end of the stage, or by which it is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a round is at the moment `now`.

    `until` never has passed: it is when what goes on ends, when `next` begins, or before when the outcome is due.
    `over`, `running` and `coming` are the phases whose windows have ended, hold `now` or are still to begin.
    """

    now: datetime
    stage: Stage
    phase: Phase
    until: datetime | None
    next: Phase | None
    over: frozenset[Phase]
    running: frozenset[Phase]
    coming: frozenset[Phase]

    @property
    def left(self) -> timedelta | None:
        """How long it takes until `until`."""
        return self.until - self.now if self.until else None

    @property
    def takes_plans(self) -> bool:
        """Whether residents can submit plans."""
        return self.stage is Stage.SUBMISSION

    @property
    def takes_changes(self) -> bool:
        """Whether the makers of submitted plans can still change them."""
        return self.takes_plans or (self.stage in BEFORE_VOTE.values() and Phase.COCREATION in self.running)

    @property
    def is_before_vote(self) -> bool:
        """Whether the round is public, and its vote was not opened but still can be."""
        return self.stage in UNOPENED

    @property
    def takes_votes(self) -> bool:
        """Whether the ballot box takes votes: public, opened by two people, not shut, and inside its window."""
        return self.stage is Stage.VOTING

    @property
    def plans_go_on(self) -> bool:
        """Whether a phase in which residents submit or co-create is running or still to come."""
        return bool((self.running | self.coming) & PLAN_PHASES)

    @property
    def may_open(self) -> bool:
        """Whether two people can open the vote: before it ends, when nobody can submit or co-create any more."""
        return self.stage in UNOPENED and Phase.VOTING in self.running | self.coming and not self.plans_go_on

    @property
    def may_close(self) -> bool:
        """Whether two people can shut the ballot box."""
        return self.stage is Stage.ENDED

    @property
    def may_certify(self) -> bool:
        """Whether two people can make the outcome final, once it is counted."""
        return self.stage in {Stage.COUNTING, Stage.NO_BALLOTS}

    @property
    def is_certified(self) -> bool:
        """Whether everyone may see the outcome."""
        return self.stage is Stage.RESULT

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of the vote."""
        return self.stage in {Stage.RESULT, Stage.NOT_HELD}


def standing_at(schedule: Schedule, acts: Acts, now: datetime) -> Standing:
    """Return how far a round with these windows is at `now`, given what people did with it until then."""
    stage = _stage(schedule, acts, now)
    until, coming = _until(schedule, stage, now)
    return Standing(
        now=now,
        stage=stage,
        phase=_phase(schedule, stage, now),
        until=until,
        next=coming,
        over=frozenset(each.phase for each in schedule if each.ends_at <= now),
        running=frozenset(each.phase for each in schedule if each.begins_at <= now < each.ends_at),
        coming=frozenset(each.phase for each in schedule if now < each.begins_at),
    )


def _stage(schedule: Schedule, acts: Acts, now: datetime) -> Stage:
    if acts.published_at is None:
        return Stage.CONCEPT
    if acts.certified_at is not None:
        return Stage.RESULT
    if acts.closed_at is not None:
        return Stage.COUNTING if acts.envelopes else Stage.NO_BALLOTS
    voting = _window(schedule, Phase.VOTING)
    if acts.opened_at is not None:
        return _by_window(voting, now, before=Stage.OPENED, during=Stage.VOTING, after=Stage.ENDED)
    before = _before_vote(schedule, now)
    return _by_window(voting, now, before=before, during=Stage.LATE, after=Stage.NOT_HELD)


def _by_window(window: Window | None, now: datetime, *, before: Stage, during: Stage, after: Stage) -> Stage:
    if window is None or now < window.begins_at:
        return before
    return during if now < window.ends_at else after


def _before_vote(schedule: Schedule, now: datetime) -> Stage:
    begun = [each for each in schedule if each.phase in BEFORE_VOTE and each.begins_at <= now]
    if not begun:
        return Stage.PREPARATION
    latest = max(begun, key=lambda window: ORDER[window.phase])
    return BEFORE_VOTE[latest.phase] if now < latest.ends_at else Stage.WAITING


def _phase(schedule: Schedule, stage: Stage, now: datetime) -> Phase:
    """Return the phase to file the round under; before the vote that is the last one that began."""
    if stage in BY_ACT:
        return BY_ACT[stage]
    if stage is Stage.RESULT:
        realisation = _window(schedule, Phase.REALISATION)
        if realisation is None or now < realisation.begins_at:
            return Phase.COUNTING
        return Phase.REALISATION if now < realisation.ends_at else Phase.FINISHED
    begun = [each.phase for each in schedule if each.phase in BEFORE_VOTE and each.begins_at <= now]
    return max(begun, key=lambda phase: ORDER[phase], default=Phase.PREPARATION)


def _until(schedule: Schedule, stage: Stage, now: datetime) -> tuple[datetime | None, Phase | None]:
    """Return `until` and `next` of a standing."""
    if stage in {Stage.PREPARATION, Stage.WAITING, Stage.OPENED}:
        known = {Phase.VOTING} if stage is Stage.OPENED else {*BEFORE_VOTE, Phase.VOTING}
        coming = [each for each in schedule if each.phase in known and now < each.begins_at]
        first = min(coming, key=lambda window: window.begins_at, default=None)
        return (first.begins_at, first.phase) if first else (None, None)
    ending = _window(schedule, ENDING[stage]) if stage in ENDING else None
    return (ending.ends_at, None) if ending and now < ending.ends_at else (None, None)


def _window(schedule: Schedule, phase: Phase) -> Window | None:
    return next((window for window in schedule if window.phase is phase), None)
