"""From an election and its rules to an outcome; each method of counting is a module of its own."""

from collections.abc import Mapping

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules, Ruleset
from buurtbegroot.core.tally.bos import bos
from buurtbegroot.core.tally.election import Election, by_pot
from buurtbegroot.core.tally.equal_shares import equal_shares
from buurtbegroot.core.tally.exact_equal_shares import exact_equal_shares
from buurtbegroot.core.tally.greedy import most_votes, votes_per_euro
from buurtbegroot.core.tally.majority_judgment import majority_judgment
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


def count(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot. The rules are assumed to be free of problems (`rule_problems.problems`)."""
    method = COUNTS[rules.method]
    if rules.theme_minimums or rules.area_minimums:
        return with_minimums(method, election, rules)
    return method(election, rules)


def count_pots(election: Election, ruleset: Ruleset) -> tuple[Outcome, ...]:
    """Count each pot of a round apart, in the order of the pots; the election's own budget plays no part."""
    return tuple(count(part, ruleset.counting) for part in by_pot(election, ruleset))
