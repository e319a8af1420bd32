"""What takes too long for `make test`: `python -m tests.nightly [STEP…]`, each step with its time, all of them.

A step that takes longer than its minutes is ended and has failed. Fuzzing needs the dependency group `fuzz`; the
oracles and the benches beside peers skip visibly without peers.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    """A module with its arguments, the minutes that it may take, and the database of its tests."""

    command: list[str]
    minutes: int
    database: str = "sqlite"


def _tests(*paths: str) -> list[str]:
    return ["pytest", "-q", "-s", "-m", "nightly", "--durations=0", "--durations-min=1", *paths]


def _with_properties() -> list[str]:
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    return [str(path) for path in files if "@given(" in path.read_text(encoding="utf-8")]


KILLS, OUTAGES = "tests/races/test_faults.py", "tests/races/test_outages.py"
MODEL, WRITES = "tests/booth/test_state_machine.py", "tests/tally/test_killed.py"
CLOCKS, MUTATIONS = "tests/booth/test_clocks.py", "tests/core/test_mutations.py"
NAMED = (KILLS, OUTAGES, MODEL, WRITES, CLOCKS, MUTATIONS)
STEPS = {
    "fuzzing": Step(["tests.fuzz_pabulib", "600"], 15),
    "oracles": Step(["tests.oracle", "--examples", "2000"], 120),
    "files": Step(["tests.all_paths"], 120),
    "speed": Step(["tests.bench.counting", "--large"], 120),
    "growth": Step(["tests.bench.growth"], 120),
    "verifying": Step(["tests.bench.verifying"], 120),
    "opening": Step(["tests.bench.opening"], 120),
    "kills": Step(_tests(KILLS), 120),
    "outages": Step(_tests(OUTAGES), 60),
    "model": Step(_tests(MODEL), 240),
    "model on PostgreSQL": Step(_tests(MODEL), 360, "postgresql"),
    "writes": Step(_tests(WRITES), 60),
    "writes on PostgreSQL": Step(_tests(WRITES), 180, "postgresql"),
    "clocks": Step(_tests(CLOCKS), 60),
    "clocks on PostgreSQL": Step(_tests(CLOCKS), 60, "postgresql"),
    "mutations": Step(_tests(MUTATIONS), 120),
    "tests": Step([*_tests(), *(f"--ignore={path}" for path in NAMED)], 240),
    "properties": Step(["pytest", "-q", "--hypothesis-profile=night", "-m", "not nightly", *_with_properties()], 240),
    "postgresql": Step(["tests.run", "all tests on PostgreSQL", "all slow tests on PostgreSQL"], 120),
}


def main() -> int:
    """Run the steps that were named, or all; return 1 if any failed."""
    results = {name: _run(name) for name in sys.argv[1:] or STEPS}
    print("\n" + "\n".join(f"{'ok  ' if passed else 'FAIL'} {name}" for name, passed in results.items()))
    return int(not all(results.values()))


def _run(name: str) -> bool:
    step, began = STEPS[name], time.monotonic()
    print(f"\n── {name}, at most {step.minutes} minutes", flush=True)
    command = [sys.executable, "-m", *step.command]
    process = subprocess.Popen(command, env={**os.environ, "TEST_DATABASE": step.database}, start_new_session=True)
    try:
        code = process.wait(timeout=step.minutes * 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with the servers that it started
        code = process.wait()
    print(f"── {name}: {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
