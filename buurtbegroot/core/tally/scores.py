"""What a ballot adds to the votes of the plans on it: one vote each, points, or points for the place in a ranking."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from buurtbegroot.core.methods import Score
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Profile

MOST = 2**63 - 1


def points_of(profile: Profile, rules: CountingRules) -> Profile:
    """Return the profile with the points that `rules.score` gives to each choice; a vote is one point.

    Borda gives the first of m plans m - 1 points and each next one less, however many are ranked; plans that take no
    part but could be ranked are among the m, and keep their place. A place for
    which `rules.positions` has no number gives 0. A ballot without points gives one to each choice. Raises ValueError
    for positions so large that their sum would not fit in 64 bits.
    """
    if rules.score is Score.POINTS and profile.points is not None:
        return profile
    largest = max(map(abs, rules.positions), default=0) if rules.score is Score.POSITIONS else 0
    if largest * sum(profile.votes.tolist()) > MOST:
        raise ValueError("positions: too large to be counted exactly")
    return replace(profile, points=_by_score(profile, rules))


def _by_score(profile: Profile, rules: CountingRules) -> NDArray[np.int64]:
    places = profile.ranks()
    if rules.score is Score.BORDA:
        return np.asarray(len(profile.plans) + profile.absent - 1 - places, dtype=np.int64)
    if rules.score is Score.POSITIONS:
        given = np.array([*rules.positions, 0], dtype=np.int64)
        return given[np.minimum(places, len(rules.positions))]
    return np.ones(len(profile.choices), dtype=np.int64)


def plan_votes(election: Election, rules: CountingRules) -> Mapping[int, int]:
    """Return the votes of every plan by `rules.score`, in parts; with totals only, those are the votes.

    With points, a ballot gives `rules.default_score` to each plan that it does not name.
    """
    if rules.score is Score.VOTES or election.profile is None:
        return election.votes
    profile = points_of(election.profile, rules)
    assert profile.points is not None
    totals = np.zeros(len(profile.plans), dtype=np.int64)
    np.add.at(totals, profile.choices, np.repeat(profile.votes, np.diff(profile.starts)) * profile.points)
    found = dict(zip(profile.plans, totals.tolist(), strict=True))
    if rules.score is not Score.POINTS or not rules.default_score:
        return found
    cast = int(profile.votes.sum())
    return {plan: total + rules.default_score * (cast - election.votes[plan]) for plan, total in found.items()}
