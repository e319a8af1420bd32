"""Reading what waits for organisers: all of it, and what of it one person can do; nothing here writes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import RoleGrant, User
from buurtbegroot.booth import dual_acts as booth
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.standing import Stage
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.dual_control.policy import Act
from buurtbegroot.dual_control.queries import open_requests
from buurtbegroot.moderation.policy import moderates_in
from buurtbegroot.moderation.queries import MadeBy, Seat, left_alone, to_judge
from buurtbegroot.registry import dual_acts as registry
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import is_time_to_open, missing_parts, round_key, rounds_in, standing_of
from buurtbegroot.tally import dual_acts as tally
from buurtbegroot.tally.queries import BUNDLE, OPEN, final_from
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.worklist.models import Kind, ToldWork
from buurtbegroot.worklist.queries.held import Held
from buurtbegroot.worklist.queries.persons import FOR_PERSON, Work, managed

PAGES = {
    Kind.RESTORE: "teruggezet",
    Kind.OPEN: "openen",
    Kind.CHECK: "plannen",
    Kind.READ: "reacties",
    Kind.CODES: "codes",
    Kind.PUBLISH: "vaststellen",
}
"""The page of a round on which it is done; all else is done on that of the count."""
APPEALS = "/werkplek/meldingen?stand=bezwaar"
ORDER = list(Kind)


class Due(NamedTuple):
    """A round with what waits in it, the most pressing first."""

    round: Round
    works: Sequence[Work]
    waits_for_second: bool

    @property
    def step(self) -> str:
        """What is done next: a kind, the second person's yes, the set-up, or nothing at all."""
        if self.works:
            return self.works[0].kind.value
        return "second" if self.waits_for_second else "nothing" if self.round.published_at else "set_up"

    @property
    def path(self) -> str:
        """The page on which that is done."""
        if self.works:
            return self.works[0].path
        set_up = "vaststellen" if self.round.published_at else "gebied-en-geld"
        return f"/werkplek/rondes/{self.round.slug}/{'telling' if self.round.opened_at else set_up}"


def due_in(session: Session, rounds: Sequence[Round], *, requests: Sequence[DualRequest], now: datetime) -> list[Due]:
    """Return these rounds with what waits in them, for whomever, in the order of the rounds.

    `requests` are all that wait for a second person (`open_requests`).
    """
    held = Held(session, rounds, requests)
    asked = {about for _act, about in held.asked}
    return [Due(round_, _works(round_, held, now=now), round_key(round_) in asked) for round_ in rounds]


def all_work(session: Session, *, made_by: MadeBy, now: datetime) -> list[Work]:
    """Return all that waits for whomever: in all rounds, at the desk of moderators, and of the background work."""
    rounds = session.scalars(rounds_in(published=False)).all()
    dues = due_in(session, rounds, requests=open_requests(session), now=now)
    in_rounds = (work for due in dues for work in due.works)
    return [*in_rounds, *_beside_rounds(session, made_by)]


def by_pressing(dues: Iterable[Due]) -> list[Due]:
    """Return rounds with what presses most first, and those in which nothing waits last."""
    after = ["second", "set_up", "nothing"]
    return sorted(dues, key=lambda due: [*ORDER, *after].index(due.step))


def can_do(session: Session, works: Iterable[Work], *, seat: Seat) -> list[Work]:
    """Return what of this a person can do, with the numbers of what they can judge."""
    some = list(works)
    wanted = {(work.kind, work.key) for work in some}
    beside = (work for work in _beside_rounds(session, seat.made_by, seat) if (work.kind, work.key) in wanted)
    return [*_in_rounds(some, seat), *beside]


def work_for(session: Session, dues: Iterable[Due], *, seat: Seat) -> list[Work]:
    """Return what a person can do in these rounds and beside them, the most pressing first.

    As lines: one for the desk of moderators, one for the background work.
    """
    in_rounds = _in_rounds((work for due in dues for work in due.works), seat)
    lines: dict[tuple[Kind, str], Work] = {}
    for work in sorted([*in_rounds, *_beside_rounds(session, seat.made_by, seat)], key=_pressing):
        line = (work.kind, work.path if work.round is None else work.key)
        lines[line] = work._replace(number=work.number + (lines[line].number if line in lines else 0))
    return list(lines.values())


def organisers(session: Session) -> Sequence[User]:
    """Return everybody with a role anywhere."""
    holders = select(RoleGrant.user_id)
    return session.scalars(select(User).where(User.id.in_(holders), User.deleted_at.is_(None)).order_by(User.id)).all()


def told(session: Session) -> dict[tuple[Kind, str], ToldWork]:
    """Return of what people were told, as far as it waited when that was last looked at."""
    return {(each.kind, each.key): each for each in session.scalars(select(ToldWork))}


def is_news(session: Session, *, made_by: MadeBy, now: datetime) -> bool:
    """Tell whether anything waits of which nobody was told, or no longer waits."""
    return {(work.kind, work.key) for work in all_work(session, made_by=made_by, now=now)} != told(session).keys()


