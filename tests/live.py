"""An app on a database of its own, and its worker, for tests that need real commits, threads or rate limits."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect

from buurtbegroot.app import create_app
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.work.worker import Worker
from tests.databases import fresh_uri, kind

_tables = tempfile.TemporaryDirectory()


def ready_uri(folder: Path, named: str | None = None) -> str:
    """Return the address of a database with every table, of this kind or the kind under test.

    It is a copy of one that this process made: making the tables takes longer than most tests.
    """
    return fresh_uri(folder, named, like=_with_tables(named or kind()))


@cache
def _with_tables(named: str) -> str:
    uri = fresh_uri(Path(_tables.name), named)
    app = create_app({"INSTANCE": _tables.name, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": uri})
    with app.app_context(), writing():
        Model.metadata.create_all(db.engine)
        db.engine.dispose()
    return uri


@contextmanager
def live(folder: Path, **settings: Any) -> Iterator[Flask]:
    """Yield an app on an empty database in the folder (or on PostgreSQL), without rate limits unless asked for."""
    basics = {"TESTING": True, "INSTANCE": str(folder), "SECRET_KEY": "test", "RATELIMIT_ENABLED": False}
    basics |= {"KEY_DIRECTORY": f"{folder}/keys", "SESSION_COOKIE_SECURE": False}  # as over plain http
    if "SQLALCHEMY_DATABASE_URI" not in settings:
        settings["SQLALCHEMY_DATABASE_URI"] = ready_uri(folder)
    app = create_app(basics | settings)
    with app.app_context(), writing():
        if not inspect(db.engine).has_table(Model.metadata.sorted_tables[0].name):
            Model.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def working(app: Flask) -> Iterator[Worker]:
    """Let a worker do what is due, in a thread of this process and by the clock of the app, until the block ends."""
    worker = Worker(app)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join()
        worker.finish()
