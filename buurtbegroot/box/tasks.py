"""What the worker does for ballot boxes: binding each, every night, to what lies in it, and keeping its pulse."""

from collections.abc import Iterator
from datetime import date, timedelta

from flask import current_app

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.box.actions.sealing import beat, seal_box
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import night_of
from buurtbegroot.box.words import REFUSALS
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rounds_to_seal
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task


def seal_due(by: System) -> int:
    """Seal every open box that was not sealed since four in the night, each in its own transaction; return how many.

    Raises RefusedError when one could not be sealed, after all others.
    """
    keys, trouble, sealed = KeyStore.from_config(current_app.config), None, 0
    for round_, night in list(_due(keys)):
        with writing():
            db.session.rollback()
            try:
                seal_box(db.session(), round_, night=night, keys=keys, by=by, now=now())
                db.session.commit()
                sealed += 1
            except RefusedError as refusal:
                db.session.rollback()
                trouble = refusal
    if trouble is not None:
        raise trouble
    return sealed


def _due(keys: KeyStore) -> Iterator[tuple[Round, date]]:
    tonight = night_of(now())
    for round_ in rounds_to_seal(db.session()):
        assert round_.opened_at is not None
        last = keys.anchors(round_.id).one("sealed")
        since = date.fromisoformat(last["night"]) if last else night_of(round_.opened_at)
        if tonight > since:
            yield round_, tonight


def beat_all(by: System) -> None:
    """Keep of every open box, in the database and then beside the keys, that this database is alive."""
    keys = KeyStore.from_config(current_app.config)
    for round_ in rounds_to_seal(db.session()):
        if keys.anchors(round_.id).is_opened:
            with writing():
                db.session.rollback()
                minute = beat(db.session(), round_, keys=keys, by=by, now=now())
                db.session.commit()
            keys.raise_pulse(round_.id, minute)


def _is_open() -> bool:
    return bool(rounds_to_seal(db.session()))


def _is_due() -> bool:
    return any(_due(KeyStore.from_config(current_app.config)))


TASKS = (
    Task(
        name="box.seal",
        title=_l("De stembussen verzegelen"),
        run=seal_due,
        every=timedelta(minutes=1),
        has_work=_is_due,
        reasons=REFUSALS,
    ),
    Task(
        name="box.beat",
        title=_l("Bijhouden of een stembus is teruggezet"),
        run=beat_all,
        every=timedelta(minutes=1),
        has_work=_is_open,
        reasons=REFUSALS,
    ),
)
