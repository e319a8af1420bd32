"""What waits, and what of it one person can do."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from buurtbegroot.moderation.queries import Seat
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


def managed(works: Sequence[Work], seat: Seat) -> list[Work]:
    """Return what a person can do who manages the round."""
    return [work for work in works if work.round is not None and may_manage(seat.by, work.round)]


def _published(works: Sequence[Work], seat: Seat) -> list[Work]:
    mine = ((work, work.round) for work in works if work.round is not None and may_manage(seat.by, work.round))
    session = seat.session
    return [work for work, round_ in mine if may_publish(seat.by, round_, makers=makers_of(session, round_))]


def _judged(count: Callable[..., dict[int, int]]) -> "ForPerson":
    """Return what finds the works with things that a person may judge, of which `count` tells how many there are."""

    def found(works: Sequence[Work], seat: Seat) -> list[Work]:
        mine = {work.round.id: work for work in managed(works, seat) if work.round is not None}
        left = count(seat.session, mine.keys(), not_by=seat.not_by) if mine else {}
        return [work._replace(number=left[at]) for at, work in mine.items() if at in left]

    return found


ForPerson = Callable[[Sequence[Work], Seat], list[Work]]
FOR_PERSON: dict[Kind, ForPerson] = {
    Kind.CHECK: _judged(unjudged),
    Kind.READ: _judged(unread),
    Kind.PUBLISH: _published,
}
"""Who can do what waits in a round, where that is not everybody who manages it."""
