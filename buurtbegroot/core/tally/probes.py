"""What would have changed a loss: how much cheaper or with how many more ballots a plan wins, shown by recounts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.constraints import WHOLE
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import equal_shares
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.core.tally.market import Market, Path, Rounds
from buurtbegroot.core.tally.paths import fastest_path
from buurtbegroot.core.tally.profile import Profile
from buurtbegroot.core.tally.trace import Judgement, Outcome, Purchase

UNIT_CENTS = 100
"""Costs are lowered by whole euros, as plans are priced."""

PACE = 8
"""How many times farther from its guess each next look of a search goes, until it has passed the answer."""

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change after which a plan that lost wins, all else equal, as far as it was found; in cents or in ballots.

    Recounts show that with `enough` it wins, and that with `too_little` it still loses; None where nothing was enough,
    and `too_little` is then the most that was tried. Where they differ by one step (a euro, a ballot) nothing is
    between the two. No smaller number is excluded: a plan can win, lose and win again as its cost falls.
    """

    too_little: int = 0
    enough: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What would have been enough for a plan that lost: so many cents off its cost, in whole euros, or so many ballots
    more, each with this plan alone. (The measures cost-reduction and add-singleton of Boehmer et al. 2024.)
    """

    cheaper: Change
    more_votes: Change


class Guess(NamedTuple):
    """About what a plan was short of: a better guess takes fewer recounts."""

    cents: int
    ballots: int


def guess_from(election: Election, judged: Judgement) -> Guess:
    """Return what the judgement of a plan says that it was short of, money also as so many voters' shares."""
    share = election.budget_cents // max(1, election.valid_ballots)
    by_money = judged.short_cents // share if share else 0
    return Guess(judged.short_cents, max(judged.votes_short // election.parts, by_money))


def probe(election: Election, rules: CountingRules, plan: int, *, guess: Guess, recounts: int) -> Probe:
    """Return the probe of a plan that lost this election by these rules, after at most so many recounts for each part.

    It depends on nothing else, so that whoever asks again gets the same. Where a recount is too hard to do that part
    ends there.
    """
    cents = next(one.cost_cents for one in election.plans if one.id == plan)
    euros = _search(
        lambda number: _wins(cheaper(election, plan, number * UNIT_CENTS), rules, plan),
        guess=-(-guess.cents // UNIT_CENTS),
        most=max(0, cents - 1) // UNIT_CENTS,
        recounts=recounts,
    )
    ballots = _search(
        lambda number: _wins(with_ballots(election, plan, number), rules, plan),
        guess=guess.ballots,
        most=0 if _brings_money(election) else election.valid_ballots,
        recounts=recounts,
    )
    enough = None if euros.enough is None else euros.enough * UNIT_CENTS
    return Probe(cheaper=Change(too_little=euros.too_little * UNIT_CENTS, enough=enough), more_votes=ballots)


def _brings_money(election: Election) -> bool:
    """Tell whether nobody said what a new voter would start with."""
    return election.profile is not None and election.profile.money is not None


def _search(is_enough: Callable[[int], bool], *, guess: int, most: int, recounts: int) -> Change:
    """Return a number from 1 to `most` that is enough while one less is not, as far as so many looks find it.

    They go out from the guess, ever farther, until both sides are found, and then halve what is between; 0 is not
    enough.
    """
    low, high, at = 0, most + 1, min(max(1, guess), most)
    for pace in (PACE**look for look in range(recounts)):
        if high - low < 2:
            break
        try:
            low, high = (low, at) if is_enough(at) else (at, high)
        except TooHardError:
            break
        out = min(most, low + pace) if low else max(1, high - pace)
        at = (low + high) // 2 if low and high <= most else out
    return Change(too_little=low, enough=high if high <= most else None)


def _wins(election: Election, rules: CountingRules, plan: int) -> bool:
    return any(one.plan == plan and one.verdict in WHOLE for one in counted(election, rules).judgements)


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
