"""The long steps of a count as the worker and the commands take them, each safe to stop anywhere and to run again."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, url_for

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.audit.words import REFUSALS as LOG_REFUSALS
from buurtbegroot.box.actions.sealing import empty_box
from buurtbegroot.box.domain.anchors import DiffersError, KeyFileError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.opener import DIFFERS, NO_KEYS
from buurtbegroot.box.words import REFUSALS as BOX_REFUSALS
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.purging import purge, rewrite
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import Explained, explain_losses
from buurtbegroot.tally.actions.opening import make_bundle, note_progress, take_in
from buurtbegroot.tally.models import Tally
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.tally.queries import BUNDLE, EXPLAIN, FORGET, OPEN, REWRITE, unexplained
from buurtbegroot.tally.words import REFUSALS
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task
from buurtbegroot.work.words import WHY_NOT_PURGED

OPENED = ("opened_ballot", "nullifier")
CAST = ("ballot_box", "superseded_ballot", "pool_code", "pool_draw")


def forget(round_id: int, *, by: System) -> None:
    """Destroy what joined codes to ballots of a closed round: the key first, then the rows and what is left of them."""
    keys = KeyStore.from_config(current_app.config)
    with _anew(round_id) as round_:
        if round_.closed_at is None:
            raise RefusedError(TallyFault.NOT_CLOSED)
        db.session.rollback()
    keys.destroy_link(round_id)
    is_left = True
    while is_left:
        with _anew(round_id) as round_:
            is_left = empty_box(db.session(), round_, keys=keys, by=by)
            db.session.commit()
    purge(db.engine, CAST)


def opening(round_id: int, *, by: System) -> Iterator[tuple[int, int]]:
    """Let the opener open the box of a closed round and take in what it found; yield how many are open, of how many.

    Safe to stop anywhere and to run again. Raises RefusedError, KeyFileError.
    """
    keys = KeyStore.from_config(current_app.config)
    for opened, envelopes in _opener(keys, round_id):
        with _anew(round_id) as round_:
            note_progress(db.session(), round_, opened=opened, by=by)
            db.session.commit()
        yield opened, envelopes
    with _anew(round_id) as round_:
        tally = take_in(db.session(), round_, keys=keys, by=by, now=now())
        db.session.commit()
        yield tally.opened, tally.envelopes
    _sign(by)
    rewrite(db.engine, OPENED)


def bundling(round_id: int, *, by: System) -> Tally:
    """Sign the log and make the bundle of a counted round; safe to run again."""
    _sign(by)
    keys = KeyStore.from_config(current_app.config)
    with _anew(round_id) as round_:
        tally = make_bundle(db.session(), round_, keys=keys, by=by)
        db.session.commit()
    return tally


def _sign(by: System) -> None:
    db.session.rollback()
    with writing():
        sign_log(db.session(), by=by, now=now())
        db.session.commit()


def _opener(keys: KeyStore, round_id: int) -> Iterator[tuple[int, int]]:
    """Run the opener beside this process; raises DiffersError or KeyFileError when it refuses."""
    command = [sys.executable, "-m", "buurtbegroot.box.opener", str(keys.folder(round_id).path)]
    with subprocess.Popen(  # noqa: S603 - a module and a folder of our own
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            opened, envelopes = map(int, line.split())
            yield opened, envelopes
        said = process.stderr.read()
    if process.returncode == NO_KEYS:
        raise KeyFileError(said.strip())
    if process.returncode == DIFFERS:
        raise DiffersError(said.strip())
    if process.returncode:
        raise RuntimeError(f"the opener ended with {said.strip()}")


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
    forget(round_id, by=by)
    for _progress in opening(round_id, by=by):
        pass


def _bundle(by: System, *, round_id: int) -> None:
    if db.session.get_one(Round, round_id).certified_at is None:
        bundling(round_id, by=by)


def _forget(by: System, *, round_id: int) -> None:
    forget(round_id, by=by)


def _explain(by: System, *, round_id: int) -> None:
    if unexplained(db.session(), round_id):
        for _progress in explaining(round_id, by=by):
            pass


def _rewrite(_by: System, **_round: int) -> None:
    purge(db.engine, (*CAST, *OPENED))


def _place(*, round_id: int) -> tuple[str, str]:
    round_ = db.session.get_one(Round, round_id)
    return round_.title, url_for("tally_organiser.show", slug=round_.slug)


REASONS = {**LOG_REFUSALS, **BOX_REFUSALS, **REFUSALS, **WHY_NOT_PURGED}
TASKS = (
    Task(name=FORGET, title=_l("Vernietigen wat naar stemmen leidt"), run=_forget, reasons=REASONS, place=_place),
    Task(name=OPEN, title=_l("Enveloppen openen"), run=_open, reasons=REASONS, place=_place),
    Task(name=BUNDLE, title=_l("Het controlebestand maken"), run=_bundle, reasons=REASONS, place=_place),
    Task(name=EXPLAIN, title=_l("Uitrekenen wat genoeg was"), run=_explain, reasons=REASONS, place=_place),
    Task(
        name=REWRITE,
        title=_l("Vernietigde gegevens van de schijf halen"),
        run=_rewrite,
        reasons=WHY_NOT_PURGED,
        place=_place,
    ),
)
