"""What time ends: requests that nobody confirmed while they could be."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.dual_control.actions.lapsing import end_due
from buurtbegroot.dual_control.queries import open_requests
from buurtbegroot.extensions import db
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def _end(by: System) -> None:
    with writing():
        end_due(db.session(), by=by, now=now())
        db.session.commit()


def _is_any_open() -> bool:
    return bool(open_requests(db.session()))


TASKS = (
    Task(
        name="dual_control.lapse",
        title=_l("Aanvragen laten vervallen die niemand meer kan bevestigen"),
        run=_end,
        every=timedelta(minutes=1),
        has_work=_is_any_open,
    ),
)
