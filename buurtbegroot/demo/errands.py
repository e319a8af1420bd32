"""What on a real site runs beside the server, in threads of the demo server: mail goes out, cast ballots are logged."""

import threading
import time
from collections.abc import Callable

from flask import Flask

from buurtbegroot.mail import delivery
from buurtbegroot.voting import commands as votes

ERRANDS = {delivery.watch_once: 5, votes.watch_once: 30}  # and how many seconds later again


def start_errands(app: Flask) -> None:
    """Run every errand again and again for as long as this process lives."""
    for errand, pause in ERRANDS.items():
        threading.Thread(target=_keep, args=(errand, app, pause), name=errand.__module__, daemon=True).start()


def _keep(errand: Callable[[Flask], int], app: Flask, pause: float) -> None:
    while True:
        errand(app)
        time.sleep(pause)
