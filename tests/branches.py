"""The fast tests with coverage, held to a bar: `python -m tests.branches`; afterwards `coverage report -m` says where.

The bar is on branches alone: of all the ways that the code can go, how many were gone. That a line ran says less. Left
out are the demo, which is sample data, tests that hold a bar on time, which tracing spoils, and those that read code.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

from tests.conftest import FAST

LEAST = 95.0  # percent
PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-n",
    "2",
    "--ignore=tests/architecture",
    "-m",
    f"{FAST} and not speed",
    "--cov",
    "--cov-report=",
]


def main() -> int:
    """Run the tests and tell of each room how many branches they took; return 1 when a test fails or too few were."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        code = subprocess.run([*PYTEST, f"--cov-report=json:{report}"], check=False).returncode
        files: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["files"]
    taken, every = Counter[str](), Counter[str]()
    for name, file in files.items():
        taken[room_of(name)] += file["summary"]["covered_branches"]
        every[room_of(name)] += file["summary"]["num_branches"]
    for room in sorted(every, key=lambda room: share(taken[room], every[room])):
        tell(room, taken[room], every[room])
    tell(f"everything, at least {LEAST} %", taken.total(), every.total())
    return code or int(share(taken.total(), every.total()) < LEAST)


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
