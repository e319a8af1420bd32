"""What people of the sample city reported, what a moderator did about it, and an appeal that waits; all made up."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ANYONE
from buurtbegroot.discussion.actions import Remark, contribute
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance, Thread
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.actions.appeals import appeal
from buurtbegroot.moderation.actions.reports import Told, add_to_report, report_words
from buurtbegroot.moderation.models import Reason
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round

SLUG = "buurtbudget-oud-noord"
NUMBER = "In uw plan stond een telefoonnummer. Zonder dat nummer mag uw plan er gewoon staan."
ANSWER = "Het is het nummer van het buurthuis. Dat hangt daar ook op de deur."
REPORTS = (  # days ago, the plan, who (nobody: without an account), why, and in which words
    (5.0, 2, "noor", Reason.OTHER, "Dit plan staat er volgens mij twee keer in."),
    (4.0, 6, "bram", Reason.PERSONAL, "Er staat een telefoonnummer in."),
    (0.9, 4, "", Reason.ADVERTISING, "Dit lijkt op reclame voor een winkel."),
    (0.3, 4, "ilse", Reason.ADVERTISING, ""),
    (0.2, 1, "", Reason.OTHER, ""),
)
TALKED_ABOUT = 4
HIDDEN = "Bel aan bij Wil op nummer 12. Daar liggen nog tegels genoeg."
ADDRESS = "U noemde een naam en een huisnummer van een ander. Zonder die mag uw reactie er staan."
AGREED = "Wil vindt het goed dat mensen aanbellen. Dat heb ik gevraagd."
SAID = (  # who, what, who reports it and why; the first is hidden, of which its writer thinks otherwise
    ("bram", (Stance.IDEA, HIDDEN), "ilse", Reason.PERSONAL),
    ("ilse", (Stance.AGAINST, "In mijn winkel zijn plantenbakken veel goedkoper."), "noor", Reason.ADVERTISING),
)


def reporting_steps(
    session: Session, people: Mapping[str, User], today: datetime
) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """Yield what happened in the last days, each with its moment."""
    steps = [
        (today - timedelta(days=days), partial(_report, session, by=people.get(who), plan=plan, why=(reason, words)))
        for days, plan, who, reason, words in REPORTS
    ]
    steps.append((today - timedelta(days=3), partial(_talk, session, people)))
    steps.append((today - timedelta(days=2.5), partial(_hide_reaction, session, people)))
    steps.append((today - timedelta(days=1.2), partial(_appeal_for_reaction, session, people)))
    steps.append((today - timedelta(days=3.5), partial(_hide, session, people["samira"])))
    steps.append((today - timedelta(days=1.5), partial(_appeal, session)))
    yield from sorted(steps, key=lambda step: step[0])


def _plan(session: Session, number: int) -> Proposal:
    rows = select(Proposal).join(Round).where(Round.slug == SLUG, Proposal.number == number)
    return session.scalars(rows).one()


def _report(session: Session, now: datetime, *, by: User | None, plan: int, why: tuple[Reason, str]) -> None:
    reason, words = why
    by = None if by in _plan(session, plan).makers else by  # nobody reports what is their own
    told = Told(reason=reason, language="nl", networks=() if by else (bytes([plan]) * 32,))
    made = report_words(session, _plan(session, plan), told, by=by or ANYONE, now=now)
    if words:
        add_to_report(session, made, words=words, email="", by=by or ANYONE, now=now)


def _hide(session: Session, by: User, now: datetime) -> None:
    plan = _plan(session, 6)
    hide_words(session, plan, Hiding(reason=Reason.PERSONAL, explained=NUMBER), seen=plan.version, by=by, now=now)


def _appeal(session: Session, now: datetime) -> None:
    plan = _plan(session, 6)
    appeal(session, plan, ANSWER, by=plan.makers[0], now=now)


def _talk(session: Session, people: Mapping[str, User], now: datetime) -> None:
    """Let two people say what others report at once."""
    plan = _plan(session, TALKED_ABOUT)
    for who, (stance, text), reporter, why in SAID:
        by = people[who]
        remark = Remark(body=text, author_name=by.name, stance=stance)
        said = contribute(session, About(plan.round, plan), remark, by=by, now=now)
        report_words(session, said, Told(reason=why, language="nl"), by=people[reporter], now=now)


def _last_of(session: Session, writer: User) -> Contribution:
    """Return what somebody said last about the plan."""
    theirs = select(Contribution).join(Thread).where(Contribution.author_id == writer.id)
    said = theirs.where(Thread.proposal_id == _plan(session, TALKED_ABOUT).id)
    return session.scalars(said.order_by(Contribution.id.desc()).limit(1)).one()


def _hide_reaction(session: Session, people: Mapping[str, User], now: datetime) -> None:
    said, hiding = _last_of(session, people[SAID[0][0]]), Hiding(reason=Reason.PERSONAL, explained=ADDRESS)
    hide_words(session, said, hiding, seen=said.version, by=people["samira"], now=now)


def _appeal_for_reaction(session: Session, people: Mapping[str, User], now: datetime) -> None:
    said = _last_of(session, people[SAID[0][0]])
    appeal(session, said, AGREED, by=said.makers[0], now=now)
