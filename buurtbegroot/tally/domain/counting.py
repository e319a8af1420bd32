"""From valid ballots to the outcome, its sums and the document that proves it; pure, nothing is read or stored."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import ADDED, from_plain, to_plain
from buurtbegroot.core.rules import Ruleset, fingerprint, to_json
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.comparing import Sums, WhatIf, compared, sums_of
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.trace import Outcome
from buurtbegroot.tally.domain.explaining import FLOWS

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums over all ballots for the result page; `codes` is the number of registered codes that could vote.

    Codes that nobody drew from the account pool are void by then and not among them. `what_if` has what other rules
    would give by their `RuleName`, `too_long` those that would take too long to count.
    """

    sums: Sums
    codes: int
    what_if: Mapping[str, WhatIf]
    too_long: tuple[str, ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class Input:
    """Everything that decides an outcome: the round's name, rules, plans, ballots with their number, and the seed."""

    round: str
    rules: Ruleset
    plans: tuple[Plan, ...]
    ballots: Mapping[Choices, int]
    seed: bytes

    @cached_property
    def election(self) -> Election:
        """The election over all pots."""
        return Election.from_ballots(self.plans, self.ballots, budget_cents=self.rules.budget_cents, seed=self.seed)


def outcomes_of(source: Input) -> tuple[Outcome, ...]:
    """Count every pot under the rules of the round."""
    return count_pots(source.election, source.rules)


def figures_of(source: Input, *, codes: int) -> Figures:
    """Return the sums of the outcome, and what other rules would give on the same ballots."""
    election, outcomes = source.election, outcomes_of(source)
    found = compared(election, source.rules, real=outcomes)
    sums = sums_of(election, outcomes)
    assert sums is not None  # the election has its ballots
    return Figures(sums=sums, codes=codes, what_if=found.what_if, too_long=found.too_long)


def figures_from(stored: Mapping[str, object]) -> Figures:
    """Read back what to_plain wrote of Figures, beside what explains the outcome; raises ValueError for all else."""
    return from_plain(Figures, {name: value for name, value in stored.items() if name != FLOWS})


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


def trace_of(source: Input, *, ballots_sha256: str) -> str:
    """Return the canonical JSON of the count: the same input gives the same text, and so the same SHA-256."""
    document = Document(
        round=source.round,
        seed=source.seed.hex(),
        rules_fingerprint=fingerprint(source.rules),
        ballots_sha256=ballots_sha256,
        valid_ballots=Counter(source.ballots).total(),
        plans=source.plans,
        outcomes=outcomes_of(source),
    )
    rules = json.loads(to_json(source.rules))
    return canonical_json({"version": VERSION, "rules": rules, "count": to_plain(document)}).decode()


def document_from(trace: str) -> Document:
    """Read a stored trace; raises ValueError when it is none."""
    return from_plain(Document, json.loads(trace)["count"])


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as any other program computes it over the downloaded file."""
    return hashlib.sha256(text.encode()).hexdigest()


def ballot_line(tracker: bytes, choices: Sequence[int], blind: bytes) -> str:
    """Return one line of the published ballots, canonical JSON without a line end."""
    return canonical_json({"tracker": tracker.hex(), "choices": list(choices), "blind": blind.hex()}).decode()


def sha256_of_lines(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the file that these lines make, each with a line feed."""
    hasher = hashlib.sha256()
    for line in lines:
        hasher.update(f"{line}\n".encode())
    return hasher.hexdigest()
