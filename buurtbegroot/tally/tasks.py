"""The long steps of a count as the worker and the commands take them, each safe to stop anywhere and to run again."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, url_for

from buurtbegroot.acts import System
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.words import REFUSALS as BOX_REFUSALS
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.purging import purge, rewrite
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import Explained, explain_losses
from buurtbegroot.tally.actions.opening import Progress, open_envelopes
from buurtbegroot.tally.queries import EXPLAIN, OPEN, REWRITE, unexplained
from buurtbegroot.tally.words import REFUSALS
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task
from buurtbegroot.work.words import WHY_NOT_PURGED

OPENED = ("opened_ballot", "nullifier")
SECRET = ("ballot_box", "pool_code", "pool_draw", *OPENED)


def opening(round_id: int, *, by: System) -> Iterator[Progress]:
    """Open the envelopes of a closed round, yield after each batch that is committed, and rewrite the tables last."""
    keys = KeyStore.from_config(current_app.config)
    with _anew(round_id) as round_:
        for progress in open_envelopes(db.session(), round_, keys=keys, by=by, now=now()):
            db.session.commit()
            yield progress
    rewrite(db.engine, OPENED)


def explaining(round_id: int, *, by: System) -> Iterator[Explained]:
    """Work out what would have been enough for the plans that lost; yield as each answer is committed."""
    with _anew(round_id) as round_:
        for progress in explain_losses(db.session(), round_, by=by, now=now()):
            db.session.commit()
            yield progress


@contextmanager
def _anew(round_id: int) -> Iterator[Round]:
    """Begin a transaction that writes: one in which somebody only read before cannot."""
    db.session.rollback()
    with writing():
        yield db.session.get_one(Round, round_id)


def _open(by: System, *, round_id: int) -> None:
    for _progress in opening(round_id, by=by):
        pass


def _explain(by: System, *, round_id: int) -> None:
    if unexplained(db.session(), round_id):
        for _progress in explaining(round_id, by=by):
            pass


def _rewrite(_by: System, **_round: int) -> None:
    purge(db.engine, SECRET)


def _place(*, round_id: int) -> tuple[str, str]:
    round_ = db.session.get_one(Round, round_id)
    return round_.title, url_for("tally_organiser.show", slug=round_.slug)


REASONS = {**BOX_REFUSALS, **REFUSALS, **WHY_NOT_PURGED}
TASKS = (
    Task(name=OPEN, title=_l("Enveloppen openen"), run=_open, reasons=REASONS, place=_place),
    Task(name=EXPLAIN, title=_l("Uitrekenen wat genoeg was"), run=_explain, reasons=REASONS, place=_place),
    Task(
        name=REWRITE,
        title=_l("Vernietigde gegevens van de schijf halen"),
        run=_rewrite,
        reasons=WHY_NOT_PURGED,
        place=_place,
    ),
)
