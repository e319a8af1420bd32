"""All attacks on both databases, with what each found: `python -m tests.attacks`, and `--long` for 1,000 voters."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-s", str(HERE)]


def main(arguments: list[str]) -> int:
    """Run the short form on both databases, or the long one; return 1 if any attack found something."""
    if arguments == ["--long"]:
        return min(1, subprocess.run([*PYTEST, "-m", "nightly"], check=False).returncode)
    runs = [
        subprocess.run([*PYTEST, "-m", "not nightly"], env={**os.environ, "TEST_DATABASE": kind}, check=False)
        for kind in ("sqlite", "postgresql")
    ]
    return int(any(run.returncode for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
