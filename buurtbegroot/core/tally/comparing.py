"""What other rules would give on the same votes: a fixed list of them, counted and laid beside the real outcome."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.methods import EqualShares, Method, Score, Stop, Tail, Utility
from buurtbegroot.core.rules import CountingRules, RestRule, Ruleset
from buurtbegroot.core.tally import count_pots
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.trace import Outcome

EURO_BY_EURO = EqualShares(step_cents=100, stop=Stop.EXHAUSTIVE, tail=Tail.MOST_VOTES)
"""Equal shares as this house proposes them: euro by euro until nothing more fits, then on by most votes."""

UNTIL_SPENT = EqualShares(step_cents=100, stop=Stop.OVERSPENT, tail=Tail.KEEP)
"""Equal shares until the next euro would overspend; nothing more (`presets.ASSEN_2024`)."""

ONCE = EqualShares(step_cents=None, tail=Tail.MOST_VOTES)
"""One run without increments, then on by most votes."""


class RuleName(StrEnum):
    """The rules that are compared; `OWN` stands for rules that are none of the others."""

    OWN = "own"
    SKIP = "skip"
    STOP = "stop"
    PART = "part"
    VOTES_PER_EURO = "votes_per_euro"
    EQUAL_SHARES = "equal_shares"
    EQUAL_SHARES_ONLY = "equal_shares_only"
    EXACT_EQUAL_SHARES = "exact_equal_shares"
    PHRAGMEN = "phragmen"
    MAXIMIN_SUPPORT = "maximin_support"
    WELFARE = "welfare"


MOST_WORK: Mapping[Method, int] = {
    Method.EQUAL_SHARES: 1_000_000_000,
    Method.PHRAGMEN: 100_000_000,
    Method.EXACT_EQUAL_SHARES: 20_000_000,
    Method.MAXIMIN_SUPPORT: 100_000,
}
"""The `work_of` above which a method is left out: a second or two of one processor.

