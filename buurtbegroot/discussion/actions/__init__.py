"""Taking part in a discussion: writing, answering, changing and deleting one's own, and finding something useful."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_sign
from buurtbegroot.acts import By, Fault, insist, require
from buurtbegroot.audit.actions import record, withhold_for_good
from buurtbegroot.database import lock_as_seen
from buurtbegroot.discussion.events import ContributionDeleted, ContributionEdited, ContributionWritten
from buurtbegroot.discussion.models import Contribution, EarlierText, Useful, recount, withheld
from buurtbegroot.discussion.models.threads import About, Stance, Thread, Voice
from buurtbegroot.discussion.policy import (
    is_public,
    is_writer,
    may_read,
    may_talk,
    takes_answers,
    takes_contributions,
    voice_of,
)
from buurtbegroot.discussion.queries import was_shown_before
from buurtbegroot.moderation.actions import look_again
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.rounds.models import ReadFirst, Round
from buurtbegroot.work.queue import ask_to_purge

LOCK: Any = {"of": Contribution, "key_share": True}
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class TalkFault(Fault):
    """Why nothing was said or changed.

    CLOSED: the round takes none now. GONE: it was hidden or deleted. ANSWER: it is an answer, which is answered to
    beside it. NO_QUESTION: only questions are answered. NO_VERSION: the plan has no such version. SHOWN: everyone
    reads it already. OWN: it is one's own, or that of somebody tied by a role. OFTEN: too many in a short time.
    """

    CLOSED = "closed"
    GONE = "gone"
    ANSWER = "answer"
    NO_QUESTION = "no_question"
    NO_VERSION = "no_version"
    SHOWN = "shown"
    OWN = "own"
    OFTEN = "often"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What somebody wrote, and under which name; an answer takes no stance."""

    body: str
    author_name: str
    stance: Stance = Stance.ANSWER


def contribute(session: Session, about: About, remark: Remark, *, by: User, now: datetime) -> Contribution:
    """Say something of a plan or a round; in some rounds it waits for a moderator. Raises RefusedError."""
    require(may_talk(by, about), hidden=not is_public(about))
    insist(takes_contributions(about, now), TalkFault.CLOSED)
    return _write(session, about, remark, parent=None, by=by, now=now)


def answer(session: Session, contribution: Contribution, remark: Remark, *, by: User, now: datetime) -> Contribution:
    """Answer to a contribution; raises RefusedError, also when it was hidden or deleted meanwhile."""
    about = contribution.thread.about
    require(may_talk(by, about) and may_read(by, contribution), hidden=True)
    insist(takes_answers(by, about, now), TalkFault.CLOSED)
    insist(contribution.parent_id is None, TalkFault.ANSWER)
    session.refresh(contribution, with_for_update=LOCK)
    insist(contribution.is_readable, TalkFault.GONE)
    return _write(session, about, remark, parent=contribution, by=by, now=now)


def edit_contribution(
    session: Session, contribution: Contribution, body: str, *, name: str = "", seen: int, by: User, now: datetime
) -> bool:
    """Change what one wrote and tell whether that made a difference. Raises RefusedError, ChangedSinceError.

    The earlier text stays to be read. Where a moderator reads everything first, the new text waits for that. What is
    hidden can be changed at any time, with the `name` under it, and stays so until shown; what it said before always.
    """
    require(is_writer(by, contribution), hidden=not may_read(by, contribution))
    lock_as_seen(session, contribution, seen=seen)
    about = contribution.thread.about
    insist(contribution.deleted_at is None, TalkFault.GONE)
    insist(contribution.hidden_at is not None or takes_answers(by, about, now), TalkFault.CLOSED)
    name = (name if contribution.hidden_at else "") or contribution.stored_author_name
    if (body, name) == (contribution.stored_body, contribution.stored_author_name):
        return False
    insist(name == contribution.stored_author_name or may_sign(by, name, about.round.owner), AccountFault.CLAIMS_OFFICE)
    if contribution.shown_at is not None:
        _keep_text(session, contribution, now=now)
        contribution.edited_at = now
    contribution.body, contribution.author_name = body, name
    if contribution.hidden_at is not None:
        session.execute(withheld(contribution, now=now))
        withhold_for_good(session, contribution.key, by=by)
    elif about.round.read_first is ReadFirst.ALL and contribution.voice is Voice.RESIDENT:
        contribution.shown_at = None
    recount(session, contribution)
    look_again(session, contribution, now=now)
    record(session, ContributionEdited(**contribution.told, waits=contribution.shown_at is None), by=by, now=now)
    return True


def delete_contribution(session: Session, contribution: Contribution, *, seen: int, by: User, now: datetime) -> None:
    """Take away what one wrote, with its earlier texts; its place and the answers stay. Deleting again does nothing.

    Raises ChangedSinceError when it is not of the version that was seen.
    """
    require(is_writer(by, contribution), hidden=not may_read(by, contribution))
    lock_as_seen(session, contribution, seen=seen)
    if contribution.deleted_at is None:
        _take_away(session, contribution, now=now)
        record(session, ContributionDeleted(**contribution.told), by=by, now=now)
        ask_to_purge(session, now=now)


def find_useful(session: Session, contribution: Contribution, *, by: User, now: datetime) -> None:
    """Find a contribution of another useful; twice is once. Raises RefusedError."""
    about = contribution.thread.about
    require(may_talk(by, about) and may_read(by, contribution), hidden=True)
    insist(not is_writer(by, contribution), TalkFault.OWN)
    insist(takes_answers(by, about, now), TalkFault.CLOSED)
    session.refresh(contribution, with_for_update=LOCK)
    insist(contribution.is_readable, TalkFault.GONE)
    row = _INSERT[session.get_bind().dialect.name](Useful).values(contribution_id=contribution.id, user_id=by.id)
    session.execute(row.on_conflict_do_nothing())
    _count_useful(session, contribution)


