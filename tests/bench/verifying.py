"""Seconds and memory of verify.py on a large vote, check by check, by plain Python as a resident has it.

Run `python -m tests.bench.verifying [--ballots 100000] [--plans 60] [METHOD…]`: a bundle of that many ballots, of
which about a fifth are alike, is checked by verify.py in a process of its own, without any library. V1 to V8 must take
at most 60 s and 512 MB together; V9 at most 60 s for greedy methods and equal shares once, and 10 minutes with
increments. Methods that count so many nowhere within minutes get `SLOW` ballots. Exits 1 when a bar is broken.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from buurtbegroot.core.ballots import Ballot, ballot_leaf
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import opened_lists
from buurtbegroot.core.credentials import commitment
from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.opening import Opened, Register
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.verifying.assembling import verify_py
from buurtbegroot.core.verifying.bundle import pack
from tests.core.bundles import ROUND, RULES, Vote

BALLOTS_SECONDS, BALLOTS_MB = 60, 512
GREEDY = "most_votes", "votes_per_euro", "welfare", "equal_shares_once"
COUNT_SECONDS, LONG_COUNT_SECONDS = 60, 600
SLOW = {"exact_equal_shares": 2_000, "maximin_support": 2_000}
RULES_BY_NAME = {
    **{method.value: CountingRules(method=method) for method in Method if method is not Method.MAJORITY_JUDGMENT},
    "equal_shares": CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=100)),
    "equal_shares_by_cent": CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=1)),
    "equal_shares_once": CountingRules(method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=None)),
    "exact_equal_shares": CountingRules(method=Method.EXACT_EQUAL_SHARES, equal_shares=EqualShares()),
}
CHECKED = """
import runpy, sys, time
runpy.run_path(sys.argv[1], run_name="held")["install"]()
from buurtbegroot.core.verifying import checks
from buurtbegroot.core.verifying.bundle import unpack
from buurtbegroot.core.verifying.reading import Bundle
wanted = sys.argv[3].split(",")
for name in set(checks._CHECKS) - set(wanted):
    del checks._CHECKS[name]
report = checks.check(Bundle(unpack(open(sys.argv[2], "rb").read())), checks.Trust())
assert not report.findings, report.findings[:5]
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # of this program alone
print(int(peak.split()[1]) // 1024)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make bundles, check them, print seconds and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--plans", type=int, default=60)
    parser.add_argument("methods", nargs="*", default=list(RULES_BY_NAME))
    chosen = parser.parse_args(arguments)
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "verify.py").write_text(verify_py(), encoding="utf-8")
        for place, name in enumerate(chosen.methods):
            bundle = Path(folder) / f"{name}.zip"
            ballots = min(chosen.ballots, SLOW.get(name, chosen.ballots))
            bundle.write_bytes(pack(large_vote(RULES_BY_NAME[name], ballots=ballots, plans=chosen.plans)))
            if not place:
                seconds, megabytes = _timed(bundle, [f"V{number}" for number in range(1, 9)])
                broken += (
                    _said(f"V1 to V8 of {ballots:,}", seconds, BALLOTS_SECONDS, megabytes) or megabytes > BALLOTS_MB
                )
            seconds, megabytes = _timed(bundle, ["V9"])
            most = COUNT_SECONDS if name in GREEDY else LONG_COUNT_SECONDS
            broken += _said(f"V9 of {ballots:,} by {name}", seconds, most, megabytes)
            bundle.unlink()
    return min(broken, 1)


def large_vote(counting: CountingRules, *, ballots: int, plans: int) -> dict[str, bytes]:
    """Return the files of an honest vote of so many ballots; the envelopes are only names, as in any bundle."""
    drawn = random.Random(7)
    listed = tuple(
        Plan(id=number, cost_cents=drawn.randrange(5, 60) * 100_000, theme=f"thema {number % 4}")
        for number in range(1, plans + 1)
    )
    budget = sum(plan.cost_cents for plan in listed) // 4
    rules = replace(RULES, counting=counting, pots=(replace(RULES.pots[0], cents=budget),))
    rules = replace(rules, ballot=replace(rules.ballot, whole=replace(rules.ballot.whole, max_choices=5)))
    vote = Large(rules=rules, plans=listed, kinds=("letter",) * ballots)
    weights = [1 / (place + 3) for place in range(plans)]
    vote.chosen = [sorted(set(drawn.choices(range(1, plans + 1), weights, k=drawn.randint(1, 5)))) for _ in vote.kinds]
    return vote.finish()


class Large(Vote):
    """A vote of which nothing is sealed or opened, as that takes minutes."""

    chosen: list[list[int]]

    def code(self, voter: int) -> bytes:
        return commitment(ROUND, self.key(voter))

    def lists(self) -> tuple[dict[str, bytes], int]:
        own = {"round_id": ROUND, "manifest": self.manifest.fingerprint}
        ballots = [
            Ballot(self.key(voter)[:16], canonical_json(chosen), self.key(-voter)) for voter, chosen in self._cast()
        ]
        opened = Opened(
            ballots=tuple(sorted(ballots)),
            nullifiers=tuple(sorted(self.key(voter) for voter, _ in self._cast())),
            superseded=(),
            refused=(),
            strangers={},
            leaves=tuple(sorted(ballot_leaf(each.tracker, each.choices, each.blind, **own) for each in ballots)),
        )
        register = Register(round_id=ROUND, codes=(), voids=(), is_legal=bool)
        names = sorted(fingerprint(b"%d" % voter) for voter, _ in self._cast())
        return {name: b"".join(lines) for name, lines in opened_lists(opened, register, names).items()}, len(ballots)

    def _cast(self) -> Iterator[tuple[int, list[int]]]:
        return enumerate(self.chosen)


def _timed(bundle: Path, checks: list[str]) -> tuple[float, int]:
    verifier = str(bundle.with_name("verify.py"))
    command = [sys.executable, "-I", "-S", "-E", "-c", CHECKED, verifier, str(bundle), ",".join(checks)]
    began = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return perf_counter() - began, int(done.stdout)


def _said(what: str, seconds: float, most: float, megabytes: int) -> bool:
    print(
        f"{'ok  ' if seconds <= most else 'FAIL'} {what}: {seconds:.1f} s (at most {most}), {megabytes} MB", flush=True
    )
    return seconds > most


if __name__ == "__main__":
    sys.exit(main())
