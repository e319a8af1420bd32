"""The appeal of a maker against hiding, once, and the judgement on it by another moderator, which is the last word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By, Fault, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.database import lock_as_seen
from buurtbegroot.moderation.actions import ModerationFault, Ruling, lock_case, note_judge, send_letter, unhide
from buurtbegroot.moderation.domain import Act, judgement_letter, last_day_of_appeal
from buurtbegroot.moderation.events import AppealHandedOn, AppealJudged, AppealMade
from buurtbegroot.moderation.models import Appeal, Case, CaseState, HandedOn, Hideable, Reason
from buurtbegroot.moderation.policy import is_maker, may_judge_appeal, may_moderate
from buurtbegroot.moderation.queries import about_thing, appeal_against, handed_on_by, last_appeal, moderators
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.timezone import AMSTERDAM


class AppealFault(Fault):
    """Why there is no appeal or no judgement.

    ONCE: there was one. LATE: its last day is over. NOT_YOURS: it is for a colleague. NOBODY_ELSE: there is none.
    """

    ONCE = "once"
    LATE = "late"
    NOT_YOURS = "not_yours"
    NOBODY_ELSE = "nobody_else"


@dataclass(frozen=True, kw_only=True)
class Judgement(Ruling):
    """Whether what was hidden shows again, and why."""

    shown: bool


def appeal(session: Session, hideable: Hideable, words: str, *, by: User, now: datetime) -> Appeal:
    """Ask that another moderator looks at what was hidden of one's own; raises RefusedError when that is not possible.

    It is possible once for each time that it is hidden, for two weeks.
    """
    require(is_maker(by, hideable), hidden=True)
    case = lock_case(session, hideable, now=now)
    session.refresh(hideable, ["hidden_at"])  # a moderator who was showing it had the case
    insist(hideable.hidden_at is not None, ModerationFault.SHOWN)
    insist(appeal_against(session, case, hideable.hidden_at) is None, AppealFault.ONCE)
    assert hideable.hidden_at is not None
    today = now.astimezone(AMSTERDAM).date()
    insist(today <= last_day_of_appeal(hideable.hidden_at), AppealFault.LATE)
    made = Appeal(case_id=case.id, maker_id=by.id, hidden_at=hideable.hidden_at, words=words, made_at=now)
    session.add(made)
    case.state, case.since = CaseState.APPEALED, now
    session.flush()
    record(session, AppealMade(**_told(hideable)), by=by, now=now)
    return made


def judge_appeal(
    session: Session, hideable: Hideable, judgement: Judgement, *, seen: int, by: User, now: datetime
) -> None:
    """Judge an appeal, show again or not what was hidden, and mail its makers why: there is no further round.

    Raises RefusedError for whoever decided on it before, is tied by a role to who did or to who made it, or was not
    the first; ChangedSinceError when the words are not those of the version `seen`.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_as_seen(session, hideable, seen=seen)
    case, found = _lock_appeal(session, hideable, by=by, now=now, rulings=judgement.rulings)
    found.outcome, found.answer = Act.SHOW if judgement.shown else Act.HIDE, judgement.explained
    found.judged_by_id, found.judged_at = by.id, now
    if judgement.shown:
        unhide(session, hideable, by=by, now=now)
    else:
        hideable.hidden_because = Reason(judgement.reason)
    case.state, case.since = CaseState.CLOSED if judgement.shown else CaseState.HIDDEN, now
    case.act, case.reason, case.explained = found.outcome, judgement.reason.value, judgement.explained
    case.has_changed = False
    note_judge(case, by=by, now=now)
    session.flush()
    event = AppealJudged(**_told(hideable), shown=judgement.shown, reason=judgement.reason.value)
    record(session, event, by=by, now=now)
    letter = judgement_letter(
        about_thing(hideable), shown=judgement.shown, reason=judgement.reason.value, explained=judgement.explained
    )
    for maker in hideable.makers:
        send_letter(session, letter, recipient=maker.email, language=maker.language, now=now)


def hand_on_appeal(session: Session, hideable: Hideable, *, by: User, now: datetime) -> None:
    """Leave an appeal to a colleague for good.

    Raises RefusedError for whoever may not judge it anyway, and when nobody else may: it would wait for ever.
    """
    require(may_moderate(by, hideable), hidden=True)
    case, found = _lock_appeal(session, hideable, by=by, now=now)
    gone = handed_on_by(session, found) | {by.id}
    others = (may_judge_appeal(each, hideable, case, handed_on=gone) for each in moderators(session))
    insist(any(others), AppealFault.NOBODY_ELSE)
    session.add(HandedOn(appeal_id=found.id, user_id=by.id))
    session.flush()
    record(session, AppealHandedOn(**_told(hideable)), by=by, now=now)


def erase_appeals(session: Session, subject: Subject, *, by: By, now: datetime) -> None:
    """Throw the appeals of a person away; what they were about stays as it is."""
    require(erases(by, subject))
    mine = select(Appeal.id).where(Appeal.maker_id == subject.user_id)
    cases = select(Case).join(Appeal, Appeal.case_id == Case.id).where(Appeal.maker_id == subject.user_id)
    for case in session.scalars(cases.distinct()):
        if case.state is CaseState.APPEALED:
            case.state, case.since = CaseState.HIDDEN, now
    session.flush()
    session.execute(delete(HandedOn).where(HandedOn.appeal_id.in_(mine)))
    session.execute(delete(Appeal).where(Appeal.maker_id == subject.user_id))


def _lock_appeal(
    session: Session, hideable: Hideable, *, by: User, now: datetime, rulings: int | None = None
) -> tuple[Case, Appeal]:
    """Return the case of a thing and the appeal that waits, for whoever may judge it and saw all that was decided."""
    case = lock_case(session, hideable, now=now)
    found = last_appeal(session, case)
    insist(rulings in {None, case.rulings} and case.state is CaseState.APPEALED, ModerationFault.JUDGED)
    assert found is not None
    is_mine = may_judge_appeal(by, hideable, case, handed_on=handed_on_by(session, found))
    insist(is_mine, AppealFault.NOT_YOURS)
    return case, found


def _told(hideable: Hideable) -> dict[str, Any]:
    return {"object": hideable.key, "points": tuple(hideable.accord)}
