"""The errands of the demo run by themselves, beside the server."""

import os
import threading

import pytest
from flask import Flask

from buurtbegroot import migrating
from buurtbegroot.demo import commands, errands


def test_each_errand_runs_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = threading.Semaphore(0)
    left = iter(range(3))

    def errand(_app: Flask) -> int:
        if next(left, None) is None:
            threading.Event().wait()  # the thread ends with the process, as in the demo
        ran.release()
        return 0

    monkeypatch.setattr(errands, "ERRANDS", {errand: 0.01})
    errands.start_errands(Flask("errands"))
    assert all(ran.acquire(timeout=5) for _ in range(3))


def test_the_process_that_forks_the_server_runs_no_threads(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[str, set[str]]] = []

    class Server:
        def __init__(self, target: str, **_settings: object) -> None:
            self.target = target

        def serve(self) -> None:
            served.append((self.target, {thread.name for thread in threading.enumerate()}))

    before = {thread.name for thread in threading.enumerate()}
    monkeypatch.setattr(os, "environ", dict(os.environ))  # where the demo says its address
    monkeypatch.setattr(commands, "Granian", Server)
    monkeypatch.setattr(commands, "_introduce", lambda _url: None)
    monkeypatch.setattr(commands, "is_seeded", lambda _session: True)
    monkeypatch.setattr(migrating, "upgrade", lambda _engine: None)
    result = app.test_cli_runner().invoke(commands.group, ["serve"])
    assert result.exit_code == 0, result.output
    assert served == [("buurtbegroot.cli:demo_app", before)]
