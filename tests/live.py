"""An app on a database of its own, and its worker, for tests that need real commits, threads or rate limits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from buurtbegroot.app import create_app
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.work.worker import Worker
from tests.databases import fresh_uri


@contextmanager
def live(folder: Path, **settings: Any) -> Iterator[Flask]:
    """Yield an app on an empty database in the folder (or on PostgreSQL), without rate limits unless asked for."""
    basics = {"TESTING": True, "INSTANCE": str(folder), "SECRET_KEY": "test", "RATELIMIT_ENABLED": False}
    basics |= {"SESSION_COOKIE_SECURE": False}  # as over plain http
    app = create_app({**basics, "SQLALCHEMY_DATABASE_URI": fresh_uri(folder), **settings})
    with app.app_context(), writing():
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
