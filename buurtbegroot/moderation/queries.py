"""Reading reports: the desk of whoever moderates, one case, and what somebody reported; nothing here writes."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from buurtbegroot.accounts.models import RoleGrant, User
from buurtbegroot.accounts.queries import not_independent_of
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.moderation.domain import About, key_of, late_before
from buurtbegroot.moderation.models import Appeal, Case, CaseState, HandedOn, Hideable, Judge, Reason, Report
from buurtbegroot.moderation.policy import MODERATORS, moderates_in
from buurtbegroot.rooms import Subject

SIZE = 20
MOST_WORDS = 100  # of reports on one page
MOST_COUNTED = 200
"""How far a list that filters narrow is counted: beyond that it is "more than" so many."""
MadeBy = Mapping[str, Callable[[Collection[int]], Select[Any]]]
"""How is found, for each kind of thing that can be moderated, what people made."""
PEOPLE = func.count(Report.user_id.distinct()) + func.count(Report.network.distinct())
WAITING = (CaseState.OPEN, CaseState.APPEALED)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the desk is wanted; empty is everything. `after` is the key of the row before the first one."""

    state: CaseState = CaseState.OPEN
    kind: str = ""
    reason: str = ""
    area: str = ""
    after: tuple[datetime, int] | None = None
    older_than: datetime | None = None
    newer_than: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What people say of one thing: how many for each reason, how many of them without an account, and their words.

    An account is one person, and so is a network without one, however often it reports.
    """

    reasons: Counter[str]
    people: int
    without_account: int
    words: Sequence[Report]
    first: datetime | None


class ToJudge(NamedTuple):
    """What waits for a judgement: how many reported things in each area, and the ids of the cases with an appeal."""

    reports: Mapping[str, int]
    appeals: Sequence[int]

    @property
    def number(self) -> int:
        """How many there are in all."""
        return sum(self.reports.values()) + len(self.appeals)


class Said(NamedTuple):
    """How many people gave each reason, and how many they are together: one network may give more than one."""

    reasons: Counter[str]
    people: int


@dataclass(frozen=True)
class Seat:
    """Who sits at the desk, and how for each kind of thing is found what people made: nothing of one's own is there."""

    session: Session
    by: User
    made_by: MadeBy
    most: int | None = None
    """How many reports are counted at most."""

    @cached_property
    def not_by(self) -> Sequence[int]:
        """The ids of all whose things this person may not judge, the person with them.

        They are read first, so that PostgreSQL looks up what these few made instead of reading what everybody did.
        """
        return self.session.scalars(not_independent_of(self.by)).all()

    @cached_property
    def to_judge(self) -> "ToJudge":
        """What waits for this person; read once, for a page and the menu beside it."""
        return to_judge(self.session, seat=self)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Some rows of the desk, the oldest first, with how many there are in all; `next` is the key of the next rows.

    `total` of a list that filters narrow is `MOST_COUNTED + 1` when there are more than that.
    """

    rows: Sequence[Case]
    total: int
    next: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How many cases somebody moderates in each state, and how many of those that wait are late.

    And of which areas, as code and name, and which kinds of thing they are.
    """

    counts: Counter[CaseState]
    late: int
    areas: Sequence[tuple[str, str]]
    kinds: Sequence[str]


def about_thing(hideable: Hideable) -> About:
    """Return how a letter speaks of a thing."""
    appeal = f"/bezwaar/{hideable.key.replace(':', '/')}"
    number, round_ = hideable.plan_and_round
    return About(noun=hideable.noun, number=number, round=round_, path=hideable.path, appeal=appeal)


def case_of(session: Session, hideable: Hideable) -> Case | None:
    """Return all that was reported and decided of a thing; None when nothing ever was."""
    kind, _, number = hideable.key.partition(":")
    found = select(Case).where(Case.kind == kind, Case.number == int(number))
    return session.scalar(found.options(joinedload(Case.ruled_by)))


