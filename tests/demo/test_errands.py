"""The errands of the demo run by themselves, beside the server."""

import threading

import pytest
from flask import Flask

from buurtbegroot.demo import errands


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
