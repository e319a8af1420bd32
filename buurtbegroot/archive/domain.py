"""A file of a past vote as what a round is made of; the winners are those of the file, never those of a guess."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from buurtbegroot import typed
from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.pabulib import Beyond, PbFile, PbProject, Terms, euros, read, read_beside, read_profile
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import BallotRules, BallotType, CountingRules, Limits, Pot, Ruleset, TieKey, fingerprint
from buurtbegroot.core.tally.document import Document, Votes
from buurtbegroot.core.tally.trace import Judgement, Outcome, Verdict
from buurtbegroot.counting.asked import AskedError, asked
from buurtbegroot.counting.vote import Vote, vote_beside, vote_of
from buurtbegroot.proposals.domain.drafts import LEAST_CENTS

MOST_BYTES = 30_000_000
MOST_PLANS = 1_000
MOST_VOTERS = 200_000
MOST_THEME = 80
PLAIN_BALLOTS = ("approval", "choose-1")
NO_RULE = ("", "unknown")
EARLIEST, LATEST = 2000, 2100
"""The years that pages and files of this site know."""


class ArchiveError(ValueError):
    """A file from which no round can be made; the text names the line and what to do."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What the file of a past vote says.

    `projects` stand in the order in which equals go; `ballots` and the numbers in `counting` name them by their place
    there, from 1. `counting` is None where nobody can count again by what the file says. `withdrawn` projects are left
    out, also of the ballots. Of the vote only years are known where `is_year`.
    """

    sha256: str
    terms: Terms
    language: str
    begins: date
    ends: date
    is_year: bool
    projects: tuple[PbProject, ...]
    groups: tuple[Plan, ...]
    withdrawn: int
    ballots: Mapping[Choices, int]
    counting: CountingRules | None
    beyond: Beyond | None

    @property
    def winners(self) -> frozenset[int]:
        """The places of the projects that won; none where the file names none."""
        return frozenset(place for place, one in enumerate(self.projects, 1) if one.selected == 1)

    @property
    def marked(self) -> frozenset[int]:
        """The places of projects with another sign than won or lost: only words in the file say what they got."""
        return frozenset(place for place, one in enumerate(self.projects, 1) if (one.selected or 0) > 1)

    @property
    def themes(self) -> tuple[str, ...]:
        """The names of all themes, in the order of the projects."""
        return tuple(dict.fromkeys(name for plan in self.groups if (name := theme_of(plan))))

    @property
    def after(self) -> date:
        """The day after the last one."""
        return self.ends + timedelta(days=1)

    def pots(self, name: str) -> tuple[Pot, ...]:
        """Return the pots of the document beside the file, or one of this name with all money."""
        given = self.beyond.pots if self.beyond and self.counting else ()
        return given or (Pot(id="all", name=name, cents=self.terms.budget),)

    def rules(self, name: str, ids: Mapping[int, int]) -> Ruleset:
        """Return the rules of the round with this name; `ids` gives the number of each plan for its place."""
        counting = self.counting or CountingRules()
        tied = [tuple(ids[one] for one in group) for group in counting.incompatible]
        needed = [(ids[one], ids[other]) for one, other in counting.requires]
        whole = Limits(
            min_choices=0 if self.ballots.get(()) else self.terms.min_length or 1,
            max_choices=1 if self.terms.vote_type == "choose-1" else self.terms.max_length,
            max_cost_cents=self.terms.max_sum_cost,
        )
        return Ruleset(
            pots=self.pots(name),
            pots_by=self.beyond.pots_by if self.beyond and self.counting else None,
            ballot=BallotRules(type=BallotType.KNAPSACK if whole.max_cost_cents else BallotType.APPROVAL, whole=whole),
            counting=replace(counting, incompatible=tuple(tied), requires=tuple(needed)),
        )

    def without_rule(self, rules: Ruleset) -> Ruleset:
        """Return the rules with what is known of ballots and money, and nothing of how to count."""
        pot = Pot(id="all", name=rules.pots[0].name, cents=rules.budget_cents)
        return replace(rules, pots=(pot,), pots_by=None, counting=CountingRules())


def theme_of(plan: Plan) -> str:
    """Return the name of the theme of a plan as a round has it; empty for none."""
    return typed.one_line(plan.theme or "")[:MOST_THEME]


def read_archive(data: bytes, beside: bytes | None) -> Archive:
    """Read a file and the document beside it.

    Raises ValueError, which names the line or the field, for what is broken, too large, or no vote of ours: points,
    rankings and weights, projects that cost less than a euro, no winners and no rule that would tell them.
    """
    if len(data) > MOST_BYTES:
        raise ArchiveError(f"the file has more than {MOST_BYTES} bytes")
    file = read(data)
    beyond = read_beside(beside, data) if beside is not None else None
    _check(file, beyond)
    vote = (
        vote_beside(file, beyond, seed=bytes.fromhex(beyond.seed)) if beyond else vote_of(read_profile(data), seed=b"")
    )
    numbers = _order(vote)
    place = {number: place for place, number in enumerate(numbers, 1)}
    groups = {plan.id: plan for plan in vote.election.plans}
    begins, ends, is_year = _days(file)
    found = Archive(
        sha256=hashlib.sha256(data).hexdigest(),
        terms=file.terms,
        language=_language(file.meta.get("language", "") or "nl"),
        begins=begins,
        ends=ends,
        is_year=is_year,
        projects=tuple(vote.projects[number] for number in numbers),
        groups=tuple(replace(groups[number], id=place[number]) for number in numbers),
        withdrawn=len(vote.withdrawn),
        ballots=_ballots(file, beyond, {one.project_id: place[number] for number, one in vote.projects.items()}),
        counting=_counting(vote, place),
        beyond=beyond,
    )
    if found.counting is None and not found.winners:
        raise ArchiveError("the file names no winners (selected), and no rule by which they could be counted")
    return found


def reported(archive: Archive, votes: Votes) -> Document:
    """Return the winners of the file as a document that says that they were reported and not counted here.

    `votes` are the rules, plans and ballots of the round. Raises ArchiveError for winners that cost too much, or whose
    sign only words in the file explain.
    """
    plans, won = votes.plans, archive.winners
    spent = sum(plans[place - 1].cost_cents for place in won)
    if archive.marked:
        raise ArchiveError("`selected` has another sign than 0 and 1, and only words say what such projects got")
    if spent > archive.terms.budget:
        raise ArchiveError(f"the winners cost {euros(spent)}, more than the budget")
    chosen = votes.election.votes
    order = sorted(range(1, len(plans) + 1), key=lambda place: (-chosen[plans[place - 1].id], place not in won))
    judgements = tuple(
        Judgement(
            plan=plans[place - 1].id,
            rank=rank,
            votes=chosen[plans[place - 1].id],
            cost_cents=plans[place - 1].cost_cents,
            verdict=Verdict.FUNDED if place in won else Verdict.NOT_NAMED,
            awarded_cents=plans[place - 1].cost_cents if place in won else 0,
        )
        for rank, place in enumerate(order, 1)
    )
    outcome = Outcome(
        pot=votes.rules.pots[0].id,
        method=votes.rules.counting.method,
        budget_cents=archive.terms.budget,
        left_cents=archive.terms.budget - spent,
        valid_ballots=votes.election.valid_ballots,
        votes_needed=0,
        seed="",
        lot=(),
        judgements=judgements,
        steps=(),
    )
    return Document(
        round=votes.round,
        seed="",
        rules_fingerprint=fingerprint(votes.rules),
        ballots_sha256=votes.ballots_sha256,
        valid_ballots=votes.election.valid_ballots,
        plans=plans,
        outcomes=(outcome,),
        reported=True,
    )


def _check(file: PbFile, beyond: Beyond | None) -> None:
    for problem in _problems(file, beyond):
        raise ArchiveError(problem)


def _problems(file: PbFile, beyond: Beyond | None) -> Iterator[str]:
    if file.vote_type not in PLAIN_BALLOTS:
        yield f"vote_type {file.vote_type}: ballots of rounds here have no points and no ranks"
    if beyond and (beyond.voter_weights or beyond.start_budgets):
        yield "voter_weights and start_budgets: voters of rounds here are all alike"
    pots = [pot.cents for pot in beyond.pots] if beyond else []
    if min(pots or [file.budget]) < 1:
        yield "budget: 0 for all or for a pot, expected more"
    if not 1 <= len(file.projects) <= MOST_PLANS:
        yield f"{len(file.projects)} projects, expected 1 to {MOST_PLANS}"
    blank = beyond.blank_ballots if beyond else 0
    if not 1 <= len(file.votes) <= MOST_VOTERS - blank:
        yield f"{len(file.votes)} votes and {blank} blank ballots, expected 1 to {MOST_VOTERS}"
    for project in file.projects:
        yield from _of_project(project)


def _of_project(project: PbProject) -> Iterator[str]:
    if project.cost < LEAST_CENTS:
        yield f"project {project.project_id} costs {euros(project.cost)}, expected 1 or more"
    if not typed.one_line(project.name):
        yield f"project {project.project_id} has no name"
    if project.withdrawn and project.selected:
        yield f"project {project.project_id} is withdrawn and won"


def _order(vote: Vote) -> list[int]:
    """Return the numbers of the projects as equals go: as the document says, or as they are numbered."""
    listed = vote.beyond.tie_order if vote.beyond else ()
    ranks = {name: rank for rank, name in enumerate(listed)}
    return sorted(vote.projects, key=lambda number: (ranks.get(vote.projects[number].project_id, 0), number))


def _counting(vote: Vote, place: Mapping[int, int]) -> CountingRules | None:
    """Return the rule of the file over places; None for a name that says nothing, or that nobody can count by."""
    given = vote.beyond.parameters if vote.beyond else {}
    if vote.terms.rule in NO_RULE and "method" not in given:
        return None
    try:
        (own,) = asked(("file",), {}, vote)
    except AskedError:
        return None
    counting = own.counting
    tied = (tuple(place[one] for one in group if one in place) for group in counting.incompatible)
    needed = ((place.get(one, 0), place.get(other, 0)) for one, other in counting.requires)
    return replace(
        counting,
        incompatible=tuple(group for group in tied if len(group) > 1),
        requires=tuple(pair for pair in needed if pair[0] and pair[1]),
        ties=(TieKey.LISTED_FIRST, TieKey.LOT) if vote.beyond and vote.beyond.tie_order else counting.ties,
    )


def _ballots(file: PbFile, beyond: Beyond | None, place: Mapping[str, int]) -> Counter[Choices]:
    found: Counter[Choices] = Counter()
    for vote in file.votes:
        found[tuple(sorted({place[one] for one in vote.choices if one in place}))] += 1
    if beyond and beyond.blank_ballots:
        found[()] += beyond.blank_ballots
    return found


def _language(text: str) -> str:
    """Return the code of a language; empty, which is an unknown one, for what is no code."""
    return text if re.fullmatch("[a-z]{2,3}(-[A-Za-z]{2,4})?", text) else ""


def _days(file: PbFile) -> tuple[date, date, bool]:
    """Return the first and the last day of the vote, and whether they only are those of years."""
    texts = [file.meta.get(key, "") for key in ("date_begin", "date_end")]
    is_year = any(len(text) == 4 for text in texts)
    try:
        if is_year:
            begins, ends = (int(text[-4:]) for text in texts)
            days = date(begins, 1, 1), date(ends, 12, 31)
        else:
            first, last = (datetime.strptime(text, "%d.%m.%Y").date() for text in texts)  # noqa: DTZ007 - a day
            days = first, last
    except ValueError as error:
        raise ArchiveError("date_begin, date_end: expected dd.mm.yyyy or yyyy") from error
    if days[0] > days[1]:
        raise ArchiveError("date_end: before date_begin")
    if not EARLIEST <= days[0].year <= days[1].year <= LATEST:
        raise ArchiveError(f"date_begin, date_end: expected years from {EARLIEST} to {LATEST}")
    return *days, is_year
