"""What the suite itself promises: pure code is tested without the app, and plain `pytest` runs the fast tests."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.run import ALONE, LANES, STEPS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
COLLECT = """
import sys, pytest
class Names:
    def pytest_collection_finish(self, session):
        print("marks", *sorted({mark.name for item in session.items for mark in item.iter_markers()}))
        print("frameworks", *sorted({"flask", "sqlalchemy", "buurtbegroot.app"} & set(sys.modules)))
sys.exit(pytest.main(["-qq", "--collect-only", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Names()]))
"""


def collected(what: str, *arguments: str) -> set[str]:
    """Return which marks or frameworks come with the tests that these arguments choose."""
    (line,) = (line for line in collecting(*arguments).splitlines() if line.startswith(what))
    return set(line.split()[1:])


@cache
def collecting(*arguments: str) -> str:
    """Return what COLLECT says."""
    command = [sys.executable, "-c", COLLECT, *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout


def test_the_core_is_tested_without_the_app_and_a_room_with_it() -> None:
    assert collected("frameworks", "tests/core") == set()
    assert "flask" in collected("frameworks", "tests/races")


def test_without_arguments_the_fast_tests_run() -> None:
    some = "testpaths=tests/demo tests/journeys tests/races"  # to collect all others takes long
    assert collected("marks", "-o", some).isdisjoint({"slow", "race", "journey", "nightly"})


def test_what_is_named_runs_whatever_its_marks() -> None:
    assert "race" in collected("marks", "tests/races")


def test_every_step_of_the_gate_has_one_place() -> None:
    assert sorted([*ALONE, *LANES[0], *LANES[1]]) == sorted(STEPS)