Measured on ballots of Amsterdam, Assen, Łódź and Bielany, with the compiled kernel. The welfare optimum has a bound
of its own.
"""

RUN = 5_000
"""What a run of equal shares costs however few choices there are, in choices looked at."""

BY_TOTALS = (Method.MOST_VOTES, Method.VOTES_PER_EURO, Method.WELFARE)
"""Methods that need no more than how many votes each plan has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a set of winners means for the ballots: how many hold at least one winner, and how many winners in all."""

    voters_with_winner: int
    winners_on_ballots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a rule would give on the same ballots: winners as (plan id, cents) over all pots.

    `sums` is None where only totals are known. `counting` are the rules in full. `more_for` ballots have more of their
    plans funded than in the real outcome, `fewer_for` fewer.
    """

    funded: Mapping[str, int]
    spent_cents: int
    left_cents: int
    sums: Sums | None
    counting: CountingRules
    more_for: int
    fewer_for: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each rule gives, by name, the real one first; and the rules left out because they take too long."""

    what_if: Mapping[str, WhatIf]
    too_long: tuple[str, ...]


def rules_beside(own: CountingRules) -> Mapping[RuleName, CountingRules]:
    """Return the rules to compare with, under the thresholds, caps and ties of `own`; `own` itself comes first."""
    bare = replace(own, method=Method.MOST_VOTES, equal_shares=None, utility=Utility.COUNT, top_up_from=None)
    skip = replace(bare, rest=RestRule.SKIP)
    found = {
        RuleName.SKIP: skip,
        RuleName.STOP: replace(bare, rest=RestRule.STOP),
        RuleName.PART: replace(bare, rest=RestRule.PART),
        RuleName.EQUAL_SHARES: replace(skip, method=Method.EQUAL_SHARES, equal_shares=EURO_BY_EURO),
        RuleName.EQUAL_SHARES_ONLY: replace(skip, method=Method.EQUAL_SHARES, equal_shares=UNTIL_SPENT),
        RuleName.EXACT_EQUAL_SHARES: replace(skip, method=Method.EXACT_EQUAL_SHARES, equal_shares=ONCE),
        RuleName.PHRAGMEN: replace(skip, method=Method.PHRAGMEN),
        RuleName.MAXIMIN_SUPPORT: replace(skip, method=Method.MAXIMIN_SUPPORT),
        RuleName.VOTES_PER_EURO: replace(skip, method=Method.VOTES_PER_EURO),
        RuleName.WELFARE: replace(skip, method=Method.WELFARE),
    }
    name = next((name for name, rules in found.items() if rules == own), RuleName.OWN)
    return {name: own} | {other: rules for other, rules in found.items() if other != name}


def compared(
    election: Election,
    ruleset: Ruleset,
    *,
    real: Sequence[Outcome] | None = None,
    names: Iterable[RuleName] = RuleName,
) -> Comparison:
    """Count the election with the rules of the round, whose outcome is `real` if known, and with those beside them.

    Rules that this election has no ballots for, or that would take too long, are left out; only the latter are
    told. Without the outcome of the rules of the round there is nothing to compare with, and nothing else is counted.
    """
    wanted = set(names)
    rules = rules_beside(ruleset.counting)
    own, *others = rules
    outcomes = _counted(election, ruleset) if real is None else real
    if outcomes is None:
        return Comparison({}, (own.value,))
    reference = _hits(election.profile, dict(_funded(outcomes)))
    found: dict[str, WhatIf] = {own.value: _what_if(election, rules[own], outcomes, reference=reference)}
    too_long = []
    for name in others:
        if name not in wanted or not is_countable(election, rules[name]):
            continue
        counted = _counted(election, replace(ruleset, counting=rules[name]))
        if counted is None:
            too_long.append(name.value)
        else:
            found[name.value] = _what_if(election, rules[name], counted, reference=reference)
    return Comparison(found, tuple(too_long))


def is_countable(election: Election, rules: CountingRules) -> bool:
    """Tell whether these rules can do with what is known of the votes: ballots, or their totals alone."""
    return election.profile is not None or (rules.method in BY_TOTALS and rules.score is Score.VOTES)


def work_of(election: Election, rules: CountingRules) -> int:
    """Return how much there is to do, in choices looked at: for each plan, or for each raise of a first start money."""
    profile = election.profile
    if profile is None:
        return 0
    choices, shares = len(profile.choices), rules.equal_shares
    if rules.method is not Method.EQUAL_SHARES or shares is None:
        return choices * len(election.plans)
    if shares.step_share is not None:
        return (choices + RUN) * shares.step_share.den // shares.step_share.num
    voters = int(profile.votes.sum()) // profile.parts
    raises = election.budget_cents // (max(voters, 1) * shares.step_cents) if shares.step_cents else 0
    return (choices + RUN) * (raises + 1)


def group_cents(funded: Mapping[str, int], groups: Mapping[int, str]) -> Counter[str]:
    """Return the cents that go to each group; `groups` names that of each plan. Groups without money have 0."""
    found: Counter[str] = Counter()
    for plan, group in groups.items():
        found[group] += funded.get(str(plan), 0)
    return found


def sums_of(election: Election, outcomes: Iterable[Outcome]) -> Sums | None:
    """Measure winners, also those paid in part, against the ballots; None where only totals are known."""
    return _sums(election.profile, _hits(election.profile, dict(_funded(outcomes))))


def _counted(election: Election, ruleset: Ruleset) -> Sequence[Outcome] | None:
    """Count, or return None if that takes too long."""
    most = MOST_WORK.get(ruleset.counting.method)
    if most is not None and work_of(election, ruleset.counting) > most:
        return None
    try:
        return count_pots(election, ruleset)
    except (TooHardError, ValueError):  # ValueError: more increments than are counted (`increments.RUNS_MAX`)
        return None


def _what_if(
    election: Election, rules: CountingRules, outcomes: Sequence[Outcome], *, reference: NDArray[np.int64] | None
) -> WhatIf:
    funded = dict(_funded(outcomes))
    hits = _hits(election.profile, funded)
    more = fewer = 0
    if election.profile is not None and hits is not None and reference is not None:
        more = int(election.profile.votes[hits > reference].sum())
        fewer = int(election.profile.votes[hits < reference].sum())
    return WhatIf(
        funded={str(plan): cents for plan, cents in funded.items()},
        spent_cents=sum(funded.values()),
        left_cents=sum(outcome.left_cents for outcome in outcomes),
        sums=_sums(election.profile, hits),
        counting=rules,
        more_for=more,
        fewer_for=fewer,
    )


def _funded(outcomes: Iterable[Outcome]) -> Iterable[tuple[int, int]]:
    return (one for outcome in outcomes for one in outcome.funded)


def _hits(profile: Profile | None, funded: Mapping[int, int]) -> NDArray[np.int64] | None:
    """Return how many of these plans are on each row of the profile."""
    if profile is None:
        return None
    wins = np.array([plan in funded for plan in profile.plans], dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(wins[profile.choices])])[profile.starts]
    return np.diff(before)


def _sums(profile: Profile | None, hits: NDArray[np.int64] | None) -> Sums | None:
    if profile is None or hits is None:
        return None
    return Sums(
        voters_with_winner=int(profile.votes[hits > 0].sum()),
        winners_on_ballots=int((profile.votes * hits).sum()),
    )
