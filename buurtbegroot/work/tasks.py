"""What the worker does for the jobs themselves; other rooms keep their tasks in modules of this name."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.purging import purge
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.web.register import register
from buurtbegroot.work.queue import PURGE, forget_done
from buurtbegroot.work.register import Task
from buurtbegroot.work.words import WHY_NOT_PURGED

ERASED_BY_ADMINISTRATORS = ("audit_payload",)


def _forget(_by: System) -> None:
    with writing():
        forget_done(db.session(), now=now())
        db.session.commit()


def _purge(_by: System) -> None:
    erasable = (each for each in register().kept if each.erase)
    tables = [*ERASED_BY_ADMINISTRATORS, *(table for each in erasable for table in each.tables)]
    purge(db.engine, dict.fromkeys(tables))


TASKS = (
    Task(name="work.forget", title=_l("Oude taken opruimen"), run=_forget, every=timedelta(hours=6)),
    Task(name=PURGE, title=_l("Gewiste gegevens van de schijf halen"), run=_purge, reasons=WHY_NOT_PURGED),
)
