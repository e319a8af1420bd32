"""Every real file by every method and preset, equal shares on each path: `python -m tests.all_paths [PART OF A NAME]`.

Traces of the kernel and NumPy must be the same bytes; so must a recount of the last run by plain fractions. A method
with a single way to compute it has nothing to differ from: on a file where that takes longer than `SECONDS` it is left
out, and said. Exits 1 at any difference, 0 where there are no files.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from types import FrameType

from buurtbegroot.core.methods import Method
from buurtbegroot.core.pabulib import read_profile
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.market import Market, Rounds
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
SECONDS = 20


class TooLongError(Exception):
    """A count has taken too long."""


def rules_for(vote: Vote) -> Iterator[Asked]:
    """Yield every rule that fits these ballots; equal shares unit by unit, as the presets."""
    for name in ("file", *Method, *PRESETS):
        try:
            yield asked([name], {"step_cents": "100"} if name == Method.EQUAL_SHARES else {}, vote)[0]
        except AskedError as refusal:
            print(f"  {refusal}")


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise TooLongError in what is still going on after so many seconds."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def outcomes(one: Asked, vote: Vote) -> list[Outcome]:
    """Count on each path; once, and not for long, for a method that has a single one."""

    def count(path: str) -> Outcome:
        return counted(one, vote, path=path, certify=False, progress=Progress()).outcome

    if one.counting.method is Method.EQUAL_SHARES:
        return [count(path) for path in PATHS]
    with at_most(SECONDS):
        return [count(PATHS[0])]


class Recounts:
    """Last runs told by plain fractions, each once: presets often end with the same one."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], Rounds] = {}

    def agree(self, one: Asked, vote: Vote, outcome: Outcome) -> bool:
        """Tell whether plain fractions tell the same story of the last run."""
        if one.counting.method is not Method.EQUAL_SHARES:
            return True
        count = SharesCount(vote.election, one.counting)
        kept = [span for span in outcome.endowments if span.spent_cents <= outcome.budget_cents]
        rounds = self.story(count.market(count.free_beside([])), kept[-1].last if kept else Fraction(0))
        return (rounds.purchases, rounds.missed) == (outcome.rounds, outcome.missed)

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        """Return the rounds of this run; plans, votes in parts and start money are those of one file."""
        profile = market.profile
        ballots = (profile.starts, profile.choices, profile.votes, profile.points if market.by_points else None)
        limits = ((limit.capacity, *sorted(limit.amounts.items())) for limit in market.limits)
        rules = (market.units, market.by_points, market.precedence, market.for_sale, market.requires, *limits)
        key = (endowment, market.costs, *rules, *(part if part is None else part.tobytes() for part in ballots))
        if key not in self.known:
            self.known[key] = ReferencePath().story(market, endowment)
        return self.known[key]


def check(path: Path) -> int:
    """Count one file by all rules; return how many differ."""
    vote, faults, recounts = vote_of(read_profile(path.read_bytes()), seed=b""), 0, Recounts()
    print(f"\n{path.stem}: {vote.election.valid_ballots:,} ballots x {len(vote.projects)} projects", flush=True)
    for one in rules_for(vote):
        began = perf_counter()
        try:
            first, *others = outcomes(one, vote)
        except TooHardError:
            print(f"  {one.name}: too hard, so no answer")
            continue
        except TooLongError:
            print(f"  {one.name}: left out, not done in {SECONDS} s, and there is no other way to compare it with")
            continue
        same = all(trace_json(other) == trace_json(first) for other in others) and recounts.agree(one, vote, first)
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
