"""The document of a count, which is stored, published as result.json and made again by whoever checks the vote."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rules import Ruleset, fingerprint, to_json
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.trace import Judgement, Outcome

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Votes:
    """What a count is made of: the round's name, rules, plans, ballots with their number, and the seed of the lot.

    `ballots_sha256` is that of the published file of ballots.
    """

    round: str
    rules: Ruleset
    plans: tuple[Plan, ...]
    ballots: Mapping[Choices, int]
    seed: bytes
    ballots_sha256: str

    @cached_property
    def election(self) -> Election:
        """The election over all pots."""
        return Election.from_ballots(self.plans, self.ballots, budget_cents=self.rules.budget_cents, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The trace as it is stored and published: what went in, named by fingerprints, and what came out of each pot."""

    round: str
    seed: str
    rules_fingerprint: str
    ballots_sha256: str
    valid_ballots: int
    plans: tuple[Plan, ...]
    outcomes: tuple[Outcome, ...]

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
    )


def trace_of(document: Document, rules: Ruleset) -> str:
    """Return the canonical JSON of the count: the same input gives the same text, and so the same SHA-256."""
    written = {"version": VERSION, "rules": json.loads(to_json(rules)), "count": to_plain(document)}
    return canonical_json(written).decode()


def document_from(trace: str) -> Document:
    """Read a stored trace; raises ValueError when it is none."""
    return from_plain(Document, json.loads(trace)["count"])
