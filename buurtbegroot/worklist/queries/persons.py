"""What waits, and what of it one person can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.moderation.queries import Seat, others_not_judged
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage, may_publish
from buurtbegroot.rounds.queries import makers_of
from buurtbegroot.worklist.models import Kind
from buurtbegroot.worklist.queries.held import unjudged, unread


class Work(NamedTuple):
    """Something that waits: `key` tells it from others of its kind, `number` is how many wait there, 0 uncounted."""

    kind: Kind
    key: str
    path: str
    round: Round | None = None
    number: int = 0


@dataclass(frozen=True)
class Worker:
    """A person with a place at the desk of moderators, and whose things they may not judge."""

    session: Session
    seat: Seat

    @property
    def by(self) -> User:
        """Who it is."""
        return self.seat.by

    @cached_property
    def not_by(self) -> list[int]:
        """Who made what this person may not judge, the person first."""
        return [self.by.id, *others_not_judged(self.session, by=self.by)]


def managed(works: Sequence[Work], worker: Worker) -> list[Work]:
    """Return what a person can do who manages the round."""
    return [work for work in works if work.round is not None and may_manage(worker.by, work.round)]


def _published(works: Sequence[Work], worker: Worker) -> list[Work]:
    mine = ((work, work.round) for work in works if work.round is not None and may_manage(worker.by, work.round))
    session = worker.session
    return [work for work, round_ in mine if may_publish(worker.by, round_, makers=makers_of(session, round_))]


def _judged(count: Callable[..., dict[int, int]]) -> "ForPerson":
    """Return what finds the works with things that a person may judge, of which `count` tells how many there are."""

    def found(works: Sequence[Work], worker: Worker) -> list[Work]:
        mine = {work.round.id: work for work in managed(works, worker) if work.round is not None}
        left = count(worker.session, mine.keys(), not_by=worker.not_by) if mine else {}
        return [work._replace(number=left[at]) for at, work in mine.items() if at in left]

    return found


ForPerson = Callable[[Sequence[Work], Worker], list[Work]]
FOR_PERSON: dict[Kind, ForPerson] = {
    Kind.CHECK: _judged(unjudged),
    Kind.READ: _judged(unread),
    Kind.PUBLISH: _published,
}
"""Who can do what waits in a round, where that is not everybody who manages it."""
