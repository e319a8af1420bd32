"""Telling by mail who can do what waits: once for each thing, without a name or title in it."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.queries import still_there
from buurtbegroot.acts import System, require
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.moderation.queries import MadeBy, Seat
from buurtbegroot.worklist.models import ToldWork
from buurtbegroot.worklist.policy import may_tell
from buurtbegroot.worklist.queries import all_work, can_do, organisers, told

TEMPLATE = "worklist_waits"


def tell_organisers(session: Session, *, made_by: MadeBy, by: System, now: datetime) -> int:
    """Mail everybody who can do what began to wait, and forget what no longer waits; return how many mails.

    What nobody can do stays untold, so that whoever gets the role is told. Of two that run at once one fails whole.
    """
    require(may_tell(by))
    works = {(work.kind, work.key): work for work in all_work(session, made_by=made_by, now=now)}
    known = told(session)
    for gone in known.keys() - works.keys():
        session.delete(known[gone])
    fresh, mails = [work for key, work in works.items() if key not in known], 0
    reached = set()
    for person in still_there(session, organisers(session)) if fresh else ():
        for work in can_do(session, fresh, seat=Seat(session, person, made_by)):
            values = {"kind": work.kind.value, "path": work.path}
            how = {"recipient": person.email, "language": person.language}
            enqueue_mail(session, template=TEMPLATE, values=values, **how, now=now)
            reached.add((work.kind, work.key))
            mails += 1
    session.add_all(ToldWork(kind=kind, key=key, told_at=now) for kind, key in sorted(reached))
    session.flush()
    return mails
