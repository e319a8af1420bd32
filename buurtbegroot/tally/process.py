"""Starting a command of this program beside the web server, with the same settings; what it does is in commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Thread
from typing import Any

SETTINGS = ("INSTANCE", "SQLALCHEMY_DATABASE_URI", "KEY_DIRECTORY", "SITE_URL", "SECRET_KEY")
PROGRAM = "from buurtbegroot.cli import main; main()"


def start_command(config: Mapping[str, Any], *arguments: str) -> None:
    """Start `buurtbegroot …` and do not wait for it; it outlives the request and even the server.

    A thread waits instead, so that no dead process stays behind.
    """
    settings = {f"BUURTBEGROOT_{name}": str(config[name]) for name in SETTINGS}
    started = subprocess.Popen(  # noqa: S603 - our own program with arguments that are no shell text
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    Thread(target=started.wait, daemon=True).start()
