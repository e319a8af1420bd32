"""What the worker tells organisers, whatever made something wait: an act, a form of a resident, or the clock."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.moderation.queries import MadeBy
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.web.register import register
from buurtbegroot.work.register import Task
from buurtbegroot.worklist.actions import tell_organisers
from buurtbegroot.worklist.queries import is_news


def _made_by() -> MadeBy:
    return {kind: each.made_by for kind, each in register().moderated.items()}


def _tell(by: System) -> None:
    db.session.rollback()
    with writing():
        tell_organisers(db.session(), made_by=_made_by(), by=by, now=now())
        db.session.commit()


def _has_news() -> bool:
    return is_news(db.session(), made_by=_made_by(), now=now())


TASKS = (
    Task(
        name="worklist.tell",
        title=_l("Organisatoren mailen over wat wacht"),
        run=_tell,
        every=timedelta(minutes=1),
        has_work=_has_news,
    ),
)
