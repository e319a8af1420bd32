"""Finding a plan in an outcome, for whoever asks whether theirs gets money."""

from collections.abc import Iterator
from typing import NamedTuple

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.proposals.domain.drafts import search_terms
from buurtbegroot.results.domain.outcome import Result

MOST_FOUND = 10


class Found(NamedTuple):
    """The first plans that a search found, each with how many plans its pot has, and how many it found in all."""

    words: str
    rows: list[tuple[Judgement, int]]
    total: int


def find_plans(result: Result, words: str) -> Found:
    """Return the plans whose title has all these words, or whose number is one of them; none without words."""
    terms = search_terms(words)
    rows = list(_having(result, terms)) if terms else []
    return Found(words, rows[:MOST_FOUND], len(rows))


def _having(result: Result, terms: list[str]) -> Iterator[tuple[Judgement, int]]:
    for outcome in result.document.outcomes:
        for row in outcome.judgements:
            plan = result.plans[row.plan]
            title = fold(plan.title)
            if all(term in title or term == str(plan.number) for term in terms):
                yield row, len(outcome.judgements)
