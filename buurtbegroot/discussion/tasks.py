"""What the worker does for discussions: makers hear that questions wait for them."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.discussion.actions.following_up import tell_makers
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.extensions import db
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task

BETWEEN = timedelta(hours=12)
"""Makers of a plan hear of new questions at most this often; the first one reaches them at once."""
AT_ONCE = 100


def _due(moment: datetime) -> list[int]:
    heard = or_(Thread.told_at.is_(None), Thread.told_at < moment - BETWEEN)
    news = or_(Thread.told_at.is_(None), Thread.asked_at > Thread.told_at)
    rows = select(Thread.id).where(Thread.asked_at.is_not(None), heard, news, Thread.proposal_id.is_not(None))
    return list(db.session.scalars(rows.order_by(Thread.asked_at).limit(AT_ONCE)))


def _has_news() -> bool:
    return bool(_due(now()))


def _tell(by: System) -> None:
    """Tell of one discussion in each transaction, so that nobody waits long and a kill repeats nothing."""
    for number in _due(now()):
        db.session.rollback()  # on SQLite what began as reading cannot go on as writing
        with writing():
            thread = db.session.get_one(Thread, number, with_for_update={"key_share": True}, populate_existing=True)
            if number in _due(now()):
                tell_makers(db.session(), thread, by=by, now=now())
            db.session.commit()


TASKS = (
    Task(
        name="discussion.questions",
        title=_l("Makers melden dat er vragen zijn"),
        run=_tell,
        every=timedelta(minutes=5),
        has_work=_has_news,
    ),
)
