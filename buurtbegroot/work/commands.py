"""The command `buurtbegroot work`: the worker as a process of its own."""

import os
import signal

import click
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.durability import unsafe_settings
from buurtbegroot.extensions import db
from buurtbegroot.work.worker import Worker


@click.command("work")
@with_appcontext
def command() -> None:
    """Do the background work until stopped: mail, the logs of ballot boxes, opening and explaining counts.

    `serve` starts one by itself. Several at once do no harm, and a killed one loses nothing.
    """
    for name in unsafe_settings(db.session()):
        current_app.logger.warning("%s is off in PostgreSQL: a ballot can be lost with the power.", name)
    db.session.remove()
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    if not worker.finish():
        os._exit(0)  # a job that takes hours was given back; its thread would keep the process alive
