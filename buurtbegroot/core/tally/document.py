"""The document of a count, which is stored, published as result.json and made again by whoever checks the vote."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import ADDED, from_plain, to_plain
from buurtbegroot.core.rules import Ruleset, fingerprint, to_json
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election, among
from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.trace import Judgement, Outcome

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Votes:
    """What a count is made of: the round's name, rules, plans, ballots with their number, and the seed of the lot.

    `ballots_sha256` is that of the published file of ballots. The `withdrawn` plans, by id, were taken off the open
    ballot: what was voted for them buys nothing.
    """

    round: str
    rules: Ruleset
    plans: tuple[Plan, ...]
    ballots: Mapping[Choices, int]
    seed: bytes
    ballots_sha256: str
    withdrawn: frozenset[int] = frozenset()

    @cached_property
    def election(self) -> Election:
        """The election over all pots, as if the withdrawn plans had not been on the ballot."""
        cents = self.rules.budget_cents
        cast = Election.from_ballots(self.plans, self.ballots, budget_cents=cents, seed=self.seed)
        left = {plan.id for plan in self.plans} - self.withdrawn
        return among(cast, left, budget_cents=cents, pot="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A plan, by its id, that could no longer win, and on how many counted ballots it stands all the same."""

    plan: int
    votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The trace as it is stored and published: what went in, named by fingerprints, and what came out of each pot.

    The `withdrawn` plans are among `plans` and in no outcome. What was `reported` are winners of a past vote as a file
    names them: nothing was counted, so the outcome has no steps.
    """

    round: str
    seed: str
    rules_fingerprint: str
    ballots_sha256: str
    valid_ballots: int
    plans: tuple[Plan, ...]
    outcomes: tuple[Outcome, ...]
    withdrawn: tuple[Withdrawn, ...] = field(default=(), metadata=ADDED)
    reported: bool = field(default=False, metadata=ADDED)

    @property
    def spent_cents(self) -> int:
        """What all plans get together."""
        return sum(cents for outcome in self.outcomes for _, cents in outcome.funded)

    @property
    def left_cents(self) -> int:
        """What is left of all pots."""
        return sum(outcome.left_cents for outcome in self.outcomes)

    @property
    def judgements(self) -> Iterator[Judgement]:
        """What the count did with each plan, pot after pot."""
        return (judgement for outcome in self.outcomes for judgement in outcome.judgements)


def document_of(votes: Votes, *, path: Path | None = None) -> Document:
    """Count every pot under the rules of the round; `path` is how runs of equal shares are computed."""
    return Document(
        round=votes.round,
        seed=votes.seed.hex(),
        rules_fingerprint=fingerprint(votes.rules),
        ballots_sha256=votes.ballots_sha256,
        valid_ballots=Counter(votes.ballots).total(),
        plans=votes.plans,
        outcomes=count_pots(votes.election, votes.rules, path=path),
        withdrawn=tuple(
            Withdrawn(plan=plan.id, votes=sum(voters for chosen, voters in votes.ballots.items() if plan.id in chosen))
            for plan in votes.plans
            if plan.id in votes.withdrawn
        ),
    )


def trace_of(document: Document, rules: Ruleset) -> str:
    """Return the canonical JSON of the count: the same input gives the same text, and so the same SHA-256."""
    written = {"version": VERSION, "rules": json.loads(to_json(rules)), "count": to_plain(document)}
    return canonical_json(written).decode()


def document_from(trace: str) -> Document:
    """Read a stored trace; raises ValueError when it is none."""
    return from_plain(Document, json.loads(trace)["count"])
