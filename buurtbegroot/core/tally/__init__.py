"""From an election and its rules to an outcome; each method of counting is a module of its own."""

from collections.abc import Mapping
from functools import partial

from buurtbegroot.core.counting_problems import check_bounds
from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules, Ruleset
from buurtbegroot.core.tally.bos import bos
from buurtbegroot.core.tally.election import Election, by_pot
from buurtbegroot.core.tally.equal_shares import equal_shares
from buurtbegroot.core.tally.exact_equal_shares import exact_equal_shares
from buurtbegroot.core.tally.greedy import most_votes, votes_per_euro
from buurtbegroot.core.tally.majority_judgment import majority_judgment
from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.maximin_support import maximin_support
from buurtbegroot.core.tally.minimums import Count, with_minimums
from buurtbegroot.core.tally.phragmen import phragmen
from buurtbegroot.core.tally.trace import Outcome
from buurtbegroot.core.tally.welfare import welfare

COUNTS: Mapping[Method, Count] = {
    Method.MOST_VOTES: most_votes,
    Method.VOTES_PER_EURO: votes_per_euro,
    Method.WELFARE: welfare,
    Method.EQUAL_SHARES: equal_shares,
    Method.EXACT_EQUAL_SHARES: exact_equal_shares,
    Method.PHRAGMEN: phragmen,
    Method.MAXIMIN_SUPPORT: maximin_support,
    Method.BOS: bos,
    Method.MAJORITY_JUDGMENT: majority_judgment,
}
"""How each method counts; a new method is a new entry."""


def count(election: Election, rules: CountingRules, *, path: Path | None = None) -> Outcome:
    """Count one pot. The rules are assumed to be free of problems (`rule_problems.problems`).

    Raises ValueError, which says what is allowed, for a parameter that no count can have.
    `path` is how runs of equal shares are computed, by default the fastest; the outcome is the same by each.
    """
    check_bounds(rules)
    method = COUNTS[rules.method]
    if path is not None and rules.method is Method.EQUAL_SHARES:
        method = partial(equal_shares, path=path)
    if rules.theme_minimums or rules.area_minimums:
        return with_minimums(method, election, rules)
    return method(election, rules)


def count_pots(election: Election, ruleset: Ruleset, *, path: Path | None = None) -> tuple[Outcome, ...]:
    """Count each pot of a round apart, in the order of the pots; the election's own budget plays no part."""
    return tuple(count(part, ruleset.counting, path=path) for part in by_pot(election, ruleset))
