"""Majority judgment: voters grade plans, and the plan with the best median grade goes first."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

import numpy as np

from buurtbegroot.core.methods import Score
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.greedy import in_line
from buurtbegroot.core.tally.race import ballots_of
from buurtbegroot.core.tally.scores import points_of
from buurtbegroot.core.tally.ties import ranking
from buurtbegroot.core.tally.trace import Judgement, Outcome


def majority_judgment(election: Election, rules: CountingRules) -> Outcome:
    """Count one pot by majority judgment (Balinski and Laraki 2007; Paris since 2021).

    Grades are the points on the ballots; a ballot without points gives 1 to each of its plans. Every ballot that
    names a plan of this count grades all of them: a plan that it does not name gets the lowest grade, which is
    `rules.default_score` or, if a ballot has a lower one, that. Plans go by their median grade, the lower of two
    middle ones; among equal medians one such grade is taken from each plan, again and again, until the
    medians differ. (With weighted votes the grades taken away are parts of a vote.) Then the plans get
    their cost in that order as by most votes.
    """
    grades = _Grades(election, rules)
    places = {plan.id: grades.taken_away(index) for index, plan in enumerate(election.plans)}

    def standing(plan: Plan) -> tuple[int, ...]:
        return tuple(-grade for grade in places[plan.id])

    outcome = in_line(election, rules, ranking(election, rules, standing))
    medians = {plan: taken[0] for plan, taken in places.items()}
    return replace(
        outcome,
        judgements=tuple(_graded(one, medians) for one in outcome.judgements),
        steps=tuple(replace(step, judgement=_graded(step.judgement, medians)) for step in outcome.steps),
    )


def _graded(one: Judgement, medians: Mapping[int, int]) -> Judgement:
    return replace(one, grade=medians[one.plan])


class _Grades:
    """For each plan how many votes, in parts, gave it each grade, from the lowest."""

    def __init__(self, election: Election, rules: CountingRules) -> None:
        profile = points_of(ballots_of(election), replace(rules, score=Score.POINTS))
        assert profile.points is not None
        self.size = int(profile.votes.sum())
        self.scale = np.unique([rules.default_score, *profile.points.tolist()])
        given = np.zeros((len(profile.plans), len(self.scale)), dtype=np.int64)
        votes = np.repeat(profile.votes, np.diff(profile.starts))
        np.add.at(given, (profile.choices, np.searchsorted(self.scale, profile.points)), votes)
        given[:, 0] += self.size - given.sum(axis=1)
        self.upto = [list(accumulate(row)) for row in given.tolist()]
        middle = (self.size - 1) // 2
        ends = {end for row in self.upto for end in row}
        # Going out from the middle, no plan's grades change but at these distances.
        self.distances = sorted({0} | {abs(end + side - middle) for end in ends for side in (-1, 0)})

    def taken_away(self, plan: int) -> tuple[int, ...]:
        """Return the grades in the order in which they would be taken away, without repetitions that all plans have.

        Sorted from the lowest, an odd number of grades loses the middle, the one below, the one above, and so
        on outwards; an even number its lower middle, the one above, the one below.
        """
        if not self.size:
            return (0,)
        middle = (self.size - 1) // 2
        first = -1 if self.size % 2 else 1
        places = (middle + side * far for far in self.distances for side in (first, -first))
        return tuple(self._at(plan, place) for place in places if 0 <= place < self.size)

    def _at(self, plan: int, place: int) -> int:
        return int(self.scale[bisect_right(self.upto[plan], place)])
