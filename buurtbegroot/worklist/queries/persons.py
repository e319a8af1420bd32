"""What waits, and what of it one person can do."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from buurtbegroot.moderation.queries import Seat, appeals_to_judge, areas_to_judge, others_not_judged
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


def managed(_session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
    """Return what a person can do who manages the round."""
    return [work for work in works if work.round is not None and may_manage(seat.by, work.round)]


def _published(session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
    mine = ((work, work.round) for work in works if work.round is not None and may_manage(seat.by, work.round))
    return [work for work, round_ in mine if may_publish(seat.by, round_, makers=makers_of(session, round_))]


def _judged(count: Callable[..., dict[int, int]]) -> "ForPerson":
    """Return what finds the works with things that a person may judge, of which `count` tells how many there are."""

    def found(session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
        mine = {work.round.id: work for work in managed(session, works, seat) if work.round is not None}
        not_by = [seat.by.id, *others_not_judged(session, by=seat.by)] if mine else []
        left = count(session, mine.keys(), not_by=not_by) if mine else {}
        return [work._replace(number=left[at]) for at, work in mine.items() if at in left]

    return found


def _reports(session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
    left = areas_to_judge(session, seat=seat)
    counted = {f"area:{area}": number for area, number in left.items()}
    return [work._replace(number=counted[work.key]) for work in works if work.key in counted]


def _appeals(session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
    mine = {f"case:{case.id}" for case in appeals_to_judge(session, seat=seat)}
    return [work for work in works if work.key in mine]


def _jobs(_session: Session, works: Sequence[Work], seat: Seat) -> list[Work]:
    return list(works) if seat.by.is_administrator else []


ForPerson = Callable[[Session, Sequence[Work], Seat], list[Work]]
FOR_PERSON: dict[Kind, ForPerson] = {
    Kind.CHECK: _judged(unjudged),
    Kind.READ: _judged(unread),
    Kind.PUBLISH: _published,
    Kind.REPORTS: _reports,
    Kind.APPEALS: _appeals,
    Kind.JOBS: _jobs,
}
"""Who can do it, where that is not everybody who manages the round."""