def earlier_report(session: Session, hideable: Hideable, *, by: User) -> Report | None:
    """Return what an account reported of a thing: what waits, or was judged and is about the same text; else None."""
    kind, _, number = hideable.key.partition(":")
    same = or_(Report.settled_at.is_(None), Report.version == hideable.version)
    found = select(Report).join(Case).where(Case.kind == kind, Case.number == int(number), same)
    return session.scalar(found.where(Report.user_id == by.id).order_by(Report.id.desc()).limit(1))


def was_judged(session: Session, hideable: Hideable) -> bool:
    """Tell whether a moderator looked at a thing because its text of now was reported; the log says so too."""
    kind, _, number = hideable.key.partition(":")
    of_this_text = (Report.settled_at.is_not(None), Report.version == hideable.version)
    found = select(Case.id).join(Report).where(Case.kind == kind, Case.number == int(number), *of_this_text)
    return session.scalar(found.where(Case.state.not_in(WAITING)).limit(1)) is not None


def reported_of(session: Session, case: Case | None) -> Reported:
    """Return what waits for a judgement, with the words of the first `MOST_WORDS` who wrote some."""
    mine = (Report.case_id == (case.id if case else 0), Report.settled_at.is_(None))
    figures = select(PEOPLE, func.count(Report.network.distinct()), func.min(Report.reported_at))
    people, networks, first = session.execute(figures.where(*mine)).one()
    words = select(Report).where(*mine, Report.words != "").order_by(Report.id).limit(MOST_WORDS)
    return Reported(
        reasons=_reasons_of(session, [case])[case.id] if case else Counter(),
        people=people,
        without_account=networks,
        words=session.scalars(words).all(),
        first=first,
    )


def appeal_against(session: Session, case: Case | None, hidden_at: datetime | None) -> Appeal | None:
    """Return the appeal against the hiding of this moment; None when there is none."""
    found = select(Appeal).where(Appeal.case_id == (case.id if case else 0), Appeal.hidden_at == hidden_at)
    return session.scalar(found)


def last_appeal(session: Session, case: Case | None) -> Appeal | None:
    """Return the newest appeal of a thing, judged or not."""
    found = select(Appeal).where(Appeal.case_id == (case.id if case else 0))
    return session.scalar(found.order_by(Appeal.id.desc()).limit(1))


def handed_on_by(session: Session, appeal: Appeal | None) -> frozenset[int]:
    """Return who left an appeal to a colleague."""
    found = select(HandedOn.user_id).where(HandedOn.appeal_id == (appeal.id if appeal else 0))
    return frozenset(session.scalars(found))


def moderators(session: Session) -> Sequence[User]:
    """Return everybody who moderates anywhere."""
    holders = select(RoleGrant.user_id).where(RoleGrant.role.in_(MODERATORS))
    return session.scalars(select(User).where(User.id.in_(holders), User.deleted_at.is_(None)).order_by(User.id)).all()


def own_appeals(session: Session, subject: Subject) -> object:
    """Return the appeals of a person with what was answered."""
    rows = select(Appeal, Case).join(Case).where(Appeal.maker_id == subject.user_id).order_by(Appeal.id)
    return [
        {
            "about": f"{case.kind}:{case.number}",
            "words": appeal.words,
            "made_at": appeal.made_at.isoformat(),
            "outcome": appeal.outcome.value if appeal.outcome else None,
            "answer": appeal.answer,
        }
        for appeal, case in session.execute(rows)
    ]


def answers_to(session: Session, case: Case | None, *, lock: bool = False) -> Sequence[Report]:
    """Return the reports that wait and whose reporters left an address; none is erased while it is locked."""
    mine = select(Report).where(Report.case_id == (case.id if case else 0), Report.settled_at.is_(None))
    found = mine.where(Report.email != "", Report.is_mailed).order_by(Report.id)
    return session.scalars(found.with_for_update() if lock else found).all()


def reported_each(session: Session, cases: Sequence[Case]) -> dict[int, Said]:
    """Return for each case who gave which reason, as far as it waits; two queries."""
    mine = (Report.case_id.in_([case.id for case in cases]), Report.settled_at.is_(None))
    people = select(Report.case_id, PEOPLE).where(*mine).group_by(Report.case_id)
    by_case = dict(session.execute(people).all())
    reasons = _reasons_of(session, cases)
    return {case.id: Said(reasons[case.id], by_case.get(case.id, 0)) for case in cases}


