"""What the worker does for what waits."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.waiting.actions import forget_unopened
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def _forget(by: System) -> None:
    with writing():
        forget_unopened(db.session(), by=by, now=now())
        db.session.commit()


TASKS = (Task(name="waiting.forget", title=_l("Wissen wat een week wachtte"), run=_forget, every=timedelta(hours=1)),)
