"""What the worker does for long files: makes each in one snapshot, says how far it is, and throws away what is old."""

import errno
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, time

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.database import snapshot, writing
from buurtbegroot.datasets.queries import DATA_SETS, ask, told
from buurtbegroot.exports.actions import forget_exports, note_made, note_rows
from buurtbegroot.exports.domain import folder_of, path_of
from buurtbegroot.exports.models import Export
from buurtbegroot.exports.policy import ExportFault
from buurtbegroot.exports.queries import MAKE, choice_of, last_seq, outdated
from buurtbegroot.exports.words import REFUSALS
from buurtbegroot.extensions import db
from buurtbegroot.owner_files import replace as put
from buurtbegroot.tables.columns import Batch
from buurtbegroot.tables.files import FORMS, readings
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task

SAID_EVERY = 1.0
"""Seconds between two times that a file says how far it is."""
STRAY = 3_600
"""Seconds after which a file on the disk that nobody has is thrown away; it may be in the making until then."""


class _UnwantedError(Exception):
    """Nobody wants the file any more."""


class _Progress:
    """Counts the rows that pass by, and says now and then how many."""

    def __init__(self, export: Export, readings: int, *, by: System) -> None:
        self._number, self._readings, self._by = export.id, max(1, readings), by
        self._rows, self._said = 0, monotonic()

    def counted(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches on; raises _UnwantedError."""
        for batch in batches:
            yield batch
            self._rows += len(batch[0])
            if monotonic() - self._said >= SAID_EVERY:
                self._say()

    def _say(self) -> None:
        self._said = monotonic()
        with writing(), Session(db.engine) as session:  # beside the snapshot that is being read
            is_wanted = note_rows(session, self._number, done=self._rows // self._readings, by=self._by)
            session.commit()
        if not is_wanted:
            raise _UnwantedError


def _make(by: System, export: int) -> None:
    wanted = db.session.get(Export, export)
    if wanted is None or wanted.made_at is not None:
        db.session.rollback()
        return
    path = path_of(current_app.config, wanted.token)
    try:
        seq = _write(wanted, path, by)
    except _UnwantedError:
        db.session.rollback()
        return
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise RefusedError(ExportFault.DISK_FULL) from error
    db.session.rollback()
    with writing():
        is_wanted = note_made(db.session(), export, size=path.stat().st_size, seq=seq, by=by, now=now())
        db.session.commit()
    if not is_wanted:
        path.unlink()


def _write(export: Export, path: Path, by: System) -> int:
    """Write a file whole or not at all, and return the last entry of the log that it knows of.

    Raises OSError, and _UnwantedError when somebody stopped it.
    """
    session, form, url, language = db.session(), FORMS[export.ending], export.url, export.language
    data_set = DATA_SETS[export.data_set]
    progress = _Progress(export, readings(form, has_places=bool(data_set.place)), by=by)
    asked = ask(session, data_set, choice_of(export), config=current_app.config, now=now())
    session.rollback()
    with force_locale(language), snapshot(session):
        table, seq = told(session, asked, url=url), last_seq(session)
        read = table.read
        put(path, form.make(replace(table, read=lambda places: progress.counted(read(places)))))
    return seq


def _clean(by: System) -> None:
    db.session.rollback()
    with writing():
        forget_exports(db.session(), by=by, now=now())
        db.session.commit()
    folder = folder_of(current_app.config)
    found = list(folder.iterdir()) if folder.is_dir() else []
    tokens = db.session.scalars(select(Export.token).where(~outdated())).all() if found else ()
    kept = {path_of(current_app.config, token) for token in tokens}
    db.session.rollback()
    for path in found:
        if path not in kept and path.stat().st_mtime < time() - STRAY:
            path.unlink(missing_ok=True)


TASKS = (
    Task(name=MAKE, title=_l("Een lang bestand maken"), run=_make, reasons=REFUSALS),
    Task(name="exports.clean", title=_l("Oude bestanden weggooien"), run=_clean, every=timedelta(hours=1)),
)
