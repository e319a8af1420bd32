"""What takes too long for `make test`: `python -m tests.nightly [STEP…]`, each step with its time, all of them.

Fuzzing needs the dependency group `fuzz`; the oracles and the benches beside peers skip visibly without peers.
"""

import subprocess
import sys
import time

STEPS = {
    "fuzzing": ["tests.fuzz_pabulib", "600"],
    "oracles": ["tests.oracle", "--examples", "2000"],
    "files": ["tests.all_paths"],
    "speed": ["tests.bench.counting", "--large"],
    "growth": ["tests.bench.growth"],
    "verifying": ["tests.bench.verifying"],
    "opening": ["tests.bench.opening"],
    "tests": ["pytest", "-q", "-m", "nightly"],
    "postgresql": ["tests.run", "all tests on PostgreSQL", "all slow tests on PostgreSQL"],
}


def main() -> int:
    """Run the steps that were named, or all; return 1 if any failed."""
    results = {name: _run(name) for name in sys.argv[1:] or STEPS}
    print("\n" + "\n".join(f"{'ok  ' if passed else 'FAIL'} {name}" for name, passed in results.items()))
    return int(not all(results.values()))


def _run(name: str) -> bool:
    print(f"\n── {name}", flush=True)
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", *STEPS[name]], check=False).returncode
    print(f"── {name}: {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
