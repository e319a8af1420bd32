"""The same count by each path and by the peers, in one process, taking turns; their ratios and the recount's time.

Run `python -m tests.bench.counting [--peers] [--large]`: equal shares with cost utilities, once with the
share B/n (`once`) and with increments of one unit until exhaustive, then by most votes (`add1u`). Ballots are laid out
beforehand for all, and the time that the paths take for that is printed. Medians of seconds of processor time over as
many turns as fit in a while. Peers: `python -m tests.bench.build_peers FOLDER`, then run this with
FOLDER/bin/python. Each instance has a process of its own, so that peak memory is its own.
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from statistics import median
from time import process_time

import numpy as np

from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, TieKey
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import SharesCount
from buurtbegroot.core.tally.increments import cost_of, schedule, spans
from buurtbegroot.core.tally.market import Market, Path, Rounds
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.shares_kernel import KernelPath, available
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from buurtbegroot.core.tally.shares_reference import ReferencePath
from tests.core.real_ballots import FOLDER, real_election

try:
    from pabumeasures import _core as measures
    from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
    from pabutools.rules import method_of_equal_shares
except ImportError:
    measures = None

REAL = {
    "Wieliczka": "Poland_Wieliczka_2023_Green_Budget",
    "Amsterdam 621": "Netherlands_Amsterdam_621",
    "Bielany": "Poland_Warszawa_2021_Bielany",
    "Lodz": "Poland_Lodz_2022",
}
SYNTHETIC = {"(c)": (100_000, 200, 199), "(d)": (1_000_000, 500, 107)}
"""Voters, plans, and about what each voter's share is in whole units."""

SHARES = EqualShares(step_cents=100)
RULES = CountingRules(
    method=Method.EQUAL_SHARES,
    ties=(TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LISTED_FIRST),
    equal_shares=SHARES,
)
UNIT = SHARES.step_cents or 100
SECONDS, TURNS = 6.0, 9
LEAST = 0.01
"""Seconds of one turn: what takes less is repeated, so that neither the clock nor the caches of the others count."""
SLOW_PEER_VOTES = 10_000
"""pabutools needs hours for larger ones."""

Count = Callable[[], tuple[int, ...]]


@dataclass(frozen=True)
class Case:
    """An instance: what it is called, and what is counted."""

    name: str
    market: Market
    budget_cents: int

    @cached_property
    def votes(self) -> int:
        """How many voters."""
        return int(self.market.profile.votes.sum())

    def exhaustive(self, bought: Sequence[int]) -> bool:
        """Tell whether no other plan fits in the money left, or it is overspent."""
        left = self.budget_cents - cost_of(self.market, tuple(bought))
        return not any(self.market.costs[plan] <= left for plan in self.market.for_sale - set(bought))

    def filled(self, bought: Sequence[int]) -> tuple[int, ...]:
        """Return these plans and those that others get by most votes with what is left."""
        left = self.budget_cents - cost_of(self.market, tuple(bought))
        votes, precedence, found = self.market.profile.totals(), self.market.precedence, list(bought)
        for plan in sorted(self.market.for_sale - set(bought), key=lambda plan: (-votes[plan], precedence[plan])):
            if self.market.costs[plan] <= left:
                left -= self.market.costs[plan]
                found.append(plan)
        return tuple(found)


def case_of(name: str, election: Election) -> Case:
    """Return an election as a case."""
    return Case(name, SharesCount(election, RULES).market([]), election.budget_cents)


