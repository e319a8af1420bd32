"""Telling makers what became of their plans, a small transaction at a time."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.queries import still_there
from buurtbegroot.acts import System, require
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.phases import Phase
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.notices.models import Kind, Notice
from buurtbegroot.notices.policy import may_tell
from buurtbegroot.notices.queries import Due, ToTell, all_due, plans_to_tell
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.results.domain.why import WhyPage
from buurtbegroot.rounds.queries import window_of
from buurtbegroot.tally.domain.explaining import why_from

AT_ONCE = 100  # plans of which a transaction tells
TEMPLATE = "notices_plan"
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def tell_makers(session: Session, due: Due, *, keys: KeyStore, by: System, now: datetime) -> bool:
    """Mail the makers of the next plans, and tell whether there may be more; the caller commits, then asks again.

    How far it came is written with the mail, under a lock: whatever is killed or runs twice, nobody is told twice and
    nobody forgotten. Stops when it is no longer true. Raises KeyFileError when the files of a vote cannot be read.
    """
    require(may_tell(by))
    notice = _locked(session, due)
    if due not in all_due(session, now=now, round_id=due.round_id):
        return False
    gone = _off_ballot(due.round_id, keys) if due.kind is Kind.BALLOT else ()
    found = plans_to_tell(session, due, after=notice.last_plan, most=AT_ONCE)
    for maker, one in _makers(session, found, gone):
        values = {"told": _told(due.kind, one), "path": one.plan.path}
        enqueue_mail(session, recipient=maker.email, template=TEMPLATE, values=values, language=maker.language, now=now)
    if len(found) < AT_ONCE:
        notice.done_at = now
    notice.last_plan = found[-1].plan.id if found else notice.last_plan
    session.flush()
    return notice.done_at is None


def _off_ballot(round_id: int, keys: KeyStore) -> Container[int]:
    anchors = keys.anchors(round_id)
    anchors.require_opened()  # else nobody can say which plans were taken off
    return anchors.withdrawn


def _locked(session: Session, due: Due) -> Notice:
    key = {"round_id": due.round_id, "kind": due.kind, "moment": due.moment}
    added = _INSERT[session.get_bind().dialect.name](Notice).values(**key, last_plan=0)
    session.execute(added.on_conflict_do_nothing())
    found = select(Notice).filter_by(**key).with_for_update()
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def _makers(session: Session, found: Iterable[ToTell], gone: Container[int]) -> Iterator[tuple[User, ToTell]]:
    """Yield everybody to tell, with each of their plans; an account that is being deleted is waited for, and left."""
    told = [(maker.id, one) for one in found if one.plan.id not in gone for maker in one.plan.makers]
    users = {user.id: user for user in still_there(session, (maker for one in found for maker in one.plan.makers))}
    for maker, one in told:
        if maker in users:
            yield users[maker], one


def _told(kind: Kind, one: ToTell) -> dict[str, Any]:
    """Return what a mail says, as plain JSON: only what everyone may read."""
    plan, more = one.plan, {Kind.BALLOT: _voting, Kind.OUTCOME: _outcome}.get(kind)
    about = {
        "kind": kind.value,
        "number": plan.number,
        "plan": plan.mailed_name,
        "round": plan.round.title,
        "is_judged": plan.status is not ProposalStatus.SUBMITTED,
    }
    return about | {"facts": more(one) if more else {}}


def _voting(one: ToTell) -> dict[str, Any]:
    voting = window_of(one.plan.round, Phase.VOTING)
    assert voting is not None  # a vote that was opened has one
    return {"begins": voting.begins_at.isoformat(), "ends": voting.ends_at.isoformat()}


def _outcome(one: ToTell) -> dict[str, Any]:
    """Return the verdict and what explains it; of a small vote, and of an old count, the verdict alone."""
    plain = {"verdict": one.verdict, "awarded_cents": one.awarded_cents, "cost_cents": one.plan.cost_cents}
    if not one.why:
        return plain
    page = WhyPage(why_from(one.why), ())
    return plain | {
        "rank": page.one.rank,
        "plans": page.why.plans,
        "votes": page.votes,
        "votes_short": page.one.votes_short // page.why.vote_parts,
        "votes_needed": page.why.votes_needed // page.why.vote_parts,
        "short_cents": page.one.short_cents,
        "left_cents": page.why.left_cents,
        "supporters_cents": page.supporters_cents,
        "method": page.why.method.value,
    }
