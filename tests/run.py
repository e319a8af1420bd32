"""Everything that `make test` proves: each step with its time, all steps even after a failure.

Two lanes of steps run side by side, so that no core waits for a browser, a disk or the last test of a step. What a step
prints comes whole, when it ends.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import NamedTuple

from tests.conftest import BY_DAY, FAST
from tests.shared import SHARED

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q"]
TWO = ["-n", "2"]  # on two cores, beside another step: there is always one that waits for the disk or a browser
BY_FILE = [*TWO, "--dist", "loadfile"]  # what a file makes for all its tests, it makes once
SLOW = [*BY_FILE, "-m", "slow and not journey and not race and not nightly"]
POSTGRESQL = {"TEST_DATABASE": "postgresql"}
BY_DAY_ON_POSTGRESQL = {**POSTGRESQL, BY_DAY: "yes"}  # all but pages, whose every route is tried in the slow tests
ALIKE = [  # by night on PostgreSQL too: what they look at does not come from the database
    path
    for name in (
        "architecture/test_[!mr]*.py", "core/*.py", "demo/*.py",
        "datasets/test_recount.py", "datasets/test_recount_any.py",
        "results/test_flow.py", "results/test_methods.py", "results/test_what_if.py", "rules/*.py",
        "security/test_forgery.py", "security/test_headers.py", "security/test_kept.py",
        "security/test_languages.py", "security/test_payloads.py", "settings/*.py", "booth/test_real_ballots.py",
    )
    for path in (ROOT / "tests").glob(name)
]  # fmt: skip

MODEL = ROOT / "tests/booth/test_state_machine.py"  # by night on PostgreSQL, where it takes minutes


def marked(name: str, *, but: Iterable[Path] = ()) -> list[str]:
    """Return the files with tests of a marker: to collect all others takes longer than some steps."""
    files = sorted({*(ROOT / "tests").rglob("test_*.py")} - {*but})
    return [str(path) for path in files if f"mark.{name}" in path.read_text(encoding="utf-8")]


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

STEPS: dict[str, tuple[list[str], dict[str, str]]] = {
    "ruff": ([str(BIN / "ruff"), "check", "."], {}),
    "format": ([str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
    "mypy": ([str(BIN / "mypy")], {}),
    "import contracts": ([str(BIN / "lint-imports"), "--no-cache"], {}),
    "tests on SQLite": ([sys.executable, "-m", "tests.branches"], {}),  # with coverage, but for those of speed
    "tests of speed": ([*PYTEST, *marked("speed"), "-m", f"{FAST} and speed"], {}),
    "tests of the house": ([*PYTEST, *TWO, "tests/architecture", "-m", FAST], {}),
    "tests on PostgreSQL": ([*PYTEST, *TWO, *(f"--ignore={path}" for path in ALIKE)], BY_DAY_ON_POSTGRESQL),
    "slow tests on SQLite": ([*PYTEST, *marked("slow"), *SLOW], {}),
    "slow tests on PostgreSQL": ([*PYTEST, *marked("slow", but=[*ALIKE, MODEL]), *SLOW], BY_DAY_ON_POSTGRESQL),
    "races on SQLite": ([*PYTEST, *marked("race"), *TWO, "-m", "race and not nightly"], {}),
    "races on PostgreSQL": (
        [*PYTEST, *marked("race", but=(ROOT / "tests/races").iterdir()), *TWO, "-m", "race and not nightly"],
        POSTGRESQL,
    ),  # those cover both at once
    "browser journeys": (
        [*PYTEST, *marked("journey"), *BY_FILE, "--no-loadscope-reorder", "-m", "journey and not nightly"],
        {},
    ),
}
ALONE = ["tests of speed"]  # they hold bars on time
LANES = [  # about as long, each; those on PostgreSQL follow each other, for they share a server
    [
        *("ruff", "format", "mypy", "import contracts", "tests on SQLite", "tests of the house"),
        *("tests on PostgreSQL", "slow tests on PostgreSQL", "races on PostgreSQL"),
    ],
    ["browser journeys", "slow tests on SQLite", "races on SQLite"],
]
BY_NIGHT = {
    "all tests on PostgreSQL": ([*PYTEST, *TWO], POSTGRESQL),
    "all slow tests on PostgreSQL": ([*PYTEST, *SLOW], POSTGRESQL),
}
NO_TESTS = 5  # pytest's answer when a marker selects nothing


def main() -> int:
    """Run the steps that were named, or all; return 1 if any failed."""
    chosen = sys.argv[1:] or list(STEPS)
    if not any(map(shutil.which, CHROMIUM)):
        print("NOTE: no chromium on this machine, so the browser journeys skip.", flush=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile the same code
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as shared:
        os.environ[SHARED] = shared
        results = _run_all(chosen)
    print("\n  seconds  of processor")
    for name in chosen:
        result = results[name]
        print(f"{result.seconds:9.0f} {result.processor:9.0f}     {'ok  ' if result.passed else 'FAIL'} {name}")
    print(f"{time.monotonic() - began:9.0f} {sum(r.processor for r in results.values()):9.0f}     all, side by side")
    failed = sum(not result.passed for result in results.values())
    print(f"\nsteps: {len(results) - failed} passed, {failed} failed")
    return min(failed, 1)


class Result(NamedTuple):
    """What became of a step; its processes took `processor` seconds of all cores, which a busy machine hardly changes.

    PostgreSQL is not among them: it is a server that no step waits for.
    """

    passed: bool
    seconds: float
    processor: float


def _run_all(chosen: Sequence[str]) -> dict[str, Result]:
    """Run what must be alone, then the rest in lanes; a step that no lane names comes last in the first."""
    beside = [[name for name in lane if name in chosen] for lane in LANES]
    listed = {name for lane in (*LANES, ALONE) for name in lane}
    beside[0] += [name for name in chosen if name not in listed]
    results = {name: _run(name) for name in ALONE if name in chosen}
    stopped = Event()
    with ThreadPoolExecutor(len(LANES)) as lanes:
        try:
            for done in lanes.map(lambda lane: {name: _run(name) for name in lane if not stopped.is_set()}, beside):
                results |= done
        finally:  # who presses Ctrl-C ends the steps that run, and waits for no other
            stopped.set()
    return results


def _run(name: str) -> Result:
    command, extra = (STEPS | BY_NIGHT)[name]
    print(f"── {name} begins", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **extra}, stdout=said, stderr=subprocess.STDOUT
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        result = Result(code in {0, NO_TESTS}, time.monotonic() - began, used.ru_utime + used.ru_stime)
        said.seek(0)
        told = said.read().decode(errors="replace")
    with _printing:
        print(f"\n── {name}\n{told}", end="")
        print(f"── {name}: {result.seconds:.0f} s, {result.processor:.0f} s of processor", flush=True)
    return result


_printing = Lock()


if __name__ == "__main__":
    sys.exit(main())
