"""A worker in a process of its own, with toy tasks and short leases: `python -m tests.work.toys SETTINGS`."""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from flask.cli import FlaskGroup

from buurtbegroot.acts import System
from buurtbegroot.app import create_app
from buurtbegroot.audit import tasks as audit
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.tally import tasks as tally
from buurtbegroot.work import queue, worker
from buurtbegroot.work.commands import command
from buurtbegroot.work.register import EXTENSION, Task, registered

LEASE = timedelta(seconds=3)


def folder() -> Path:
    return Path(current_app.config["INSTANCE"])


def say(name: str, *words: object) -> None:
    """Add a line to a file, whole: also when several processes do so."""
    with (folder() / name).open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")


def note(_by: System, *, number: int) -> None:
    say("notes", number, os.getpid())


def linger(by: System, *, number: int) -> None:
    """Take as long as the test likes."""
    say("lingers", "began", os.getpid(), number, by.name)
    while (folder() / "linger").exists():
        time.sleep(0.05)
    say("lingers", "ended", os.getpid(), number, by.name)


TOYS = (
    Task(name="toys.note", title="Note", run=note),
    Task(name="toys.linger", title="Linger", run=linger),
)


def slowly(keys: KeyStore, round_id: int) -> Iterator[tuple[int, int]]:
    """Open a box, and take as long over taking it in as the test likes."""
    for progress in _opener(keys, round_id):
        yield progress
        while (folder() / "linger").exists():
            time.sleep(0.05)


_opener: Any = vars(tally)["_opener"]


def main(settings: dict[str, Any]) -> None:
    app = create_app(settings)
    app.extensions[EXTENSION] = registered((*TOYS, *audit.TASKS, *tally.TASKS))
    with pytest.MonkeyPatch.context() as patch:
        for module in (queue, worker):
            patch.setattr(module, "LEASE", LEASE)
        patch.setattr(tally, "_opener", slowly)
        _work(app)


def _work(app: Flask) -> None:
    group = FlaskGroup(create_app=lambda: app)
    group.add_command(command)
    with app.app_context():
        say("started", os.getpid())
    group.main(["work"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
