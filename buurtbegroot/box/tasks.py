"""What the worker does for ballot boxes: publishing and signing their logs; also for the command `votes flush`."""

from datetime import timedelta

from flask import current_app

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.box.actions.log import flush_log, sign_log
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.queries import last_checkpoint_size, log_size, rounds_to_publish
from buurtbegroot.box.words import REFUSALS
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def publish_due(by: System) -> int:
    """Publish and sign the logs of all opened rounds, each step in its own transaction; return how many leaves.

    Raises RefusedError when a log could not be signed, after the logs of all other rounds.
    """
    keys, published = KeyStore.from_config(current_app.config), 0
    trouble: RefusedError | None = None
    for round_ in rounds_to_publish(db.session()):
        with writing():
            db.session.rollback()
            published += flush_log(db.session(), round_, by=by, now=now())
            db.session.commit()
            try:
                _sign(round_, keys, by=by)
            except RefusedError as refusal:
                trouble = refusal
    if trouble is not None:
        raise trouble
    return published


def _sign(round_: Round, keys: KeyStore, *, by: System) -> None:
    if log_size(db.session(), round_.id) > last_checkpoint_size(db.session(), round_.id):
        sign_log(db.session(), round_, keys=keys, by=by, now=now())
    db.session.commit()


TASKS = (
    Task(
        name="votes.publish",
        title=_l("Stemmen in het openbare logboek zetten"),
        run=publish_due,
        every=timedelta(minutes=1),
        reasons=REFUSALS,
    ),
)