def _pressing(work: Work) -> int:
    return ORDER.index(work.kind)


def _works(round_: Round, held: Held, *, now: datetime) -> list[Work]:
    found = _before_publishing(round_, now) if round_.published_at is None else _since_public(round_, held, now=now)
    base, key = f"/werkplek/rondes/{round_.slug}", round_key(round_)
    works = [Work(kind, key, f"{base}/{PAGES.get(kind, 'telling')}", round_, number) for kind, number in found]
    return sorted(works, key=_pressing)


def _before_publishing(round_: Round, now: datetime) -> Iterator[tuple[Kind, int]]:
    if not missing_parts(round_, now):
        yield Kind.PUBLISH, 0


def _since_public(round_: Round, held: Held, *, now: datetime) -> Iterator[tuple[Kind, int]]:
    standing, may_open = standing_of(round_, now), is_time_to_open(round_, now)
    if number := held.unread.get(round_.id, 0):
        yield Kind.READ, number
    if standing.stage is Stage.FEASIBILITY or may_open:
        yield from _before_opening(round_, held, is_late=may_open and Phase.VOTING in standing.running)
    elif round_.opened_at is not None:
        yield from _since_opening(round_, held, now=now)


def _before_opening(round_: Round, held: Held, *, is_late: bool) -> Iterator[tuple[Kind, int]]:
    to_check, has_codes = held.unjudged.get(round_.id, 0), held.facts[round_.id].with_codes
    if to_check:
        yield Kind.CHECK, to_check
    if not has_codes and (is_late or not to_check):
        yield Kind.CODES, 0
    if has_codes and (is_late or not to_check) and not _is_asked(booth.OPEN, round_, held):
        yield Kind.OPEN, 0


def _since_opening(round_: Round, held: Held, *, now: datetime) -> Iterator[tuple[Kind, int]]:
    possible = {Kind.RESTORE: registry.RESTORE, Kind.CLOSE: tally.CLOSE}
    for kind, act in possible.items() if round_.closed_at is None else ():
        if act.is_possible(held.session, round_, now) and not _is_asked(act, round_, held):
            yield kind, 0
    if round_.closed_at is not None and not round_.archive and held.facts[round_.id].is_counting:
        yield from _since_closing(round_, held, now=now)


def _since_closing(round_: Round, held: Held, *, now: datetime) -> Iterator[tuple[Kind, int]]:
    count = held.facts[round_.id]
    if round_.certified_at is None:
        yield from _of_count(round_, held, now=now)
    elif count.destroyed_at is None and not _is_asked(tally.DESTROY, round_, held):
        yield Kind.DESTROY, 0
    if count.on_paper and not count.lists_gone and not _is_asked(tally.CODE_LISTS, round_, held):
        yield Kind.CODE_LISTS, 0


def _of_count(round_: Round, held: Held, *, now: datetime) -> Iterator[tuple[Kind, int]]:
    count = held.facts[round_.id]
    if count.opened_at is None:
        found = None if (OPEN, round_.id) in held.busy else Kind.UNSEAL
    elif count.counted_at is None:
        found = Kind.COUNT
    elif not count.bundle:
        found = None if (BUNDLE, round_.id) in held.busy else Kind.BUNDLE
    elif count.faults:
        found = Kind.FAULTY
    else:
        early = final_from(held.session, round_.id, opened_at=count.opened_at, now=now)
        found = None if early or _is_asked(tally.CERTIFY, round_, held) else Kind.CERTIFY
    if found is not None:
        yield found, 0


def _is_asked(act: Act[Round], round_: Round, held: Held) -> bool:
    return (act.name, round_key(round_)) in held.asked


def _in_rounds(works: Iterable[Work], seat: Seat) -> Iterator[Work]:
    """Yield what of this a person can do in rounds."""
    kinds = groupby(sorted((work for work in works if work.round), key=_pressing), key=lambda work: work.kind)
    for kind, some in kinds:
        yield from FOR_PERSON.get(kind, managed)(list(some), seat)


def _beside_rounds(session: Session, made_by: MadeBy, seat: Seat | None = None) -> Iterator[Work]:
    """Yield what waits at the desk of moderators and in the background: for whomever, or what one person can do."""
    gives_roles = seat is None or seat.by.is_administrator
    alone = left_alone(session, made_by=made_by) if gives_roles else []
    if seat is None or moderates_in(seat.by):
        found = seat.to_judge if seat else to_judge(session)
        for area, number in found.reports.items():
            yield Work(Kind.REPORTS, f"area:{area}", "/werkplek/meldingen", number=number)
        for case in found.appeals:
            if case not in alone:
                yield Work(Kind.APPEALS, f"case:{case}", APPEALS, number=1)
    for case in alone:
        yield Work(Kind.APPOINT, f"case:{case}", APPEALS, number=1)
    if gives_roles:
        for job in session.scalars(select(Job.id).where(Job.state == JobState.FAILED).order_by(Job.id)):
            yield Work(Kind.JOBS, f"job:{job}", "/werkplek/achtergrond", number=1)
