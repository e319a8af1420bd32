"""Why each plan won or lost, worked out once for the pages that say it; pure, nothing is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from buurtbegroot.core.methods import Method
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import RestRule, Ruleset
from buurtbegroot.core.tally.election import Election, by_pot
from buurtbegroot.core.tally.payments import Flow, Payments, has_payments, money_flow
from buurtbegroot.core.tally.probes import Guess, Probe, guess_from, probe
from buurtbegroot.core.tally.reach import Reach, reach
from buurtbegroot.core.tally.trace import Judgement, Missed, Outcome

FLOWS = "flows"
"""The name under which the flows of all pots are kept beside the figures."""

LOOKS = {
    Method.MOST_VOTES: 500_000_000,
    Method.VOTES_PER_EURO: 500_000_000,
    Method.MAJORITY_JUDGMENT: 50_000_000,
    Method.EQUAL_SHARES: 25_000_000,
    Method.PHRAGMEN: 10_000_000,
    Method.WELFARE: 10_000_000,
    Method.BOS: 200_000,
    Method.MAXIMIN_SUPPORT: 20_000,
    Method.EXACT_EQUAL_SHARES: 20_000,
}
"""At how many choices on ballots the recounts of one search may look together: some seconds' work each."""
LOOKS_AT_LEAST = 1_000
"""What a recount takes at least, in such looks."""
RECOUNTS_AT_LEAST = 2
"""What a search may do however long it takes: enough to see whether a guess is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """All that a page needs to say why one plan won or lost; amounts in cents.

    `method` is what decided: by most votes too, where that replaced another outcome. `plans` is how many there were in
    its pot; numbers of votes are in parts, `vote_parts` to a vote. `left_cents` is what was left when the plan had
    its turn in line. Where voters bought plans, `bought_in` is the round in which they bought this one and `price` the
    most that one of them paid, `rounds` how many there were, `missed` how far it came if it wasn't bought, and
    `support` its effective support in whole percents.
    """

    judgement: Judgement
    method: Method
    rest: RestRule
    plans: int
    votes_needed: int
    vote_parts: int = 1
    left_cents: int | None = None
    bought_in: int | None = None
    price: Fraction | None = None
    rounds: int = 0
    missed: Missed | None = None
    support: int | None = None


def why_from(stored: Mapping[str, object]) -> Why:
    """Read back one of the reasons; raises ValueError for anything else."""
    return from_plain(Why, dict(stored))


def probe_from(stored: Mapping[str, object]) -> Probe:
    """Read back one of the probes; raises ValueError for anything else."""
    return from_plain(Probe, dict(stored))


def flows_from(figures: Mapping[str, Any]) -> dict[str, Flow]:
    """Read back the flows of all pots, none from a count that did not keep them; raises ValueError for other things."""
    return {pot: from_plain(Flow, one) for pot, one in figures.get(FLOWS, {}).items()}


def reasons(election: Election, rules: Ruleset, outcomes: Sequence[Outcome]) -> dict[int, Why]:
    """Return why each plan of all pots won or lost, by its id."""
    pots = zip(by_pot(election, rules), outcomes, strict=True)
    return {one.judgement.plan: one for pot, outcome in pots for one in _Pot(pot, rules, outcome).reasons()}


def flows(election: Election, rules: Ruleset, outcomes: Sequence[Outcome]) -> dict[str, Flow]:
    """Return how money went from voters to plans by pot, for the pots that have enough voters to show it."""
    pots = zip(by_pot(election, rules), outcomes, strict=True)
    found = {pot.pot: money_flow(pot, rules.counting, outcome) for pot, outcome in pots}
    return {pot: flow for pot, flow in found.items() if flow is not None}


class Prober:
    """The probes of all pots of a count, for one plan at a time: each by itself the same, whichever came before."""

    def __init__(self, election: Election, rules: Ruleset, outcomes: Sequence[Outcome]) -> None:
        pots = zip(by_pot(election, rules), outcomes, strict=True)
        found = [_Pot(pot, rules, outcome) for pot, outcome in pots]
        self.pots = {one.plan: pot for pot in found for one in pot.outcome.judgements}

    def probe(self, plan: int) -> Probe:
        """Return what would have been enough for a plan that lost, shown by recounts."""
        return self.pots[plan].probe(plan)


class _Pot:
    """The count of one pot, looked back on."""

    def __init__(self, election: Election, rules: Ruleset, outcome: Outcome) -> None:
        self.election = election
        self.counting = rules.counting
        self.outcome = outcome
        replaced = outcome.preference is not None and outcome.preference.chosen is Method.MOST_VOTES
        self.method = Method.MOST_VOTES if replaced else outcome.method
        self.rounds = () if replaced else outcome.rounds
        self.missed = {} if replaced else {one.plan: one for one in outcome.missed}

    @cached_property
    def reach(self) -> Mapping[int, Reach]:
        """How far plans came that voters did not buy, where they paid for plans."""
        if not has_payments(self.outcome):
            return {}
        winners = {plan for plan, _ in self.outcome.funded}
        lost = [plan for plan in self.missed if plan not in winners]
        return reach(Payments(self.election, self.counting, self.outcome), lost)

    def reasons(self) -> Iterator[Why]:
        bought = {one.plan: one for one in self.rounds}
        left = {step.judgement.plan: step.left_before_cents for step in self.outcome.steps}
        for one in self.outcome.judgements:
            purchase, reached = bought.get(one.plan), self.reach.get(one.plan)
            yield Why(
                judgement=one,
                method=self.method,
                rest=self.counting.rest,
                plans=len(self.outcome.judgements),
                votes_needed=self.outcome.votes_needed,
                vote_parts=self.outcome.vote_parts,
                left_cents=left.get(one.plan),
                bought_in=purchase.number if purchase else None,
                price=purchase.price if purchase else None,
                rounds=len(self.rounds),
                missed=self.missed.get(one.plan),
                support=reached.support if reached else None,
            )

    def probe(self, plan: int) -> Probe:
        judged = next(one for one in self.outcome.judgements if one.plan == plan)
        reached = self.reach.get(plan)
        return probe(
            self.election,
            self.counting,
            plan,
            guess=Guess(reached.short_cents, reached.votes_short) if reached else guess_from(self.election, judged),
            recounts=recounts_for(self.election, self.outcome.method),
        )


def recounts_for(election: Election, method: Method) -> int:
    """Return how many recounts a search is worth: fewer with more ballots, and for slower methods."""
    profile = election.profile
    looks = LOOKS_AT_LEAST + (0 if profile is None else len(profile.choices))
    return max(RECOUNTS_AT_LEAST, LOOKS[method] // looks)
