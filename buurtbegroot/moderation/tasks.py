"""What time brings along for reports."""

from datetime import timedelta

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.moderation.actions.reports import close_gone, forget_reporters, look_again_at_asked
from buurtbegroot.moderation.queries import open_cases
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.web.register import register
from buurtbegroot.work.register import Task


def _tidy(by: System) -> None:
    session = db.session()
    with writing():
        look_again_at_asked(session, by=by, now=now())
        forget_reporters(session, by=by, now=now())
        session.commit()
        for case in open_cases(session):
            kind = register().moderated.get(case.kind)
            if kind is None or kind.find(session, case.number) is None:
                close_gone(session, case, by=by, now=now())
        session.commit()


TASKS = (Task(name="moderation.tidy", title=_l("Gemelde teksten bijhouden"), run=_tidy, every=timedelta(hours=1)),)
