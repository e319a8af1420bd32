"""Pages of contributions with their first answers, and the figures of discussions; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.models import Contribution, Useful
from buurtbegroot.discussion.models.threads import About, Stance, Thread, Voice
from buurtbegroot.discussion.policy import takes_contributions
from buurtbegroot.discussion.queries.figures import FIGURES, Figures
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import standing_of

PAGE = 10
FIRST_ANSWERS = 3


class Order(StrEnum):
    """In which order contributions stand."""

    NEWEST = "nieuwste"
    OLDEST = "oudste"
    USEFUL = "nuttig"
    OPEN = "open"


class Said(NamedTuple):
    """A contribution as pages show it, with its first answers; hidden words are not here."""

    id: int
    proposal_id: int | None
    parent_id: int | None
    stance: Stance
    voice: Voice
    author_name: str
    body: str
    created_at: datetime
    edited_at: datetime | None
    shown_at: datetime | None
    hidden_at: datetime | None
    hidden_because: str | None
    deleted_at: datetime | None
    answered_at: datetime | None
    answer_id: int | None
    taken_words: str
    taken_in: int | None
    useful: int
    answers: int
    is_open: bool
    is_own: bool
    is_useful: bool
    shown: tuple["Said", ...] = ()

    @property
    def is_readable(self) -> bool:
        """Whether everyone reads its words."""
        return self.shown_at is not None and self.hidden_at is None and self.deleted_at is None

    @property
    def only_waits(self) -> bool:
        """Whether its reader knows only that a moderator reads it first: it was changed after others answered."""
        return self.shown_at is None and not self.is_own


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which contributions, in which order, and after which place; `after` is the key of the last one of a page."""

    order: Order = Order.NEWEST
    stance: Stance | None = None
    after: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A page of a discussion: `after` leads to the next one, None on the last; `quoted` are read literally.

    `is_open` says whether everybody can talk now, `until` when that ended, None when it did not end by the clock, and
    `takes_answers` whether makers can still answer.
    """

    figures: Figures
    rows: Sequence[Said]
    quoted: Sequence[Said]
    wanted: Wanted
    after: tuple[int, int] | None
    is_open: bool
    until: datetime | None = None
    takes_answers: bool = False


ME: BindParameter[int] = bindparam("me", type_=Integer())
OF_PLAN = Thread.proposal_id == bindparam("about")
OF_ROUND = and_(Thread.round_id == bindparam("about"), Thread.proposal_id.is_(None))
KEYS: dict[Order, tuple[Any, ...]] = {
    Order.NEWEST: (Contribution.id,),
    Order.OLDEST: (Contribution.id,),
    Order.USEFUL: (Contribution.useful, Contribution.id),
    Order.OPEN: (Contribution.is_open, Contribution.id),
}


def _columns() -> list[Any]:
    """Return the columns of a `Said`, in its order."""
    useful = select(Useful).where(Useful.contribution_id == Contribution.id, Useful.user_id == ME).exists()
    made: dict[str, Any] = {"is_own": func.coalesce(Contribution.author_id == ME, False), "is_useful": useful}
    made["proposal_id"] = select(Thread.proposal_id).where(Thread.id == Contribution.thread_id).scalar_subquery()
    may_read = or_(Contribution.shown_at.is_not(None), Contribution.author_id == ME)
    words = {name: getattr(Contribution, name) for name in ("author_name", "body", "taken_words")}
    made |= {name: case((may_read, said), else_="") for name, said in words.items()}
    names = [name for name in Said._fields if name != "shown"]
    return [(made[name] if name in made else getattr(Contribution, name)).label(name) for name in names]


COLUMNS = _columns()
WAITS = and_(Contribution.shown_at.is_(None), Contribution.deleted_at.is_(None), Contribution.hidden_at.is_(None))
HAS_PLACE = or_(
    Contribution.is_readable.is_(True),
    Contribution.answers > 0,
    and_(Contribution.shown_at.is_not(None), Contribution.deleted_at.is_not(None)),
    and_(Contribution.author_id == ME, WAITS),
)
"""What has a place in a list: what can be read, what was there and has answers or was deleted, and own that waits."""


def talk_about(session: Session, about: About, wanted: Wanted, *, by: By, now: datetime) -> Talk:
    """Return a page of the discussion of a plan or a round, as `by` sees it; at most two queries."""
    number = about.proposal.id if about.proposal else about.round.id
    is_open, of_it = takes_contributions(about, now), OF_PLAN if about.proposal else OF_ROUND
    talk = _talk(session, of_it, number, wanted=wanted, by=by, is_open=is_open)
    takes_answers = standing_of(about.round, now).is_before_vote
    return talk if is_open else replace(talk, until=_ended(about.round, now), takes_answers=takes_answers)


def _ended(round_: Round, now: datetime) -> datetime | None:
    """Return when the last phase ended in which everybody could talk of its plans; None when it did not."""
    ends = [window.ends_at for window in round_.windows if window.phase in {Phase.SUBMISSION, Phase.COCREATION}]
    return max(ends) if ends and max(ends) <= now else None


def of_plan(session: Session, proposal: Proposal, wanted: Wanted, *, by: By, now: datetime) -> Talk:
    """Return a page of the discussion of a plan, as `by` sees it; at most two queries."""
    return talk_about(session, About(proposal.round, proposal), wanted, by=by, now=now)


def _talk(session: Session, of_it: ColumnElement[bool], about: int, *, wanted: Wanted, by: By, is_open: bool) -> Talk:
    me = by.id if isinstance(by, User) else 0
    key = dict(zip(("first", "second"), _place(wanted) or (), strict=False))
    stance = {"stance": wanted.stance} if wanted.stance else {}
    page = _page(of_it is OF_PLAN, wanted.order, has_stance=bool(stance), is_next=bool(key))
    found = session.execute(page, {"about": about, "me": me, **key, **stance}).all()
    if not found:
        return Talk(figures=Figures(), rows=(), quoted=(), wanted=wanted, after=None, is_open=is_open)
    figures, quoted = Figures(**dict(zip(FIGURES, found[0], strict=False))), found[0].quoted
    rows = [Said(*row[len(FIGURES) + 1 :]) for row in found if row.id is not None]
    rows, is_last = rows[:PAGE], len(rows) <= PAGE
    more = _extra(session, [row.id for row in rows], quoted, me=me)
    return Talk(
        figures=figures,
        rows=[row._replace(shown=tuple(each for each in more if each.parent_id == row.id)) for row in rows],
        quoted=tuple(each for one in quoted for each in more if each.id == one),
        wanted=wanted,
        after=None if is_last else key_of(rows[-1], wanted.order),
        is_open=is_open,
    )


def key_of(said: Said, order: Order) -> tuple[int, int]:
    """Return the place of a contribution in an order."""
    first = {Order.USEFUL: said.useful, Order.OPEN: int(said.is_open)}.get(order, 0)
    return (first, said.id)


def _place(wanted: Wanted) -> tuple[int, int] | None:
    """Return after which place the page begins, with values of the types of its columns."""
    if wanted.after is None or wanted.order is not Order.OPEN:
        return wanted.after
    return bool(wanted.after[0]), wanted.after[1]


@lru_cache(maxsize=100)
def _page(is_plan: bool, order: Order, *, has_stance: bool, is_next: bool) -> Select[Any]:
    """Select figures and quotes of a discussion beside each contribution of a page, or beside nothing."""
    keys, of_it = KEYS[order], OF_PLAN if is_plan else OF_ROUND
    there = select(Thread.id).where(of_it).scalar_subquery()
    wanted = [Contribution.thread_id == there, Contribution.parent_id.is_(None), HAS_PLACE]
    if has_stance:
        wanted += [Contribution.stance == bindparam("stance"), or_(Contribution.is_readable.is_(True), WAITS)]
    if is_next:
        names = ("first", "second")[-len(keys) :]
        last = [bindparam(name, type_=column.type) for name, column in zip(names, keys, strict=True)]
        own, given = tuple_(*keys), tuple_(*last)
        wanted.append(own > given if order is Order.OLDEST else own < given)
    sorted_ = keys if order is Order.OLDEST else tuple(key.desc() for key in keys)
    page = select(*COLUMNS).where(*wanted).order_by(*sorted_).limit(PAGE + 1).subquery("page")
    figures = [getattr(Thread, name) for name in FIGURES]
    again = [page.c[key.key] for key in keys]
    again = again if order is Order.OLDEST else [key.desc() for key in again]
    whole = select(*figures, Thread.quoted, *page.c).select_from(Thread).outerjoin(page, literal(True))
    return whole.where(of_it).order_by(*again)


def _extra(session: Session, parents: Sequence[int], quoted: Sequence[int], *, me: int) -> list[Said]:
    """Return the first answers to each of these contributions, and those that are quoted; one query."""
    if not parents and not quoted:
        return []
    names = {f"parent{place}": each for place, each in enumerate(parents)}
    found = session.execute(_extras(len(parents)), {"me": me, "quoted": list(quoted), **names})
    return [Said(*row) for row in found]


@lru_cache(maxsize=PAGE + 1)
def _extras(parents: int) -> Any:
    quoted = select(*COLUMNS).where(Contribution.id.in_(bindparam("quoted", expanding=True)))
    answers = [
        select(*COLUMNS)
        .where(Contribution.parent_id == bindparam(f"parent{place}"), HAS_PLACE)
        .order_by(Contribution.id)
        .limit(FIRST_ANSWERS)
        .subquery()
        for place in range(parents)
    ]
    return union_all(quoted, *(select(each) for each in answers))
