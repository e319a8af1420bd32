"""Seconds and peak memory of reading a .pb file for counting, beside the plain csv module on the same file.

Run `python -m tests.bench.reading [--voters 100000 1000000]`. The files are synthetic and seeded: 8 approvals each, of
200 projects below half a million voters and of 500 above, a few plans far more popular than the rest. Each reading has
a process of its own; best of three. Exits 1 when one is over its budget of seconds or memory.
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from buurtbegroot.core.pabulib import read_profile

BUDGETS = {100_000: 0.5, 1_000_000: 5.0}  # seconds on one core
MOST_BYTES = 1 << 30
CHOSEN = 8
TRIES = 3


def main() -> int:
    """Write the files, read them, print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--voters", type=int, nargs="+", default=list(BUDGETS))
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.reader:
        return _read_here(chosen.reader, chosen.file)
    print("   voters  projects    MB   seconds   csv s   ratio   peak MB   csv MB")
    return max([_compare(voters) for voters in chosen.voters])


def synthetic(voters: int, projects: int, seed: int) -> Iterator[str]:
    """Yield the lines of a file, with line ends; the same arguments give the same file."""
    draw = np.random.default_rng(seed)
    costs = draw.integers(5, 1_000, projects) * 1_000
    yield f"META\nkey;value\ndescription;Synthetic\ncountry;Worldwide\nunit;Synthetic\ninstance;{seed}\n"
    yield f"num_projects;{projects}\nnum_votes;{voters}\nbudget;{costs.sum() // 4}\nvote_type;approval\nrule;greedy\n"
    yield f"date_begin;2026\ndate_end;2026\nmax_length;{CHOSEN}\nPROJECTS\nproject_id;cost\n"
    yield from (f"{number};{cost}\n" for number, cost in enumerate(costs, 1))
    yield "VOTES\nvoter_id;vote\n"
    weights = np.log(draw.pareto(1.2, projects) + 0.05)
    for first in range(0, voters, 10_000):
        # The largest of perturbed weights is a draw without replacement (Gumbel's trick).
        keys = weights + draw.gumbel(size=(min(10_000, voters - first), projects))
        chosen = np.argpartition(keys, -CHOSEN, axis=1)[:, -CHOSEN:] + 1
        yield from (f"v{first + row};{','.join(map(str, plans))}\n" for row, plans in enumerate(chosen.tolist()))


def _compare(voters: int) -> int:
    projects = 200 if voters < 500_000 else 500
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "synthetic.pb"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(synthetic(voters, projects, seed=7))
        own, other = (min(_measure(reader, file) for _ in range(TRIES)) for reader in ("profile", "csv"))
        size = file.stat().st_size
    is_over = own[0] > BUDGETS.get(voters, voters) or own[1] > MOST_BYTES
    print(
        f"{voters:>9}{projects:>10}{size / 1e6:>6.0f}{own[0]:>10.2f}{other[0]:>8.2f}{own[0] / other[0]:>8.2f}"
        f"{own[1] / 1e6:>10.0f}{other[1] / 1e6:>9.0f}{'  OVER' if is_over else ''}"
    )
    return int(is_over)


def _measure(reader: str, file: Path) -> tuple[float, int]:
    command = [sys.executable, "-m", "tests.bench.reading", "--reader", reader, "--file", str(file)]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(peak)


def _read_here(reader: str, file: Path) -> int:
    begin = time.process_time()
    READERS[reader](file)
    print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    return 0


def _profile(file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as lines:
        return read_profile(lines).voters


def _csv(file: Path) -> int:
    """What the plain module needs to split the cells, keeping nothing."""
    with file.open(encoding="utf-8", newline="") as lines:
        return sum(len(row[-1].split(",")) for row in csv.reader(lines, delimiter=";"))


READERS = {"profile": _profile, "csv": _csv}


if __name__ == "__main__":
    sys.exit(main())
