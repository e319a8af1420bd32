"""What would have changed a loss: how much cheaper or with how many more ballots a plan wins, shown by recounts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.constraints import WHOLE
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import equal_shares, fastest_path
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.market import Market, Path, Rounds
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.trace import WINNING, Judgement, Outcome, Purchase

UNIT_CENTS = 100
"""Costs are lowered by whole euros, as plans are priced."""

PACE = 8
"""How many times farther from its guess each next look of a search goes, until it has passed the answer."""

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What would have been enough for a plan that lost, all else equal; None where nothing was found.

    With its cost lower by `cheaper_by_cents` it wins, and with a euro less off it does not. With `more_votes` ballots
    more, each with this plan alone, it wins, and with one less it does not. (The measures cost-reduction and
    add-singleton of Boehmer et al. 2024.) No smaller number is excluded: a plan can win, lose and win again
    as its cost falls.
    """

    cheaper_by_cents: int | None = None
    more_votes: int | None = None


def probes(
    election: Election,
    rules: CountingRules,
    outcome: Outcome,
    *,
    recounts: int,
    short_cents: Mapping[int, int] | None = None,
) -> Mapping[int, Probe]:
    """Return the probes of the losers of this outcome by plan id, the best placed first, with at most `recounts`.

    Once these are used up, or one is too hard to do, the plans that remain have no probe. `short_cents` is about
    what plans were short of, where more is known than in the judgements: a better guess takes fewer recounts.
    """
    prober = _Prober(election, rules, recounts)
    return dict(prober.found(outcome, short_cents or {}))


class _Prober:
    def __init__(self, election: Election, rules: CountingRules, recounts: int) -> None:
        self.election = election
        self.rules = rules
        self.left = recounts

    def found(self, outcome: Outcome, short_cents: Mapping[int, int]) -> Iterator[tuple[int, Probe]]:
        for judged in outcome.judgements:
            if judged.verdict in WINNING:
                continue
            one = replace(judged, short_cents=short_cents.get(judged.plan, judged.short_cents))
            cheaper, more = self.cheaper(one), self.more(one)
            if self.left > 0:
                yield one.plan, Probe(cheaper_by_cents=cheaper and cheaper * UNIT_CENTS, more_votes=more)

    def cheaper(self, one: Judgement) -> int | None:
        """Return how many euros off are enough; the search starts at what it was short of."""
        most = (one.cost_cents - 1) // UNIT_CENTS
        guess = -(-one.short_cents // UNIT_CENTS)
        return self._least(lambda euros: cheaper(self.election, one.plan, euros * UNIT_CENTS), one.plan, (guess, most))

    def more(self, one: Judgement) -> int | None:
        """Return how many ballots more are enough, at most twice those cast; the search starts at their share."""
        election = self.election
        if election.profile is not None and election.profile.money is not None:
            return None  # nobody said what a new voter would start with
        share = election.budget_cents // max(1, election.valid_ballots)
        guess = max(one.votes_short // election.parts, one.short_cents // share if share else 0)
        most = election.valid_ballots
        return self._least(lambda ballots: with_ballots(election, one.plan, ballots), one.plan, (guess, most))

    def _least(self, changed: Callable[[int], Election], plan: int, span: tuple[int, int]) -> int | None:
        """Return a number with which the plan wins while it loses with one less; out from a guess, then by halves."""
        guess, most = span
        low, high, pace = 0, most + 1, 1
        at = min(max(1, guess), most)
        while low < at < high and not (low and high <= most) and self.left > 0:
            if self._wins(changed(at), plan):
                high, at = at, max(low + 1, at - pace)
            else:
                low, at = at, min(high - 1, at + pace)
            pace *= PACE
        return self._halved(changed, plan, (low, high)) if high <= most else None

    def _halved(self, changed: Callable[[int], Election], plan: int, span: tuple[int, int]) -> int | None:
        low, high = span
        while high - low > 1 and self.left > 0:
            middle = (low + high) // 2
            if self._wins(changed(middle), plan):
                high = middle
            else:
                low = middle
        return high if high - low == 1 else None

    def _wins(self, election: Election, plan: int) -> bool:
        self.left -= 1
        try:
            outcome = counted(election, self.rules)
        except TooHardError:
            self.left = 0
            return False
        return any(one.plan == plan and one.verdict in WHOLE for one in outcome.judgements)


def cheaper(election: Election, plan: int, cents: int) -> Election:
    """Return the election in which the plan costs so much less."""
    plans = tuple(replace(one, cost_cents=one.cost_cents - cents) if one.id == plan else one for one in election.plans)
    return replace(election, plans=plans)


def with_ballots(election: Election, plan: int, ballots: int) -> Election:
    """Return the election with so many ballots more that name this plan alone, with the most points anyone gave."""
    if not ballots:
        return election
    alone = (plan,)
    found = dict(election.ballots)
    if election.ballots:
        found[alone] = found.get(alone, 0) + ballots
    return replace(
        election,
        votes={**election.votes, plan: election.votes[plan] + ballots * election.parts},
        valid_ballots=election.valid_ballots + ballots,
        ballots=found,
        profile=None if election.profile is None else _with_row(election.profile, plan, ballots),
    )


def _with_row(profile: Profile, plan: int, ballots: int) -> Profile:
    points = profile.points
    return replace(
        profile,
        starts=np.append(profile.starts, len(profile.choices) + 1),
        choices=np.append(profile.choices, np.int32(profile.plans.index(plan))),
        votes=np.append(profile.votes, ballots * profile.parts),
        points=None if points is None else np.append(points, points.max(initial=1)),
    )


def counted(election: Election, rules: CountingRules) -> Outcome:
    """Count for the verdicts alone: by equal shares without the story of the rounds, which takes the most time."""
    if rules.method is Method.EQUAL_SHARES and not (rules.theme_minimums or rules.area_minimums):
        return equal_shares(election, rules, path=_Untold(fastest_path()))
    return count(election, rules)


@dataclass(frozen=True)
class _Untold:
    """A way to compute runs that says what is bought and no more."""

    path: Path

    def bought(self, market: Market, endowment: Fraction) -> tuple[int, ...]:
        return self.path.bought(market, endowment)

    def same_between(self, market: Market, bought: tuple[int, ...], low: Fraction, *, high: Fraction) -> bool:
        return self.path.same_between(market, bought, low, high=high)

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        bought = self.path.bought(market, endowment)
        return Rounds(purchases=tuple(_purchase(market.profile.plans[plan]) for plan in bought), missed=())


def _purchase(plan: int) -> Purchase:
    return Purchase(
        number=0, plan=plan, level=NOTHING, price=NOTHING, in_full=0, with_rest=0, rest_cents=NOTHING,
        left_cents=NOTHING,
    )  # fmt: skip
