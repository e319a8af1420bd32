"""Every real file by every method and preset, equal shares on each path: `python -m tests.all_paths [PART OF A NAME]`.

Traces of the kernel and NumPy must be the same bytes; so must a recount of the last run by plain fractions. A method
that would take minutes on a file is left out, and said. Exits 1 at any difference, 0 where there are no files.
"""

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from buurtbegroot.core.methods import Method
from buurtbegroot.core.pabulib import read_profile
from buurtbegroot.core.tally.comparing import MOST_WORK
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.core.tally.shares_kernel import available
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.core.tally.trace import Outcome, trace_json
from buurtbegroot.counting.asked import Asked, AskedError, asked
from buurtbegroot.counting.counted import counted
from buurtbegroot.counting.progress import Progress
from buurtbegroot.counting.vote import Vote, vote_of
from tests.core.real_ballots import FOLDER

PATHS = ("kernel", "numpy") if available() else ("numpy",)


def rules_for(vote: Vote) -> Iterator[Asked]:
    """Yield every rule that fits these ballots; equal shares unit by unit, as the presets."""
    for name in ("file", *Method, *PRESETS):
        try:
            yield asked([name], {"step_cents": "100"} if name == Method.EQUAL_SHARES else {}, vote)[0]
        except AskedError as refusal:
            print(f"  {refusal}")


def work(vote: Vote) -> int:
    """Return how much a method must do: choices times plans."""
    assert vote.election.profile is not None
    return len(vote.election.profile.choices) * len(vote.projects)


def outcomes(one: Asked, vote: Vote) -> list[Outcome]:
    """Count on each path; once for a method that has a single one."""
    paths = PATHS if one.counting.method is Method.EQUAL_SHARES else PATHS[:1]
    return [counted(one, vote, path=path, certify=False, progress=Progress()).outcome for path in paths]


def certified(one: Asked, vote: Vote, outcome: Outcome) -> bool:
    """Tell whether plain fractions tell the same story of the last run."""
    if one.counting.method is not Method.EQUAL_SHARES:
        return True
    count = SharesCount(vote.election, one.counting)
    kept = [span for span in outcome.endowments if span.spent_cents <= outcome.budget_cents]
    raised = kept[-1].last if kept else Fraction(0)
    rounds = ReferencePath().story(count.market(count.free_beside([])), raised)
    return (rounds.purchases, rounds.missed) == (outcome.rounds, outcome.missed)


def check(path: Path) -> int:
    """Count one file by all rules; return how many differ."""
    vote, faults = vote_of(read_profile(path.read_bytes()), seed=b""), 0
    print(f"\n{path.stem}: {vote.election.valid_ballots:,} ballots x {len(vote.projects)} projects", flush=True)
    for one in rules_for(vote):
        if work(vote) > 2 * MOST_WORK.get(one.counting.method, sys.maxsize):
            print(f"  {one.name}: left out, it would take minutes")
            continue
        began = perf_counter()
        try:
            first, *others = outcomes(one, vote)
        except TooHardError:
            print(f"  {one.name}: too hard, so no answer")
            continue
        same = all(trace_json(other) == trace_json(first) for other in others) and certified(one, vote, first)
        faults += not same
        print(f"  {'ok  ' if same else 'FAIL'} {one.name} {perf_counter() - began:.2f} s", flush=True)
    return faults


def main() -> int:
    """Check the files whose name has the part asked for."""
    part = sys.argv[1] if sys.argv[1:] else ""
    files = [path for path in sorted(FOLDER.glob("*.pb")) if part in path.stem]
    if not files:
        print("no files: ../shared/data/pabulib is not beside this checkout")
    faults = sum(check(path) for path in files)
    print(f"\n{len(files)} files on {', '.join(PATHS)} and plain fractions: {faults} differences")
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