def synthetic(name: str, voters: int, plans: int, *, share: int, seed: int = 7) -> Case:
    """Return random ballots of some eight plans of very different popularity; B is a quarter of all costs."""
    random = np.random.default_rng(seed)
    popularity = np.cumsum(random.lognormal(sigma=0.8, size=plans))
    drawn = np.searchsorted(popularity / popularity[-1], random.random((voters, 9))).astype(np.int32)
    drawn.sort(axis=1)
    kept = np.ones(drawn.shape, dtype=bool)
    kept[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    worth = random.lognormal(sigma=0.7, size=plans)
    costs = np.maximum(worth / worth.sum() * 4 * share * voters, 1).astype(np.int64)
    profile = Profile(
        plans=tuple(range(1, plans + 1)),
        starts=np.concatenate([[0], np.cumsum(kept.sum(axis=1))]),
        choices=drawn[kept],
        votes=np.ones(voters, dtype=np.int64),
    )
    listed = [Plan(id=plan, cost_cents=int(cost) * UNIT) for plan, cost in enumerate(costs, start=1)]
    budget = int(costs.sum()) // 4 * UNIT
    return case_of(name, Election.from_profile(listed, profile, budget_cents=budget, seed=b""))


def load(name: str) -> Case:
    """Return a case by its name."""
    if name in SYNTHETIC:
        voters, plans, share = SYNTHETIC[name]
        return synthetic(name, voters, plans, share=share)
    return case_of(name, real_election(FOLDER / f"{REAL[name]}.pb").election)


def once(case: Case, path: Path) -> tuple[int, ...]:
    """Count one run with the share of each."""
    return path.bought(case.market, Fraction(case.budget_cents, case.votes))


def add1u(case: Case, path: Path) -> tuple[int, ...]:
    """Count with increments and the tail."""
    return case.filled(_last(case, path)[1])


def _last(case: Case, path: Path) -> tuple[Fraction, tuple[int, ...]]:
    raises = schedule(case.market, SHARES, case.budget_cents)
    found = spans(case.market, path, raises, budget_cents=case.budget_cents, stop=SHARES.stop)
    span = [one for one in found if cost_of(case.market, one.bought) <= case.budget_cents][-1]
    return raises.endowment(span.last), span.bought


class Measures:
    """pabumeasures, which counts approvals with money in whole numbers; its objects are made beforehand."""

    def __init__(self, case: Case) -> None:
        self.case = case
        profile = case.market.profile
        rows = np.repeat(np.repeat(np.arange(len(profile.votes)), profile.votes), 1)
        voters = np.concatenate([[0], np.cumsum(profile.votes)])
        row = np.repeat(np.arange(len(profile.votes)), np.diff(profile.starts))
        self.voters = len(rows)
        self.projects = []
        for plan in sorted(case.market.for_sale):
            spread = [np.arange(voters[one], voters[one + 1]) for one in row[profile.choices == plan]]
            chosen = np.concatenate(spread).tolist()
            self.projects.append(measures.ProjectEmbedding(case.market.costs[plan], f"{plan:06}", chosen))
        by, way = measures.Comparator, measures.Ordering
        order = [(by.COST, way.ASCENDING), (by.VOTES, way.DESCENDING), (by.LEXICOGRAPHIC, way.ASCENDING)]
        self.ties = measures.ProjectComparator(order)

    def run(self, raised: int) -> tuple[int, ...]:
        """Count one run with the budget raised by so many cents for each voter."""
        budget = self.case.budget_cents + raised * self.voters
        election = measures.Election(budget, self.voters, self.projects)
        return tuple(int(one.name) for one in measures.mes_cost(election, self.ties))

    def add1u(self) -> tuple[int, ...]:
        """Count with increments and the tail."""
        raised, last = 0, self.run(0)
        while not self.case.exhaustive(last):
            raised += UNIT
            following = self.run(raised)
            if cost_of(self.case.market, following) > self.case.budget_cents:
                break
            last = following
        return self.case.filled(last)


def tools_of(case: Case) -> Callable[[int | None], tuple[int, ...]]:
    """Return pabutools with exact fractions as a function of the increment."""
    projects = {plan: Project(f"{plan:06}", case.market.costs[plan] // UNIT) for plan in case.market.for_sale}
    instance = Instance(projects.values(), budget_limit=case.budget_cents // UNIT)
    ballots = [
        ApprovalBallot(projects[plan] for plan in choices if plan in projects)
        for choices, _, votes in case.market.profile.ballots()
        for _ in range(votes)
    ]
    profile = ApprovalProfile(ballots, instance=instance)

    def count(increment: int | None) -> tuple[int, ...]:
        found = method_of_equal_shares(instance, profile, sat_class=Cost_Sat, voter_budget_increment=increment)
        return tuple(int(project.name) for project in found)

    return count


def in_turns(counts: dict[str, Count]) -> dict[str, float]:
    """Return the median seconds of each, counted once beforehand; all must find the same plans."""
    taken: dict[str, list[float]] = {name: [] for name in counts}
    answers: dict[str, set[int]] = {}
    spent = 0.0
    for count in counts.values():
        count()
    while spent < SECONDS and len(taken[next(iter(counts))]) < TURNS:
        for name, count in counts.items():
            begin, times = process_time(), 0
            while (passed := process_time() - begin) < LEAST or not times:
                answers[name] = set(count())
                times += 1
            taken[name].append(passed / times)
            spent += passed
    for name, answer in answers.items():
        assert answer == answers["numpy"], f"{name} finds other plans: {sorted(answer ^ answers['numpy'])}"
    return {name: median(times) for name, times in taken.items()}


def measure(case: Case, *, peers: bool) -> None:
    """Print the lines of one case."""
    paths = {**({"kernel": KernelPath()} if available() else {}), "numpy": NumpyPath()}
    profile = case.market.profile
    print(f"\n{case.name}: {case.votes:,} voters ({len(profile.votes):,} rows) x {len(profile.plans)} plans")
    for name, path in paths.items():
        begin = process_time()
        path.bought(case.market, Fraction(0))
        print(f"  laying out for {name} {process_time() - begin:.4f} s")
    fastest = paths[next(iter(paths))]
    endowment, _ = _last(case, fastest)
    begin = process_time()
    rounds = fastest.story(case.market, endowment)
    told = process_time() - begin
    number = len(rounds.purchases)
    print(f"  story of the last run, {number} rounds, {told:.3f} s; peak memory so far {_peak_mb():.0f} MB", flush=True)
    others = Measures(case) if peers else None
    for rule, ours in (("once", once), ("add1u", add1u)):
        counts: dict[str, Count] = {name: partial(ours, case, path) for name, path in paths.items()}
        if others:
            counts["pabumeasures"] = others.add1u if rule == "add1u" else partial(others.run, 0)
        found = in_turns(counts)
        if peers and case.votes <= SLOW_PEER_VOTES:
            count, increment = tools_of(case), 1 if rule == "add1u" else None
            begin = process_time()
            exact = count(increment)
            found["pabutools exact"] = process_time() - begin
            assert (set(case.filled(exact)) if increment else set(exact)) == set(counts["numpy"]())
        first = next(iter(found.values()))
        print(f"  {rule:6}", *(f"{name} {time:.5f} s ({time / first:.1f}x)" for name, time in found.items()), sep="  ")
    certify(case, endowment, rounds)


def certify(case: Case, endowment: Fraction, rounds: Rounds) -> None:
    """Print the time in which the reference counts the last run again, of which it must tell the same story."""
    begin = process_time()
    assert ReferencePath().story(case.market, endowment) == rounds, "the reference tells another story"
    print(
        f"  certified by the reference, every round and every plan, in {process_time() - begin:.2f} s; "
        f"peak memory so far {_peak_mb():.0f} MB"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Print the lines of all cases asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers", action="store_true", help="beside pabumeasures and pabutools")
    parser.add_argument("--large", action="store_true", help="also (d), a million voters")
    parser.add_argument("--case", choices=[*REAL, *SYNTHETIC], help="only this one, in this process")
    chosen = parser.parse_args()
    peers = chosen.peers and measures is not None
    if chosen.case:
        measure(load(chosen.case), peers=peers)
        return 0
    if not peers:
        print("no peers: " + ("they are not installed" if chosen.peers else "not asked for"))
    names = [*(REAL if FOLDER.is_dir() else ()), "(c)", *(["(d)"] if chosen.large else [])]
    for name in names:
        command = [sys.executable, "-m", "tests.bench.counting", "--case", name, *(["--peers"] if peers else [])]
        subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
