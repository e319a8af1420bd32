"""Reporting words, and what time brings along; the log says nothing of a report, only of what a moderator does."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Anyone, By, Fault, System, insist, require
from buurtbegroot.moderation.actions import lock_case, settle_reports
from buurtbegroot.moderation.domain import ANSWER_TIME, KEPT_SETTLED, Act
from buurtbegroot.moderation.models import Case, CaseState, Hideable, Reason, Report
from buurtbegroot.moderation.policy import is_maker, is_reporter, may_report, may_tidy
from buurtbegroot.moderation.queries import earlier_report, was_judged
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.work.queue import ask_to_purge

GONE = "weg"
"""What came of reports whose thing is no longer there."""


class ReportFault(Fault):
    """Why nothing is reported.

    OWN: whoever reports made it. HIDDEN: it is hidden already. SETTLED: it was judged. JUDGED: a moderator looked at
    this very text, and whoever reports has no account. TOO_OFTEN, NETWORK_FULL: an account, or a network without one,
    reported so much that they must wait.
    """

    OWN = "own"
    HIDDEN = "hidden"
    SETTLED = "settled"
    JUDGED = "judged"
    TOO_OFTEN = "too_often"
    NETWORK_FULL = "network_full"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is reported: the reason, and in which language somebody reads who leaves an address.

    `networks` are the keys of the network for this thing, today's first; empty for an account.
    """

    reason: Reason
    language: str
    networks: tuple[bytes, ...] = ()


def report_words(session: Session, hideable: Hideable, told: Told, *, by: User | Anyone, now: datetime) -> Report:
    """Report a thing, and return the report; an account's second report of the same text is the first one.

    Without an account each is a new one, so that nobody learns whether somebody on the same network reported before.
    Raises RefusedError for one's own words and for what is hidden; without an account for each text that was judged:
    would it depend on the network, then that told who reported it.
    """
    require(may_report(by), hidden=True)
    insist(not is_maker(by, hideable), ReportFault.OWN)
    case = lock_case(session, hideable, now=now)
    session.refresh(hideable, ["hidden_at"])  # a moderator who was hiding it had the case
    insist(hideable.hidden_at is None, ReportFault.HIDDEN)
    if isinstance(by, User):
        if found := earlier_report(session, hideable, by=by):
            return found
    else:
        insist(not was_judged(session, hideable), ReportFault.JUDGED)
        _count_as_one(session, case, told.networks)
    if case.state is not CaseState.OPEN:
        case.state, case.since = CaseState.OPEN, now
    report = Report(case_id=case.id, reason=told.reason, version=hideable.version, language=told.language)
    report.user_id, report.network = (by.id, None) if isinstance(by, User) else (None, told.networks[0])
    report.reported_at = now
    session.add(report)
    session.flush()
    return report


def add_to_report(
    session: Session,
    report: Report,
    *,
    words: str,
    email: str,
    by: User | Anyone,
    now: datetime,
    is_mailed: bool = True,
) -> None:
    """Say more about what one reported, and where to answer, unless so many are mailed there already.

    Nobody is told that: it would say who reports. Raises RefusedError once it was judged.
    """
    require(is_reporter(by, report), hidden=True)
    _lock(session, report)
    insist(report.settled_at is None, ReportFault.SETTLED)
    report.words, report.email, report.is_mailed = words, email, is_mailed
    ask_to_purge(session, now=now)
    session.flush()


def take_back_report(session: Session, report: Report, *, by: User | Anyone, now: datetime) -> None:
    """Take back what one reported by accident; raises RefusedError once it was judged."""
    require(is_reporter(by, report), hidden=True)
    case = _lock(session, report)
    insist(report.settled_at is None, ReportFault.SETTLED)
    session.delete(report)
    session.flush()
    _close_if_empty(session, case, now=now)
    ask_to_purge(session, now=now)


def look_again_at_asked(session: Session, *, by: System, now: datetime) -> None:
    """Bring back to the moderators what makers left as it is for a week after they were asked to change it."""
    require(may_tidy(by))
    late = update(Case).where(Case.state == CaseState.ASKED, Case.since <= now - ANSWER_TIME)
    session.execute(late.values(state=CaseState.OPEN, since=now))


def close_gone(session: Session, case: Case, *, by: System, now: datetime) -> None:
    """Close the case of a thing that is no longer there, and tell who reported it."""
    require(may_tidy(by))
    session.refresh(case, with_for_update=True)
    case.state, case.since = CaseState.CLOSED, now
    settle_reports(session, case, GONE, hideable=None, now=now)


def forget_reporters(session: Session, *, by: System, now: datetime) -> None:
    """Let go of the words of reports that were settled a month ago, and of who they came from."""
    require(may_tidy(by))
    told = or_(Report.words != "", Report.user_id.is_not(None), Report.network.is_not(None))
    old = update(Report).where(Report.settled_at <= now - KEPT_SETTLED, told)
    if session.execute(old.values(words="", user_id=None, network=None)).rowcount:  # type: ignore[attr-defined]
        ask_to_purge(session, now=now)


def erase_reports(session: Session, subject: Subject, *, by: By, now: datetime) -> None:
    """Throw the reports of a person away, and the address where it was left with others."""
    require(erases(by, subject))
    cases = list(session.scalars(select(Case).join(Report).where(Report.user_id == subject.user_id).distinct()))
    session.execute(delete(Report).where(Report.user_id == subject.user_id))
    session.execute(update(Report).where(Report.email == subject.email).values(email=""))
    for case in cases:
        _close_if_empty(session, case, now=now)


def _count_as_one(session: Session, case: Case, networks: tuple[bytes, ...]) -> None:
    """Keep what this network reported yesterday under the key of today."""
    theirs = (Report.case_id == case.id, Report.settled_at.is_(None), Report.network.in_(networks[1:]))
    session.execute(update(Report).where(*theirs).values(network=networks[0]))


def _lock(session: Session, report: Report) -> Case:
    """Lock the case of a report, then see the report as it is now."""
    case = session.scalars(
        select(Case).where(Case.id == report.case_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    session.refresh(report)
    return case


def _close_if_empty(session: Session, case: Case, *, now: datetime) -> None:
    """Let nobody look at a case for whose text nobody asks any more."""
    waits = session.scalar(select(exists().where(Report.case_id == case.id, Report.settled_at.is_(None))))
    looked_for = waits or case.has_changed or case.act is Act.ASK
    if case.state is CaseState.OPEN and not looked_for:
        case.state, case.since = CaseState.CLOSED, now
        session.flush()
