"""From valid ballots to the outcome, its sums and the document that proves it; pure, nothing is read or stored."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import ballot_line
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rules import Ruleset, fingerprint, to_json
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.comparing import Sums, WhatIf, compared, sums_of
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.payments import Flow
from buurtbegroot.core.tally.trace import Judgement, Outcome
from buurtbegroot.tally.domain.explaining import FLOWS, Why, flows, reasons

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
    too_long: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Input:
    """Everything that a count is made of: the round's name, rules, plans, ballots with their number, and the seed.

    `ballots_sha256` is that of the published file of ballots, `codes` the number of codes that could vote.
    """

    round: str
    rules: Ruleset
    plans: tuple[Plan, ...]
    ballots: Mapping[Choices, int]
    seed: bytes
    ballots_sha256: str
    codes: int

    @cached_property
    def election(self) -> Election:
        """The election over all pots."""
        return Election.from_ballots(self.plans, self.ballots, budget_cents=self.rules.budget_cents, seed=self.seed)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """All that one count gives: the document with its trace, why each plan won or lost, and the figures of its page."""

    document: Document
    trace: str
    why: Mapping[int, Why]
    figures: Figures
    flows: Mapping[str, Flow]

    def stored_figures(self) -> dict[str, Any]:
        """Return figures and flows as they are kept, which `figures_from` and `flows_from` read back."""
        figures: Any = to_plain(self.figures)
        return {**figures, FLOWS: to_plain(self.flows)}


def count(source: Input) -> Count:
    """Count every pot under the rules of the round, once, and work out all that its pages tell."""
    document = document_of(source)
    found = compared(source.election, source.rules, real=document.outcomes)
    sums = sums_of(source.election, document.outcomes)
    assert sums is not None  # the election has its ballots
    return Count(
        document=document,
        trace=trace_of(document, source.rules),
        why=reasons(source.election, source.rules, document.outcomes),
        figures=Figures(sums=sums, codes=source.codes, what_if=found.what_if, too_long=found.too_long),
        flows=flows(source.election, source.rules, document.outcomes),
    )


def document_of(source: Input, *, path: Path | None = None) -> Document:
    """Count every pot under the rules of the round; `path` is how runs of equal shares are computed."""
    return Document(
        round=source.round,
        seed=source.seed.hex(),
        rules_fingerprint=fingerprint(source.rules),
        ballots_sha256=source.ballots_sha256,
        valid_ballots=Counter(source.ballots).total(),
        plans=source.plans,
        outcomes=count_pots(source.election, source.rules, path=path),
    )


def trace_of(document: Document, rules: Ruleset) -> str:
    """Return the canonical JSON of the count: the same input gives the same text, and so the same SHA-256."""
    written = {"version": VERSION, "rules": json.loads(to_json(rules)), "count": to_plain(document)}
    return canonical_json(written).decode()


def document_from(trace: str) -> Document:
    """Read a stored trace; raises ValueError when it is none."""
    return from_plain(Document, json.loads(trace)["count"])


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as any other program computes it over the downloaded file."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_ballots(ballots: Iterable[tuple[bytes, Sequence[int], bytes]]) -> str:
    """Return the SHA-256 of the published file of ballots (tracker, choices, blind), each line with a line feed."""
    hasher = hashlib.sha256()
    for tracker, choices, blind in ballots:
        hasher.update(f"{ballot_line(tracker, canonical_json(choices), blind)}\n".encode())
    return hasher.hexdigest()
