"""What the worker does for ballot boxes: publishing and signing their logs; also for the command `votes flush`."""

from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l

from buurtbegroot.acts import System
from buurtbegroot.core.ledger import LogForkError
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.voting.actions import flush_log, sign_log
from buurtbegroot.voting.keys import KeyFileError, KeyStore
from buurtbegroot.voting.queries import last_checkpoint_size, log_size, rounds_to_publish
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def publish_due() -> int:
    """Publish and sign the logs of all opened rounds, each step in its own transaction; return how many leaves.

    Raises KeyFileError or LogForkError when a log could not be signed, after the logs of all other rounds.
    """
    keys, published = KeyStore.from_config(current_app.config), 0
    trouble: KeyFileError | LogForkError | None = None
    for round_ in rounds_to_publish(db.session()):
        with writing():
            db.session.rollback()
            published += flush_log(db.session(), round_, now=now())
            db.session.commit()
            try:
                _sign(round_, keys)
            except (KeyFileError, LogForkError) as error:
                trouble = error
    if trouble is not None:
        raise trouble
    return published


def _sign(round_: Round, keys: KeyStore) -> None:
    if log_size(db.session(), round_.id) > last_checkpoint_size(db.session(), round_.id):
        sign_log(db.session(), round_, keys=keys, now=now())
    db.session.commit()


def _publish(_by: System) -> None:
    publish_due()


TASKS = (
    Task(
        name="votes.publish",
        title=_l("Stemmen in het openbare logboek zetten"),
        run=_publish,
        every=timedelta(minutes=1),
        reasons={
            "KeyFileError": _l("De sleutels van een ronde staan niet op de server."),
            "LogForkError": _l("Het logboek van een stembus is niet het logboek dat eerder is ondertekend."),
        },
    ),
)
