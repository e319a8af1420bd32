"""What the worker does for the log: signing it, each day and whenever another room asks for it."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.audit.queries import SIGN_LOG
from buurtbegroot.audit.words import REFUSALS
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def _sign(by: System) -> None:
    with writing():
        sign_log(db.session(), by=by, now=now())
        db.session.commit()


SIGN = Task(name=SIGN_LOG, title=_l("Het logboek tekenen"), run=_sign, every=timedelta(days=1), reasons=REFUSALS)
TASKS = (SIGN,)