def find_no_longer_useful(session: Session, contribution: Contribution, *, by: User, now: datetime) -> None:
    """Take that back; nothing happens when it was not so. Raises RefusedError."""
    about = contribution.thread.about
    require(may_talk(by, about) and may_read(by, contribution), hidden=True)
    insist(takes_answers(by, about, now), TalkFault.CLOSED)
    session.refresh(contribution, with_for_update=LOCK)
    session.execute(delete(Useful).where(Useful.contribution_id == contribution.id, Useful.user_id == by.id))
    _count_useful(session, contribution)


def erase_contributions(session: Session, subject: Subject, *, by: By, now: datetime) -> None:
    """Take away all that a person wrote in discussions."""
    require(erases(by, subject))
    _lock_all_of(session, subject)
    own = select(Contribution).where(Contribution.author_id == subject.user_id).order_by(Contribution.id)
    for contribution in session.scalars(own.execution_options(populate_existing=True)).all():
        is_new = contribution.deleted_at is None
        _take_away(session, contribution, now=contribution.deleted_at or now)
        contribution.author_id = None
        if is_new:
            record(session, ContributionDeleted(**contribution.told), by=subject.person, now=now)


def erase_useful(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Take back all that a person found useful."""
    require(erases(by, subject))
    rows = select(Useful.contribution_id).where(Useful.user_id == subject.user_id).order_by(Useful.contribution_id)
    numbers = session.scalars(rows).all()
    session.execute(delete(Useful).where(Useful.user_id == subject.user_id))
    for number in numbers:
        _count_useful(session, session.get_one(Contribution, number))


def _lock_all_of(session: Session, subject: Subject) -> None:
    """Lock all that erasing a person changes, in the order of `recount`: answers, what they answer to, discussions."""
    useful = select(Useful.contribution_id).where(Useful.user_id == subject.user_id)
    mine = or_(Contribution.author_id == subject.user_id, Contribution.id.in_(useful))
    parents = select(Contribution.parent_id).where(mine, Contribution.parent_id.is_not(None))
    answers = select(Contribution.id).where(mine, Contribution.parent_id.is_not(None))
    tops = select(Contribution.id).where(or_(mine, Contribution.id.in_(parents)), Contribution.parent_id.is_(None))
    threads = select(Thread.id).where(Thread.id.in_(select(Contribution.thread_id).where(mine)))
    for rows, order in ((answers, Contribution.id), (tops, Contribution.id), (threads, Thread.id)):
        session.execute(rows.order_by(order).with_for_update(key_share=True)).all()


def _write(
    session: Session, about: About, remark: Remark, *, parent: Contribution | None, by: User, now: datetime
) -> Contribution:
    insist(may_sign(by, remark.author_name, about.round.owner), AccountFault.CLAIMS_OFFICE)
    insist(by.may_publish_at is not None, AccountFault.NO_CONSENT)
    voice = voice_of(by, about)
    waits = voice is Voice.RESIDENT and _is_read_first(session, about.round, by=by)
    contribution = Contribution(
        thread=_thread(session, about),
        parent_id=parent.id if parent else None,
        stance=remark.stance,
        voice=voice,
        author=by,
        author_name=remark.author_name,
        body=remark.body,
        created_at=now,
    )
    session.add(contribution)
    if not waits:
        contribution.put(now)
    recount(session, contribution)
    event = ContributionWritten(**contribution.told, stance=remark.stance.value, waits=waits)
    record(session, event, by=by, now=now)
    return contribution


def _is_read_first(session: Session, round_: Round, *, by: User) -> bool:
    if round_.read_first is ReadFirst.FIRST:
        return not was_shown_before(session, by)
    return round_.read_first is ReadFirst.ALL


def _thread(session: Session, about: About) -> Thread:
    """Return the discussion of a plan or round; the first one to say something begins it."""
    proposal_id = about.proposal.id if about.proposal else None
    row = _INSERT[session.get_bind().dialect.name](Thread).values(round_id=about.round.id, proposal_id=proposal_id)
    session.execute(row.on_conflict_do_nothing())
    is_it = Thread.proposal_id == proposal_id if proposal_id else Thread.proposal_id.is_(None)
    return session.scalars(select(Thread).where(Thread.round_id == about.round.id, is_it)).one()


def _keep_text(session: Session, contribution: Contribution, *, now: datetime) -> None:
    last = select(func.max(EarlierText.number)).where(EarlierText.contribution_id == contribution.id)
    number = (session.scalar(last) or 0) + 1
    text = {"contribution_id": contribution.id, "number": number, "body": contribution.stored_body}
    session.execute(insert(EarlierText.__table__).values(**text, replaced_at=now))  # type: ignore[arg-type]


def _take_away(session: Session, contribution: Contribution, *, now: datetime) -> None:
    session.execute(delete(EarlierText).where(EarlierText.contribution_id == contribution.id))
    session.execute(delete(Useful).where(Useful.contribution_id == contribution.id))
    contribution.deleted_at, contribution.useful = now, 0
    contribution.body = contribution.author_name = contribution.taken_words = ""
    contribution.taken_in = contribution.answered_at = contribution.answer_id = None
    recount(session, contribution)
    look_again(session, contribution, now=now)


def _count_useful(session: Session, contribution: Contribution) -> None:
    found = select(func.count()).where(Useful.contribution_id == contribution.id).scalar_subquery()
    counted = update(Contribution).where(Contribution.id == contribution.id).values(useful=found)
    session.execute(counted, execution_options={"synchronize_session": False})
    session.expire(contribution, ["useful"])
    recount(session, contribution)
