"""From a `.pb` file to the election that the engine counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import lcm

import numpy as np

from buurtbegroot.core.methods import Score
from buurtbegroot.core.pabulib import Beyond, PbFile, PbProfile, PbProject, PbWarning, Terms
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election, by_pot
from buurtbegroot.core.tally.profile import Profile, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """An election with the file that it came from.

    Plans have the numbers that the file beside gives them; else they are numbered from 1 in the order of their project
    ids as text, or as the file beside says ties go, and those withdrawn take no part, but keep their places in
    rankings. Points are counted in `scale`
    parts of a point. `warnings` are what the file says against itself. `pot` names one of several pots, with whose
    money and projects alone this is the vote.
    """

    meta: Mapping[str, str]
    terms: Terms
    projects: Mapping[int, PbProject]
    withdrawn: tuple[str, ...]
    election: Election
    scale: int = 1
    beyond: Beyond | None = None
    warnings: tuple[PbWarning, ...] = ()
    pot: str = ""

    @property
    def miscounts(self) -> list[str]:
        """What META announces and the file has not, where it was asked to count all the same."""
        return [str(one) for one in self.warnings if one.is_miscount]

    @property
    def selected(self) -> frozenset[int]:
        """The official winners; none where the file does not say."""
        return frozenset(plan for plan, project in self.projects.items() if project.selected == 1)

    @property
    def marked(self) -> Mapping[int, Sequence[int]]:
        """The plans with another code than 0 and 1, by code: `selected` says nothing of them as winners or losers."""
        codes = sorted({project.selected or 0 for project in self.projects.values()} - {0, 1})
        return {code: [plan for plan, one in self.projects.items() if one.selected == code] for code in codes}

    def against(self, winners: frozenset[int]) -> tuple[list[str], list[str]]:
        """Return the project ids that win here alone, and those that win in the file alone; of marked plans neither."""
        marked = {plan for plans in self.marked.values() for plan in plans}
        return self.named(winners - self.selected - marked), self.named(self.selected - winners)

    def parts(self, rules: CountingRules) -> int:
        """In how many parts a vote is counted or, by points, a point."""
        return self.election.parts * self.scale_of(rules)

    def scale_of(self, rules: CountingRules) -> int:
        """The parts of a point if points decide; 1 if something else does."""
        return self.scale if rules.score is Score.POINTS else 1

    def named(self, plans: Iterable[int]) -> list[str]:
        """Return the project ids of these plans."""
        return [self.projects[plan].project_id for plan in sorted(plans)]

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each project."""
        return {project.project_id: plan for plan, project in self.projects.items()}


def vote_of(file: PbProfile, *, seed: bytes) -> Vote:
    """Return the vote of a file read for counting."""
    projects, withdrawn = _numbered(file.projects, order=())
    numbers = {project.project_id: plan for plan, project in projects.items()}
    place = np.array([numbers.get(project.project_id, 0) - 1 for project in file.projects], dtype=np.int32)
    choices = place[file.plans]
    profile = Profile(
        plans=tuple(projects), starts=file.starts, choices=choices, votes=file.weights, points=file.points
    )
    if file.terms.vote_type == "ordinal" and withdrawn:
        profile = replace(profile, places=profile.ranks(), absent=len(withdrawn))
    profile = profile.keeping(choices >= 0)
    election = Election.from_profile(
        _plans(projects),
        replace(profile, choices=choices[choices >= 0]),
        budget_cents=file.terms.budget,
        seed=seed,
        valid_ballots=file.voters,
    )
    return Vote(
        meta=file.meta,
        terms=file.terms,
        projects=projects,
        withdrawn=withdrawn,
        election=election,
        scale=file.scale,
        warnings=file.warnings,
    )


def vote_beside(file: PbFile, beyond: Beyond, *, seed: bytes) -> Vote:
    """Return the vote of a file with what the document beside it adds: its plans, weights, start budgets, ties."""
    if beyond.plans:
        listed = sorted(file.projects, key=lambda project: beyond.plans[project.project_id].id)
        projects = {beyond.plans[one.project_id].id: one for one in listed if not one.withdrawn}
        plans = [plan for plan in beyond.plans.values() if plan.id in projects]
        withdrawn = tuple(one.project_id for one in listed if one.withdrawn)
    else:
        projects, withdrawn = _numbered(file.projects, order=beyond.tie_order)
        plans = _plans(projects)
    numbers = {project.project_id: plan for plan, project in projects.items()}
    scale = _scale(file)
    rows = chain(_rows(file, beyond, numbers=numbers, scale=scale), [Row((), voters=beyond.blank_ballots)])
    election = Election.from_rows(plans, rows, budget_cents=file.budget, seed=seed)
    assert election.profile is not None
    return Vote(
        meta=file.meta,
        terms=file.terms,
        projects=projects,
        withdrawn=withdrawn,
        election=replace(election, profile=replace(election.profile, absent=len(withdrawn))),
        scale=scale,
        beyond=beyond,
        warnings=file.warnings,
    )


def pots_of(vote: Vote) -> tuple[Vote, ...]:
    """Return the vote of each pot that the document beside the file has; the vote itself if that has none."""
    purse = vote.beyond.purse if vote.beyond else None
    if purse is None:
        return (vote,)
    found = zip(purse.pots, by_pot(vote.election, purse), strict=True)
    return tuple(
        replace(
            vote,
            projects={plan.id: vote.projects[plan.id] for plan in election.plans},
            election=election,
            pot=(pot.name or pot.id) if len(purse.pots) > 1 else "",
        )
        for pot, election in found
    )


def _numbered(listed: Sequence[PbProject], *, order: Sequence[str]) -> tuple[dict[int, PbProject], tuple[str, ...]]:
    place = {project: number for number, project in enumerate(order)}
    ordered = sorted(listed, key=lambda project: (place.get(project.project_id, 0), project.project_id))
    kept = [project for project in ordered if not project.withdrawn]
    withdrawn = tuple(project.project_id for project in ordered if project.withdrawn)
    return dict(enumerate(kept, start=1)), withdrawn


def _plans(projects: Mapping[int, PbProject]) -> list[Plan]:
    return [
        Plan(
            id=plan,
            cost_cents=project.cost,
            theme=project.category[0] if project.category else None,
            area=project.neighborhood or None,
        )
        for plan, project in projects.items()
    ]


def _scale(file: PbFile) -> int:
    given = {Fraction(point) for vote in file.votes for point in vote.points or ()}
    given.add(Fraction(file.terms.default_score or 0))
    return lcm(*(point.denominator for point in given))


def _rows(file: PbFile, beyond: Beyond, *, numbers: Mapping[str, int], scale: int) -> Iterator[Row]:
    ranked = file.vote_type == "ordinal"
    for vote in file.votes:
        given = dict(zip(reversed(vote.choices), reversed(vote.points or vote.choices), strict=True))
        written = list(dict.fromkeys(vote.choices))
        choices = [choice for choice in written if choice in numbers]
        if not ranked:
            choices.sort()
        start = beyond.start_budgets.get(vote.voter_id)
        yield Row(
            choices=tuple(numbers[choice] for choice in choices),
            points=None if vote.points is None else tuple(int(Fraction(given[one]) * scale) for one in choices),
            weight=beyond.voter_weights.get(vote.voter_id, Fraction(1)),
            start=None if start is None else Fraction(start),
            places=tuple(map(written.index, choices)) if ranked and len(choices) < len(written) else None,
        )
