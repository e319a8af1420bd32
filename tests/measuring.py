"""A pytest plugin that notes which branches each process takes: `-p tests.measuring` with BRANCHES naming a folder.

SlipCover rewrites the code that is imported and takes its marks out where they were passed, so that measuring costs
next to nothing; tracing every line doubled the time of the tests.
"""

import json
import os
from pathlib import Path

import slipcover

LEFT_OUT = [
    "buurtbegroot/demo/*",  # sample data
    "buurtbegroot/frontend/*",  # builds the front end
    "buurtbegroot/core/verifying/assembling.py",  # builds verify.py
    "buurtbegroot/core/verifying/plain/*",  # runs inside verify.py alone, in processes that its tests start
]
SOURCES = ["buurtbegroot"]

_is_worker = "PYTEST_XDIST_WORKER" in os.environ  # who hands out the tests looks at files that no worker imported
_measure = slipcover.Slipcover(branch=True, source=None if _is_worker else SOURCES, omit=LEFT_OUT)
if _is_worker:
    slipcover.ImportManager(_measure, slipcover.FileMatcher(sources=SOURCES, omit=LEFT_OUT)).__enter__()


def pytest_unconfigure() -> None:
    """Leave what this process took in a file of its own."""
    found = _measure.get_coverage()
    Path(os.environ["BRANCHES"], f"{os.getpid()}.json").write_text(json.dumps(found), encoding="utf-8")
