"""From valid ballots to the outcome, its sums and the document that proves it; pure, nothing is read or stored."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import ballot_line
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.tally.comparing import Sums, WhatIf, compared, sums_of
from buurtbegroot.core.tally.document import Document, Votes, document_of, trace_of
from buurtbegroot.core.tally.payments import Flow
from buurtbegroot.tally.domain.explaining import FLOWS, Why, flows, reasons


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
class Input(Votes):
    """Everything that a count and its pages are made of; `codes` is the number of codes that could vote."""

    codes: int


def figures_from(stored: Mapping[str, object]) -> Figures:
    """Read back what to_plain wrote of Figures, beside what explains the outcome; raises ValueError for all else."""
    return from_plain(Figures, {name: value for name, value in stored.items() if name != FLOWS})


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


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as any other program computes it over the downloaded file."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_ballots(ballots: Iterable[tuple[bytes, Sequence[int], bytes]]) -> str:
    """Return the SHA-256 of the published file of ballots (tracker, choices, blind), each line with a line feed."""
    hasher = hashlib.sha256()
    for tracker, choices, blind in ballots:
        hasher.update(f"{ballot_line(tracker, canonical_json(choices), blind)}\n".encode())
    return hasher.hexdigest()
