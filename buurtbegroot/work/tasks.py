"""What the worker does for the jobs themselves; other rooms keep their tasks in modules of this name."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.queue import forget_done
from buurtbegroot.work.register import Task


def _forget(_by: System) -> None:
    with writing():
        forget_done(db.session(), now=now())
        db.session.commit()


TASKS = (Task(name="work.forget", title=_l("Oude taken opruimen"), run=_forget, every=timedelta(hours=6)),)