def _reasons_of(session: Session, cases: Sequence[Case]) -> dict[int, Counter[str]]:
    mine = (Report.case_id.in_([case.id for case in cases]), Report.settled_at.is_(None))
    reasons = select(Report.case_id, Report.reason, PEOPLE).where(*mine).group_by(Report.case_id, Report.reason)
    found = {case.id: Counter[str]() for case in cases}
    for case_id, reason, number in session.execute(reasons):
        found[case_id][reason.value] = number
    return found


def desk(session: Session, wanted: Wanted, *, seat: Seat, total: int | None = None) -> Desk:
    """Return a page of what somebody moderates; the key of a page stays right when rows before it go.

    `total` is how many there are in all, where that is known already.
    """
    where = [_moderated(seat), *_narrowed(wanted)]
    if wanted.reason:  # what people say of it is told only to who may judge it
        where.append(not_(_made_by(seat, seat.not_by)))
    if total is None:
        counted = select(Case.id).join(Area).where(*where).limit(MOST_COUNTED + 1).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
    rows = select(Case).join(Area).where(*where).order_by(Case.since, Case.id).options(joinedload(Case.area))
    if wanted.after:
        since, last = wanted.after
        rows = rows.where(or_(Case.since > since, and_(Case.since == since, Case.id > last)))
    found = session.scalars(rows.limit(SIZE + 1)).all()
    end = found[SIZE - 1] if len(found) > SIZE else None
    return Desk(rows=found[:SIZE], total=total, next=key_of(end.since, end.id) if end else "")


def figures_of_desk(session: Session, *, seat: Seat, now: datetime) -> Figures:
    """Return what there is in all of what somebody moderates; one query."""
    is_late = func.count().filter(Case.since < late_before(now))
    groups = (Case.state, Case.kind, Case.area_code)
    others = not_(_made_by(seat, [seat.by.id]))
    found = select(*groups, func.count().label("number"), is_late.label("old")).where(others).group_by(*groups)
    part = found.subquery()  # a few rows, whatever the number of cases: only these look for their area
    rows = select(part.c.state, part.c.kind, Area.code, Area.name, part.c.number, part.c.old)
    counts, late, kinds, areas = Counter[CaseState](), 0, set[str](), dict[str, str]()
    for state, kind, code, name, number, old in session.execute(
        rows.join(Area, Area.code == part.c.area_code).where(_lies_here(seat))
    ):
        counts[state] += number
        late += old if state is CaseState.OPEN else 0
        kinds.add(kind)
        areas[code] = name
    named = sorted(areas.items(), key=lambda area: (area[1], area[0]))
    return Figures(counts=counts, late=late, areas=named, kinds=sorted(kinds))


def to_judge(session: Session, *, seat: Seat | None = None) -> ToJudge:
    """Return what waits for a judgement: for whomever, or for whoever sits here.

    Left out for whoever sits here: what was made or ruled on before by whom they may not judge, and appeals left to a
    colleague.
    """
    here, by_others = (true(), true()) if seat is None else (_lies_here(seat), not_(_made_by(seat, seat.not_by)))
    opened = select(Case.area_code).join(Area).where(Case.state == CaseState.OPEN, here, by_others)
    part = opened.limit(seat.most if seat else None).subquery()
    reports = select(null().label("case"), part.c.area_code, func.count()).group_by(part.c.area_code)
    appeals = select(Case.id, Case.area_code, literal(1)).join(Area)
    appeals = appeals.where(Case.state == CaseState.APPEALED, here, by_others)
    if seat is not None:
        left = select(Appeal.case_id).join(HandedOn).where(HandedOn.user_id == seat.by.id, Appeal.judged_at.is_(None))
        ruled = select(Judge.case_id).where(Judge.user_id.in_(seat.not_by))
        appeals = appeals.where(Case.id.not_in(left), Case.id.not_in(ruled))
    rows: Sequence[Any] = session.execute(union_all(reports, appeals)).all()
    return ToJudge({row[1]: row[2] for row in rows if row[0] is None}, sorted(row[0] for row in rows if row[0]))


