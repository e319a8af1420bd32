"""A count explained in one HTML file: no script, nothing from elsewhere, fit to print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from markupsafe import Markup

from buurtbegroot.core.methods import Score
from buurtbegroot.core.tally.trace import Judgement, Tie, trace_fingerprint
from buurtbegroot.counting.counted import Counted, PotCounts, with_winner
from buurtbegroot.counting.pages import environment
from buurtbegroot.counting.plot import embedded
from buurtbegroot.counting.table import parameters
from buurtbegroot.counting.vote import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A plan in a table: who it is, its votes, and the last word on it."""

    project_id: str
    name: str
    votes: Decimal
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBought:
    """A plan that voters did not buy: until which round they could, what they had left (rounded down), what was short.

    `said` is the last word on it, which may be that it got money from what was left.
    """

    name: str
    until: int
    left_cents: int
    short_cents: int
    said: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another rule: its figures, and which projects win there alone or do not."""

    counted: Counted
    voters: Decimal
    won: Sequence[str]
    lost: Sequence[str]


def report(vote: Vote, pots: Sequence[PotCounts], *, sha256: str, language: str) -> str:
    """Return the report on the first count of each pot, with the others beside it."""
    template = environment(language).get_template("counting/report.html")
    parts = [_pot(pot, place=place, sha256=sha256, language=language) for place, pot in enumerate(pots, start=1)]
    return template.render(vote=vote, pots=parts, warnings=vote.warnings)


def _pot(pot: PotCounts, *, place: int, sha256: str, language: str) -> Markup:
    """Return what is to be told of one pot, as HTML for inside the report."""
    vote, counts, first = pot.vote, pot.counts, pot.counts[0]
    template = environment(language).get_template("counting/_pot.html")
    told = template.render(
        vote=vote,
        place=place,
        election=vote.election,
        counted=first,
        outcome=first.outcome,
        parameters=list(parameters(first)),
        lines=[_line(vote, one, parts=vote.parts(first.asked.counting)) for one in first.outcome.judgements],
        missed=list(_missed(vote, first)),
        ties=[_tie(vote, tie) for tie in first.ties()],
        official=vote.against(first.winners) if vote.selected else None,
        marked={code: vote.named(plans) for code, plans in vote.marked.items()},
        by_points=first.asked.counting.score is not Score.VOTES,
        beside=list(_beside(vote, counts)),
        picture=embedded(vote, first, place=place, language=language),
        currency=vote.meta.get("currency", ""),
        sha256=sha256,
        fingerprint=trace_fingerprint(first.outcome),
    )
    return Markup(told)  # noqa: S704


def _line(vote: Vote, one: Judgement, *, parts: int) -> Line:
    project = vote.projects[one.plan]
    return Line(project_id=project.project_id, name=project.name, votes=Decimal(one.votes) / parts, judgement=one)


def _missed(vote: Vote, counted: Counted) -> Iterator[NotBought]:
    """Yield the plans that nobody bought by rank."""
    missed = {one.plan: one for one in counted.outcome.missed}
    for said in counted.outcome.judgements:
        if one := missed.get(said.plan):
            project, left = vote.projects[said.plan], floor(one.supporters_cents)
            yield NotBought(
                name=project.name or project.project_id,
                until=one.affordable_until,
                left_cents=left,
                short_cents=max(0, said.cost_cents - left),
                said=said,
            )


def _tie(vote: Vote, tie: Tie) -> tuple[list[str], str]:
    return [vote.projects[plan].project_id for plan in tie.plans], tie.decided_by


def _beside(vote: Vote, counts: Sequence[Counted]) -> Iterator[Beside]:
    first, ballots = counts[0], vote.election.valid_ballots or 1
    for one in counts if len(counts) > 1 else ():
        voters = Decimal(with_winner(vote, one.winners)) / vote.election.parts / ballots
        won, lost = vote.named(one.winners - first.winners), vote.named(first.winners - one.winners)
        yield Beside(counted=one, voters=(voters * 100).quantize(Decimal("0.1")), won=won, lost=lost)
