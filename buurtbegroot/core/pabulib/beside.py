"""What a vote has and the ``.pb`` format has no field for: a JSON document beside the file, and a comment in it.

The document is canonical JSON and holds the SHA-256 of the bytes of its file. A recount needs both.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from math import lcm

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.pabulib.amounts import MOST_CENTS
from buurtbegroot.core.pabulib.limits import UNIT
from buurtbegroot.core.pabulib.model import PbFile, PbProject
from buurtbegroot.core.pabulib.reader import read
from buurtbegroot.core.pabulib.writer import lines
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.records import ADDED, from_plain, to_plain
from buurtbegroot.core.rules import Pot, Ruleset

FORMAT = "buurtbegroot/pb-beside/1"
MOST_NUMBER = 2**53
MOST_POTS = 1000
MOST_BLANK = 10**7
MOST_PARTS = 2**62  # beyond this, sums of votes in parts would not fit in 64 bits
SEE = "see the JSON file beside this one"

_BESIDE = "Of each of these groups at most one project is funded: |Funded only with another project: "
_COUNTED = "Equal projects go in this order: |Counted with [a-z_]+ = |The lot was drawn from the seed "
_TOLD = re.compile(f"{re.escape(SEE)}|#[0-9]+: (?:{_BESIDE}|{_COUNTED})", re.ASCII)
_NUMBERED = re.compile(r"#([0-9]{1,6}):", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """An empty field has nothing to say. Ids are those of the file.

    ``voter_weights`` are exact and more than 0, for voters who count as another number than one; ``start_budgets``
    are cents, for voters who begin with another amount than the rule gives; of each of ``exclusive`` at most one
    project is funded; of each pair in ``requires`` the first is funded only after the second; ``tie_order`` lists
    every project, the first wins; ``parameters`` of the count, by name; ``seed`` drew the lot.

    ``plans`` are all projects as the count knew them: the number by which the lot is drawn, and theme and area in full.
    With them parameters name plans by that number, and the tie keys among the parameters put equals in order.
    ``pots`` are counted apart, each for the theme or area in its id; without ``pots_by`` there is one. As many
    voters as ``blank_ballots`` says chose nothing.
    """

    voter_weights: Mapping[str, Fraction] = field(default_factory=dict, metadata=ADDED)
    start_budgets: Mapping[str, int] = field(default_factory=dict, metadata=ADDED)
    exclusive: tuple[tuple[str, ...], ...] = field(default=(), metadata=ADDED)
    requires: tuple[tuple[str, str], ...] = field(default=(), metadata=ADDED)
    tie_order: tuple[str, ...] = field(default=(), metadata=ADDED)
    parameters: Mapping[str, str] = field(default_factory=dict, metadata=ADDED)
    seed: str = field(default="", metadata=ADDED)
    plans: Mapping[str, Plan] = field(default_factory=dict, metadata=ADDED)
    pots: tuple[Pot, ...] = field(default=(), metadata=ADDED)
    pots_by: Grouping | None = field(default=None, metadata=ADDED)
    blank_ballots: int = field(default=0, metadata=ADDED)

    @property
    def purse(self) -> Ruleset | None:
        """The pots as rules of a round, which tell the pot of a plan; None without pots."""
        return Ruleset(pots=self.pots, pots_by=self.pots_by) if self.pots else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    format: str
    pb_sha256: str
    beyond: Beyond


def with_beside(file: PbFile, beyond: Beyond) -> tuple[PbFile, bytes]:
    """The file with what it cannot hold told in its comment, and the document to lay beside it.

    Raises ValueError, which names the field, for what is not of this file or makes no sense.
    """
    _check(file, beyond)
    comment = _comment(file.meta.get("comment", ""), list(_told(beyond)))
    noted = replace(file, meta={**file.meta, "comment": comment}) if comment else file
    hasher = hashlib.sha256()
    for line in lines(noted):
        hasher.update(f"{line}\n".encode())
    document = _Document(format=FORMAT, pb_sha256=hasher.hexdigest(), beyond=beyond)
    return noted, canonical_json(to_plain(document))


def read_beside(document: bytes, pb: bytes) -> Beyond:
    """What a document says of the file with these bytes.

    Raises ValueError, which names the field, unless it is canonical, belongs to these bytes and fits the file. Numbers
    that the file announces are for who reads the file to judge.
    """
    found = from_plain(_Document, _loaded(document))
    if found.format != FORMAT:
        raise ValueError(f"format is {found.format!r:.80}, expected {FORMAT}")
    if found.pb_sha256 != hashlib.sha256(pb).hexdigest():
        raise ValueError("pb_sha256 is that of another file")
    _check(read(pb, allow_miscount=True), found.beyond)
    return found.beyond


def tells_of_more(comment: str) -> bool:
    """Whether the comment of a file tells of a document beside it, without which its count cannot be done again."""
    return _TOLD.search(comment) is not None


def _loaded(document: bytes) -> object:
    try:
        plain = json.loads(document)
        if canonical_json(plain) == document:
            return plain
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"the document is no canonical JSON: {error}") from error
    raise ValueError("the document is JSON, but not canonical")


def _check(file: PbFile, beyond: Beyond) -> None:
    faults = (_voter_faults, _project_faults, _plan_faults, _pot_faults)
    for name, reason in chain.from_iterable(found(file, beyond) for found in faults):
        raise ValueError(f"{name}: {reason}")


def _voter_faults(file: PbFile, beyond: Beyond) -> Iterator[tuple[str, str]]:
    voters = {vote.voter_id for vote in file.votes}
    for name, given in (("voter_weights", beyond.voter_weights), ("start_budgets", beyond.start_budgets)):
        if unknown := given.keys() - voters:
            yield name, f"{min(unknown)!r} did not vote"
    if any(weight <= 0 for weight in beyond.voter_weights.values()):
        yield "voter_weights", "a weight is not more than 0"
    elif _parts(file, beyond) > MOST_PARTS:
        yield "voter_weights", "too large or too fine to be counted exactly"
    if any(not 0 <= cents <= MOST_CENTS for cents in beyond.start_budgets.values()):
        yield "start_budgets", "an amount is negative or absurd"
    if not 0 <= beyond.blank_ballots <= MOST_BLANK:
        yield "blank_ballots", "the number is negative or absurd"


def _parts(file: PbFile, beyond: Beyond) -> int:
    """In how many parts all voters together count, at most, times the most that one can give a project."""
    parts = 1
    for weight in beyond.voter_weights.values():
        parts = lcm(parts, weight.denominator)
        if parts > MOST_PARTS:
            return parts
    votes = sum((beyond.voter_weights.get(vote.voter_id, Fraction(1)) for vote in file.votes), beyond.blank_ballots)
    most = max((abs(Fraction(point)) for vote in file.votes for point in vote.points or ()), default=0)
    return int(parts * votes * max(UNIT * most, len(file.projects)))


def _project_faults(file: PbFile, beyond: Beyond) -> Iterator[tuple[str, str]]:
    projects = {project.project_id for project in file.projects}
    for name, groups in (("exclusive", beyond.exclusive), ("requires", beyond.requires)):
        if any(len(set(group)) < 2 or len(set(group)) < len(group) or set(group) - projects for group in groups):
            yield name, "a group needs two or more different projects of the file"
    if any(len(pair) != 2 for pair in beyond.requires):
        yield "requires", "a requirement is a pair"
    if beyond.plans and beyond.tie_order and not {"method", "ties"} <= beyond.parameters.keys():
        yield "tie_order", "with plans, the ties among the parameters put equals in order, and there are none"
    counted = sorted(project.project_id for project in file.projects if not project.withdrawn)
    if beyond.tie_order and sorted(beyond.tie_order) not in (counted, sorted(projects)):
        yield "tie_order", "it must list every project once"


def _plan_faults(file: PbFile, beyond: Beyond) -> Iterator[tuple[str, str]]:
    if not beyond.plans:
        return
    projects = {project.project_id: project for project in file.projects}
    if beyond.plans.keys() != projects.keys():
        yield "plans", "they must be the projects of the file, each once"
    elif wrong := [name for name, plan in beyond.plans.items() if not _is_of(plan, projects[name])]:
        yield "plans", f"{min(wrong)!r} has another cost, category or neighborhood in the file"
    numbers = {plan.id for plan in beyond.plans.values()}
    if len(numbers) < len(beyond.plans) or not all(0 < number <= MOST_NUMBER for number in numbers):
        yield "plans", "a number occurs twice, is not more than 0 or is absurd"


def _is_of(plan: Plan, project: PbProject) -> bool:
    """Whether the file says nothing else of this plan, as far as it can: it splits names at commas and trims them."""
    theme, area = (_trimmed(name or "") for name in (plan.theme, plan.area))
    in_theme = not project.category or theme in {*map(_trimmed, project.category), _trimmed(",".join(project.category))}
    in_area = not project.neighborhood or area == _trimmed(project.neighborhood)
    return (project.withdrawn or plan.cost_cents == project.cost) and in_theme and in_area


def _trimmed(name: str) -> str:
    return " ".join(name.replace(",", " ").split())


def _pot_faults(file: PbFile, beyond: Beyond) -> Iterator[tuple[str, str]]:
    purse = beyond.purse
    if purse is None:
        if beyond.pots_by is not None:
            yield "pots_by", "there are no pots"
        return
    names = {pot.id for pot in beyond.pots}
    if len(names) < len(beyond.pots) or not 1 <= len(names) <= (MOST_POTS if beyond.pots_by else 1):
        yield "pots", "an id occurs twice, or there are too many"
    if any(pot.cents < 0 for pot in beyond.pots) or purse.budget_cents != file.budget:
        yield "pots", "together they must be the budget of the file"
    if not beyond.plans:
        yield "pots", "they need plans"
    elif lost := [name for name, plan in beyond.plans.items() if purse.pot_of(plan) is None]:
        yield "pots", f"there is none for project {min(lost)!r}"
    if beyond.start_budgets and beyond.pots_by is not None:
        yield "start_budgets", "money of voters goes with one pot"


def _told(beyond: Beyond) -> Iterator[str]:
    """The same in words, for whoever has the file alone."""
    yield from _told_of_voters(beyond)
    if beyond.exclusive:
        yield f"Of each of these groups at most one project is funded: {_lists(beyond.exclusive, ' or ')}."
    if beyond.requires:
        yield f"Funded only with another project: {_lists(beyond.requires, ' with ')}."
    if beyond.tie_order:
        yield f"Equal projects go in this order: {_lists([(project,) for project in beyond.tie_order], '')}."
    if beyond.parameters:
        yield f"Counted with {_lists(sorted(beyond.parameters.items()), ' = ')}."
    if beyond.seed:
        yield f"The lot was drawn from the seed {beyond.seed}."
    if beyond.plans:
        yield f"Numbers, themes and areas of the projects, pots, and whatever it takes to count this again: {SEE}."


def _told_of_voters(beyond: Beyond) -> Iterator[str]:
    if beyond.voter_weights:
        yield f"Voters who count with another weight than 1: {len(beyond.voter_weights)}, {SEE}."
    if beyond.start_budgets:
        yield f"Voters who begin with a budget of their own: {len(beyond.start_budgets)}, {SEE}."


def _lists(groups: Iterable[tuple[str, ...]], between: str) -> str:
    return ", ".join(between.join(group) for group in groups)


def _comment(comment: str, told: list[str]) -> str:
    """The comment with more to it, numbered on as the format wants."""
    if comment and told and not _NUMBERED.match(comment):
        comment = f"#1: {comment}"
    last = max(map(int, _NUMBERED.findall(comment)), default=0)
    return " ".join(filter(None, [comment, *(f"#{number}: {text}" for number, text in enumerate(told, last + 1))]))
