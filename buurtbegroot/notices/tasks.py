"""What the worker tells makers, so that no opening and no certificate waits for thousands of mails."""

from datetime import timedelta

from flask import current_app

from buurtbegroot.acts import System
from buurtbegroot.box.domain.anchors import KeyFileError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.notices.actions import tell_makers
from buurtbegroot.notices.queries import Due, all_due
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def tell_due(by: System) -> None:
    """Tell all makers of all they must hear; raises KeyFileError when that failed for a round, after all others."""
    trouble = None
    for due in all_due(db.session(), now=now()):
        try:
            while _tell_some(due, by):
                pass
        except KeyFileError as error:
            trouble = error
    db.session.rollback()
    if trouble is not None:
        raise trouble


def _tell_some(due: Due, by: System) -> bool:
    db.session.rollback()
    with writing():
        keys = KeyStore.from_config(current_app.config)
        is_more = tell_makers(db.session(), due, keys=keys, by=by, now=now())
        db.session.commit()
    return is_more


def _is_due() -> bool:
    return bool(all_due(db.session(), now=now()))


TASKS = (
    Task(
        name="notices.tell",
        title=_l("Makers mailen over hun plan"),
        run=tell_due,
        every=timedelta(minutes=1),
        has_work=_is_due,
    ),
)
