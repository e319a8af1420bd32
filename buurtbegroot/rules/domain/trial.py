"""Trying drafted counting rules on an earlier vote that is public; pure, nothing is read or stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules, Ruleset
from buurtbegroot.core.tally.comparing import RuleName, compared, is_countable
from buurtbegroot.core.tally.election import Election
from buurtbegroot.rules.domain.alternatives import Named, WhatIfs, alternatives

MOST_CHOICES = 300_000
"""Choices on all ballots together above which a page does not count them: then the totals of the plans must do."""

TRIED = (
    RuleName.SKIP,
    RuleName.STOP,
    RuleName.PART,
    RuleName.EQUAL_SHARES,
    RuleName.EQUAL_SHARES_ONLY,
    RuleName.PHRAGMEN,
    RuleName.VOTES_PER_EURO,
)
"""What a coordinator can choose in the set-up, and nothing that takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVote:
    """A vote to try rules on: its own rules for the pots, its plans, their votes and the seed of its lot.

    `ballots` has how many voters made each choice; None where there are too many for a page.
    """

    rules: Ruleset
    plans: tuple[Plan, ...]
    votes: Mapping[int, int]
    valid_ballots: int
    seed: bytes
    ballots: Mapping[Choices, int] | None = None

    @property
    def election(self) -> Election:
        """The election over all pots."""
        budget = self.rules.budget_cents
        if self.ballots is not None:
            return Election.from_ballots(self.plans, self.ballots, budget_cents=budget, seed=self.seed)
        return Election.from_totals(
            self.plans, self.votes, valid_ballots=self.valid_ballots, budget_cents=budget, seed=self.seed
        )


def trial_of(drafted: CountingRules, vote: EarlierVote, *, plans: Mapping[int, Named], asked: str) -> WhatIfs | None:
    """Count the earlier vote by the drafted rules and by those beside them; None if that takes too long for a page.

    Caps, minimums, plans that exclude each other and plans that need others name themes, areas and plans of their own
    round, so they play no part. `plans` are the names of those of the earlier vote, `asked` is the rule to show.
    """
    bare = replace(
        drafted,
        theme_caps={},
        area_caps={},
        theme_minimums={},
        area_minimums={},
        leftovers_ignore_caps=False,
        incompatible=(),
        requires=(),
    )
    election = vote.election
    if not is_countable(election, bare):
        return None
    found = compared(election, replace(vote.rules, counting=bare), names=TRIED)
    if not found.what_if:
        return None
    beside = alternatives(found.what_if, own=bare, plans=plans)
    return WhatIfs(all=list(beside), asked=asked, ballots=vote.valid_ballots, too_long=found.too_long, is_drafted=True)
