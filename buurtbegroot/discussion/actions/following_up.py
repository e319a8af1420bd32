"""What becomes of contributions: a moderator lets them through, questions are answered, makers take something over."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_judge_work_of
from buurtbegroot.accounts.queries import still_there
from buurtbegroot.acts import System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.database import lock_as_seen
from buurtbegroot.discussion.actions import TalkFault
from buurtbegroot.discussion.events import ContributionShown, ContributionTakenOver, QuestionSettled
from buurtbegroot.discussion.models import Contribution, recount
from buurtbegroot.discussion.models.threads import Stance, Thread
from buurtbegroot.discussion.policy import may_read, may_settle, may_take_over
from buurtbegroot.discussion.queries import was_told_of
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.moderation.actions import look_again
from buurtbegroot.moderation.policy import may_moderate
from buurtbegroot.proposals.queries.facts import number_of_revisions


def let_through(session: Session, contribution: Contribution, *, seen: int, by: User, now: datetime) -> None:
    """Let everyone read a contribution that waited for a moderator. Raises RefusedError, ChangedSinceError."""
    require(may_moderate(by, contribution), hidden=True)
    lock_as_seen(session, contribution, seen=seen)
    insist(may_judge_work_of(by, contribution.makers), TalkFault.OWN)
    insist(contribution.deleted_at is None and contribution.hidden_at is None, TalkFault.GONE)
    insist(contribution.shown_at is None, TalkFault.SHOWN)
    contribution.put(now)
    recount(session, contribution)
    record(session, ContributionShown(**contribution.told), by=by, now=now)


def settle_question(
    session: Session,
    question: Contribution,
    *,
    answer_id: int | None,
    answered: bool,
    seen: int,
    by: User,
    now: datetime,
) -> None:
    """Say that a question is answered, by which of its answers if that is known, or that it is open again.

    Only whoever asked says which answer it was. Raises RefusedError, ChangedSinceError.
    """
    require(may_settle(by, question), hidden=not may_read(by, question))
    lock_as_seen(session, question, seen=seen)
    insist(question.stance is Stance.QUESTION, TalkFault.NO_QUESTION)
    insist(question.is_readable, TalkFault.GONE)
    if answer_id is not None:
        is_one = (Contribution.parent_id == question.id, Contribution.id == answer_id)
        found = session.scalar(select(Contribution).where(*is_one, Contribution.is_readable.is_(True)))
        insist(found is not None, TalkFault.GONE)
    question.answered_at = now if answered else None
    question.answer_id = answer_id if answered and question.author_id == by.id else None
    recount(session, question)
    record(session, QuestionSettled(**question.told, answered=answered), by=by, now=now)


def take_over(
    session: Session, contribution: Contribution, *, version: int | None, words: str, seen: int, by: User, now: datetime
) -> None:
    """Say in which version of the plan something of a contribution was taken over, and what; no version undoes that.

    Whoever wrote it gets a mail. Raises RefusedError, ChangedSinceError.
    """
    require(may_take_over(by, contribution), hidden=not may_read(by, contribution))
    lock_as_seen(session, contribution, seen=seen)
    insist(contribution.is_readable, TalkFault.GONE)
    proposal = contribution.thread.proposal
    assert proposal is not None  # or nobody may
    insist(version is None or 1 <= version <= number_of_revisions(session, proposal.id), TalkFault.NO_VERSION)
    is_new = version is not None and not was_told_of(session, contribution)
    contribution.taken_in, contribution.taken_words = version, words if version else ""
    session.flush()
    look_again(session, contribution, now=now)
    record(session, ContributionTakenOver(**contribution.told, version=version), by=by, now=now)
    author = contribution.author
    if is_new and author is not None and author.id != by.id:
        values = {"path": contribution.path, "plan": proposal.number, "version": version}
        template, language = "discussion_taken_over", author.language
        enqueue_mail(session, recipient=author.email, template=template, values=values, language=language, now=now)


def tell_makers(session: Session, thread: Thread, *, by: System, now: datetime) -> None:
    """Mail the makers of a plan that questions were put to them, with none of the words."""
    require(isinstance(by, System))
    thread.told_at = now
    if thread.open_questions and thread.proposal is not None:
        for maker in still_there(session, thread.proposal.makers):
            path, number = thread.proposal.path, thread.proposal.number
            enqueue_mail(
                session,
                recipient=maker.email,
                template="discussion_question",
                values={"path": path, "plan": number, "open": thread.open_questions},
                language=maker.language,
                now=now,
            )
    session.flush()
