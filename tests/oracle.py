"""Hold every rule to pabutools in exact arithmetic: `python -m tests.oracle [--examples 2000]`.

Random elections by hypothesis, ties included, so many for each rule; `make test` does 100. The files are those
of `PEERS`; each skips visibly where pabutools is not installed (.ci/peers.txt).
"""

import argparse
import os
import subprocess
import sys

PEERS = ("tests/core/test_equal_shares_peers.py", "tests/core/test_tally_peers.py")


def main() -> int:
    """Run the tests with so many examples; return what pytest returns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=2_000, metavar="N", help="random elections for each rule")
    chosen = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=0", *PEERS]
    return subprocess.run(command, env={**os.environ, "PEER_ELECTIONS": str(chosen.examples)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
