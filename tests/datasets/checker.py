"""The checker of pabulib.org, where this machine has it."""

import contextlib
import io
from typing import Any

import pytest


def faults_of_checker(text: str) -> Any:
    """Return what the public checker finds wrong with a .pb file; without the checker the test skips."""
    checker = pytest.importorskip("pabulib.checker").Checker()
    with contextlib.redirect_stdout(io.StringIO()):
        found = checker.process_files([text])
    return found[1]["results"]["errors"]
