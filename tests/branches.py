"""The fast tests with coverage, held to a bar: `python -m tests.branches [ROOM ...]` tells what rooms named missed.

The bar is on branches alone: of all the ways that the code can go, how many were gone. That a line ran says less. Left
out are the demo, which is sample data, what builds the front end and verify.py, what runs inside verify.py alone, tests
that hold a bar on time, and those that read code.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

from tests.conftest import FAST
from tests.marking import mark_all

LEAST = 95.0  # percent
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-n",
    "2",
    "-p",
    "tests.measuring",
    "--ignore=tests/architecture",
    "-m",
    f"{FAST} and not speed",
]


def main() -> int:
    """Run the tests and tell of each room how many branches they took; return 1 when a test fails or too few were."""
    with tempfile.TemporaryDirectory() as folder:
        branches = mark_all(Path(folder))
        code = subprocess.run(PYTEST, env={**os.environ, "BRANCHES": folder}, check=False).returncode
        passed = merged(Path(folder))
    taken, every = Counter[str](), Counter[str]()
    for name, known in branches.items():
        met = {known[number] for number in passed[name]}
        if room_of(name) in sys.argv[1:] and (missing := sorted({*known} - met)):
            missed = (f"{line} to {to or 'the end'}" for line, to in missing)
            print(f"{name}: {', '.join(missed)}")
        taken[room_of(name)] += len(met)
        every[room_of(name)] += len({*known})
    for room in sorted(every, key=lambda room: share(taken[room], every[room])):
        tell(room, taken[room], every[room])
    tell(f"everything, at least {LEAST} %", taken.total(), every.total())
    return code or int(share(taken.total(), every.total()) < LEAST)


def merged(folder: Path) -> defaultdict[str, set[int]]:
    """Return by file the numbers of the branches that all processes took together."""
    passed = defaultdict[str, set[int]](set)
    for path in folder.glob("*.json"):
        for name, numbers in json.loads(path.read_text(encoding="utf-8")).items():
            passed[name].update(numbers)
    return passed


def room_of(file: str) -> str:
    """Return the room of a file; what lies beside the rooms is one."""
    _package, *inside = PurePosixPath(file).parts
    return inside[0] if len(inside) > 1 else "beside the rooms"


def share(taken: int, every: int) -> float:
    """Return the percentage; all of nothing is all."""
    return 100 * taken / every if every else 100.0


def tell(what: str, taken: int, every: int) -> None:
    """Print one line of the table."""
    print(f"{share(taken, every):6.1f} %  {taken:5} of {every:5} branches  {what}")


if __name__ == "__main__":
    sys.exit(main())
