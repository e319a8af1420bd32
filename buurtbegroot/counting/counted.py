"""One count of a vote by one rule, with its time, and what the winners mean for the ballots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.methods import Method
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import COUNTS
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import equal_shares
from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.minimums import with_minimums
from buurtbegroot.core.tally.paths import fastest_path
from buurtbegroot.core.tally.shares_kernel import KernelPath
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.core.tally.trace import WINNING, Outcome, Tie, trace_fingerprint, trace_json
from buurtbegroot.counting.asked import Asked
from buurtbegroot.counting.progress import Progress, WatchedPath
from buurtbegroot.counting.vote import Vote

PATHS: Mapping[str, Callable[[], Path]] = {
    "fastest": fastest_path,
    "kernel": KernelPath,
    "numpy": NumpyPath,
    "reference": ReferencePath,
}
FORMAT = "buurtbegroot/count/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An outcome with the rule that it is of, the seconds that it took, and those of the recount if there was one."""

    asked: Asked
    outcome: Outcome
    seconds: float
    certified_in: float | None = None

    @property
    def winners(self) -> frozenset[int]:
        """The plans that get money, also in part."""
        return frozenset(plan for plan, _ in self.outcome.funded)

    @property
    def spent_cents(self) -> int:
        """What the winners get together."""
        return sum(cents for _, cents in self.outcome.funded)

    @property
    def from_rest(self) -> frozenset[int]:
        """The plans that voters did not buy by equal shares and that got money from what was left, by most votes."""
        outcome, shares = self.outcome, self.asked.counting.equal_shares
        instead = outcome.preference is not None and outcome.preference.chosen is Method.MOST_VOTES
        if shares is None or instead:
            return frozenset()
        steps = [step for one in (*outcome.earlier, outcome) for step in one.steps]
        return frozenset(step.judgement.plan for step in steps if step.judgement.verdict in WINNING)

    def ties(self) -> list[Tie]:
        """Return each tie once, in the order in which they were met."""
        outcome = self.outcome
        every = [*(one.tie for one in outcome.rounds), *(one.tie for one in outcome.judgements)]
        found = [tie for tie in every if tie is not None]
        return list({frozenset(tie.plans): tie for tie in reversed(found)}.values())[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PotCounts:
    """The counts of one pot: its vote, and the same rules as in every other pot, at least one."""

    vote: Vote
    counts: Sequence[Counted]


class NotTheSameError(ValueError):
    """The recount gives something else: a fault of this program."""


def counted(asked: Asked, vote: Vote, *, path: str, certify: bool, progress: Progress) -> Counted:
    """Count and, if asked, count equal shares again by the reference; other methods have but one way to be counted.

    Raises NotTheSameError, and ValueError of the engine.
    """
    progress.start(asked.name)
    outcome, seconds = _timed(asked.counting, vote.election, path=PATHS[path](), progress=progress)
    again = None
    if certify and asked.counting.method is Method.EQUAL_SHARES:
        progress.start(f"{asked.name} again")
        recount, again = _timed(asked.counting, vote.election, path=ReferencePath(), progress=progress)
        if trace_json(recount) != trace_json(outcome):
            raise NotTheSameError(f"{asked.name}: the recount by the reference differs; please report this file")
    return Counted(asked=asked, outcome=outcome, seconds=seconds, certified_in=again)


def together(pots: Sequence[PotCounts]) -> Counted:
    """Return the first counts of all pots as one, for a picture: judgements and rounds are those of every pot."""
    first = [pot.counts[0] for pot in pots]
    judgements = tuple(judgement for one in first for judgement in one.outcome.judgements)
    rounds = tuple(purchase for one in first for purchase in one.outcome.rounds)
    return replace(first[0], outcome=replace(first[0].outcome, judgements=judgements, rounds=rounds))


def _timed(rules: CountingRules, election: Election, *, path: Path, progress: Progress) -> tuple[Outcome, float]:
    began = perf_counter()
    method = COUNTS[rules.method]
    if rules.method is Method.EQUAL_SHARES:
        method = partial(equal_shares, path=WatchedPath(path, progress, budget_cents=election.budget_cents))
    if rules.theme_minimums or rules.area_minimums:
        outcome = with_minimums(method, election, rules)
    else:
        outcome = method(election, rules)
    return outcome, perf_counter() - began


def with_winner(vote: Vote, winners: frozenset[int]) -> int:
    """Return how many votes, in parts, chose at least one of these plans."""
    profile = vote.election.profile
    assert profile is not None
    won = np.array([plan in winners for plan in profile.plans], dtype=np.int64)
    sums = np.concatenate([[0], np.cumsum(won[profile.choices])])[profile.starts]
    return int(profile.votes[np.diff(sums) > 0].sum())


def trace_document(vote: Vote, pots: Sequence[PotCounts], *, sha256: str) -> bytes:
    """Return the canonical JSON of counts: of which bytes, which numbers are which projects, rules, traces, hashes.

    The outcomes are in the order of the pots, and of the rules within each.
    """
    return canonical_json(
        {
            "format": FORMAT,
            "pb_sha256": sha256,
            "plans": {str(plan): project.project_id for plan, project in vote.projects.items()},
            "scale": vote.scale,
            "miscounts": vote.miscounts,
            "counts": [
                {
                    "name": one.asked.name,
                    "rules": to_plain(one.asked.counting),
                    "outcome": to_plain(one.outcome),
                    "outcome_sha256": trace_fingerprint(one.outcome),
                }
                for pot in pots
                for one in pot.counts
            ],
        }
    )
