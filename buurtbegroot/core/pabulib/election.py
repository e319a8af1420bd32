"""From the plain data of a vote to a PbFile that the public checker accepts; rounds are not known here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from buurtbegroot.core.pabulib.amounts import Number, euros
from buurtbegroot.core.pabulib.model import PbFile, PbProject, PbVote

Cast = tuple[tuple[str, ...], tuple[Number, ...] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """What META says about a vote: amounts in cents, a limit of None is not stated.

    ``rule`` is the format's word for the outcome rule (``greedy``, ``greedy-no-skip``, ``greedy-threshold``,
    ``greedy-custom``, ``equalshares/add1``, ``unknown``, …); ``comments`` are numbered as the format wants;
    ``extra`` holds further META fields, such as ``leftover_budget``.
    """

    description: str
    unit: str
    instance: str
    budget: int
    date_begin: date
    date_end: date
    vote_type: str = "approval"
    rule: str = "greedy"
    district: str = ""
    min_length: int | None = None
    max_length: int | None = None
    max_sum_cost: int | None = None
    max_points: int | None = None
    max_sum_points: int | None = None
    country: str = "Netherlands"
    language: str = "nl"
    currency: str = "EUR"
    comments: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


def election_file(
    election: Election,
    *,
    plans: Iterable[PbProject],
    ballots: Iterable[Sequence[str]],
    points: Iterable[Sequence[Number]] | None = None,
) -> PbFile:
    """Build the file of a counted vote.

    ``plans`` need an id, a cost (cents) and a name, and ``selected`` once the outcome is known; votes and
    scores are counted here from ``ballots`` (project ids, best first when ranked) and ``points`` (beside each
    ballot). Ballots are sorted and numbered afresh, so their order tells nothing about when they were
    cast. The format cannot hold blank ballots: they are left out and a comment says how many.
    Raises ValueError for a ballot with an unknown plan, or a plan whose own ``votes`` differ from the count.
    """
    listed = list(plans)
    cast = _cast(ballots, points)
    if election.vote_type == "approval":
        cast = [(tuple(sorted(choices)), given) for choices, given in cast]
    filled = sorted(ballot for ballot in cast if ballot[0])
    votes = tuple(PbVote(str(number), choices, given) for number, (choices, given) in enumerate(filled, 1))
    projects = _counted(listed, votes, with_scores=points is not None)
    return PbFile(_meta(election, projects, filled=len(filled), blank=len(cast) - len(filled)), projects, votes)


def _cast(ballots: Iterable[Sequence[str]], points: Iterable[Sequence[Number]] | None) -> list[Cast]:
    """Each ballot beside its points; with points, the plan with most points comes first."""
    if points is None:
        return [(tuple(choices), None) for choices in ballots]
    return [_by_points(choices, given) for choices, given in zip(ballots, points, strict=True)]


def _by_points(choices: Sequence[str], points: Sequence[Number]) -> Cast:
    pairs = sorted(zip(choices, points, strict=True), key=lambda pair: -pair[1])
    return tuple(choice for choice, _ in pairs), tuple(given for _, given in pairs)


def _counted(plans: list[PbProject], votes: tuple[PbVote, ...], *, with_scores: bool) -> tuple[PbProject, ...]:
    """The plans with their totals, best first; among equals the selected ones lead, as they won the tie."""
    total = Counter(chain.from_iterable(vote.choices for vote in votes))
    if unknown := total.keys() - {plan.project_id for plan in plans}:
        raise ValueError(f"ballots name plans that are not on the list: {', '.join(sorted(unknown))}")
    for plan in plans:
        count = total[plan.project_id]
        if plan.votes not in (None, count):
            raise ValueError(f"plan {plan.project_id}: {plan.votes} votes given, {count} counted")
    scores = _scores(votes) if with_scores else None
    counted = [_with_totals(plan, total, scores) for plan in plans]
    return tuple(sorted(counted, key=_rank))


def _scores(votes: tuple[PbVote, ...]) -> dict[str, Number]:
    scores: dict[str, Number] = defaultdict(int)
    for vote in votes:
        for choice, given in zip(vote.choices, vote.points or (), strict=True):
            scores[choice] += given
    return scores


def _rank(plan: PbProject) -> tuple[Number, int, bool]:
    return -(plan.score or 0), -(plan.votes or 0), not plan.selected


def _with_totals(plan: PbProject, listed: Counter[str], scores: Mapping[str, Number] | None) -> PbProject:
    # A comma would split one category into two: the format has no way to write it.
    category = tuple(" ".join(label.replace(",", " ").split()) for label in plan.category)
    score = None if scores is None else scores[plan.project_id]
    return replace(plan, votes=listed[plan.project_id], score=score, category=category)


def _meta(election: Election, projects: tuple[PbProject, ...], *, filled: int, blank: int) -> dict[str, str]:
    """The META fields that have something to say; the writer puts them in order."""
    is_enough = _units(election.budget) >= sum(_units(project.cost) for project in projects)
    max_length = None if election.max_length is None else min(election.max_length, len(projects))
    fields = {
        "description": election.description,
        "country": election.country,
        "unit": election.unit,
        "district": election.district,
        "instance": election.instance,
        "num_projects": len(projects),
        "num_votes": filled,
        "budget": euros(election.budget),
        "vote_type": election.vote_type,
        "rule": election.rule,
        "date_begin": f"{election.date_begin:%d.%m.%Y}",
        "date_end": f"{election.date_end:%d.%m.%Y}",
        "min_length": election.min_length or None,
        "max_length": max_length,
        "max_sum_cost": None if election.max_sum_cost is None else euros(election.max_sum_cost),
        "max_points": election.max_points,
        "max_sum_points": election.max_sum_points,
        "categories": ",".join(dict.fromkeys(label for project in projects for label in project.category if label)),
        "language": election.language,
        "currency": election.currency,
        "fully_funded": 1 if is_enough else None,
        "comment": _comment(election.comments, blank),
        **election.extra,
    }
    return {key: str(value) for key, value in fields.items() if value not in (None, "")}


def _units(cents: int) -> int:
    """Money in whole units, in which the checker compares the budget with what all projects cost."""
    return cents // 100


def _comment(comments: tuple[str, ...], blank: int) -> str:
    if blank:
        comments = (*comments, f"Blank ballots left out, as the format cannot hold them: {blank}.")
    return " ".join(f"#{number}: {comment}" for number, comment in enumerate(comments, 1))
