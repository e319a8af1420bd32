"""A command that is started beside the server: nobody waits for it, and nothing of it stays behind."""

import time

import psutil
import pytest

from buurtbegroot.tally import process


def test_a_command_that_ended_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PROGRAM", "")
    before = set(psutil.Process().children())
    process.start_command(dict.fromkeys(process.SETTINGS, ""))
    until = time.monotonic() + 10
    while set(psutil.Process().children()) - before:
        assert time.monotonic() < until, "a dead process stays behind"
        time.sleep(0.01)