def left_alone(session: Session, *, made_by: MadeBy) -> list[int]:
    """Return the ids of the cases with an appeal that nobody may judge, as long as nobody else gets the role."""
    waits = set(to_judge(session).appeals)
    for each in moderators(session) if waits else ():
        waits -= set(Seat(session, each, made_by).to_judge.appeals)
    return sorted(waits)


def open_cases(session: Session) -> Sequence[Case]:
    """Return the cases whose thing must be there for somebody to do anything with it."""
    states = (CaseState.OPEN, CaseState.ASKED, CaseState.APPEALED)
    return session.scalars(select(Case).where(Case.state.in_(states)).order_by(Case.id)).all()


def own_reports(session: Session, subject: Subject) -> object:
    """Return what a person reported, and what waits for an answer to their address."""
    mine = or_(Report.user_id == subject.user_id, Report.email == subject.email)
    rows = select(Report, Case).join(Case).where(mine).order_by(Report.id)
    return [
        {
            "about": f"{case.kind}:{case.number}",
            "reason": report.reason.value,
            "words": report.words,
            "answer_to": report.email,
            "answer_in": report.language,
            "reported_at": report.reported_at.isoformat(),
            "settled_at": report.settled_at.isoformat() if report.settled_at else None,
        }
        for report, case in session.execute(rows)
    ]


def own_rulings(session: Session, subject: Subject) -> object:
    """Return what a person decided on reported things and appeals, in which cases ever, and what they left."""
    cases = select(Case.kind, Case.number).join(Judge).where(Judge.user_id == subject.user_id).order_by(Case.id)
    judged = session.scalars(select(Appeal).where(Appeal.judged_by_id == subject.user_id).order_by(Appeal.id))
    left = session.scalars(select(HandedOn.appeal_id).where(HandedOn.user_id == subject.user_id))
    return {
        "texts": _last_rulings(session, subject),
        "cases": [f"{kind}:{number}" for kind, number in session.execute(cases)],
        "appeals": [{"appeal": each.id, "answer": each.answer} for each in judged],
        "left_to_a_colleague": sorted(left),
    }


def _last_rulings(session: Session, subject: Subject) -> list[dict[str, object]]:
    rows = session.scalars(select(Case).where(Case.ruled_by_id == subject.user_id).order_by(Case.id))
    return [
        {
            "about": f"{case.kind}:{case.number}",
            "act": case.act.value if case.act else None,
            "reason": case.reason,
            "explained": case.explained,
            "at": case.ruled_at.isoformat() if case.ruled_at else None,
        }
        for case in rows
    ]


def _moderated(seat: Seat) -> ColumnElement[bool]:
    """Say in SQL that somebody moderates a case and did not make what it is about; goes with a join of its area."""
    return and_(_lies_here(seat), not_(_made_by(seat, [seat.by.id])))


def _lies_here(seat: Seat) -> ColumnElement[bool]:
    held = moderates_in(seat.by)
    columns = (Area.code, Area.parent_code, Area.gebied_code, Area.district_code)
    return Area.code.is_not(None) if CITY in held else or_(*(column.in_(held) for column in columns))


def _made_by(seat: Seat, people: Collection[int]) -> ColumnElement[bool]:
    theirs = (and_(Case.kind == kind, Case.number.in_(find(people))) for kind, find in seat.made_by.items())
    return or_(false(), *theirs)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Case.state == wanted.state]
    if wanted.kind:
        found.append(Case.kind == wanted.kind)
    if wanted.area:
        found.append(Case.area_code == wanted.area)
    if wanted.older_than:
        found.append(Case.since < wanted.older_than)
    if wanted.newer_than:
        found.append(Case.since >= wanted.newer_than)
    if wanted.reason in set(Reason):
        told = exists().where(Report.case_id == Case.id, Report.settled_at.is_(None), Report.reason == wanted.reason)
        found.append(or_(told, Case.reason == wanted.reason))
    return found
