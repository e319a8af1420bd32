"""What the worker does for the limits."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits.asking import daily_secrets
from buurtbegroot.limits.counter import forget_old
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def _forget(_by: System) -> None:
    with writing():
        forget_old(db.session(), secrets=daily_secrets(), now=now())
        db.session.commit()


TASKS = (Task(name="limits.forget", title=_l("Oude pogingen wissen"), run=_forget, every=timedelta(hours=1)),)
