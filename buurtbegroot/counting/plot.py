"""A picture of an outcome: what got money, votes beside costs, and what a voter paid at most for each plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from buurtbegroot.core.methods import Score
from buurtbegroot.core.pabulib import PbProject
from buurtbegroot.core.tally.trace import WINNING, Judgement
from buurtbegroot.counting.counted import Counted
from buurtbegroot.counting.pages import environment
from buurtbegroot.counting.vote import Vote

MOST_BARS = 40
LONGEST = 34
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
FIELD = 360  # side of the scatter, in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A plan with the number that its bar shows, and the bar's part of the longest."""

    name: str
    figure: Decimal
    part: float
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A plan in the scatter: its place in pixels from the lower left, and what it stands for."""

    name: str
    x: float
    y: float
    votes: Decimal
    cost_cents: int
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All numbers of the picture; `payments` is empty for a method in which nobody pays."""

    bars: Sequence[Bar]
    left_out: int
    dots: Sequence[Dot]
    most_votes: Decimal
    most_cents: int
    payments: Sequence[Bar]


def plot(vote: Vote, counted: Counted, *, language: str, place: int = 1) -> str:
    """Return the picture as SVG; `place` tells it from others on one page."""
    template = environment(language).get_template("counting/plot.svg")
    currency = vote.meta.get("currency", "")
    by_points = counted.asked.counting.score is not Score.VOTES
    picture = picture_of(vote, counted)
    return template.render(picture=picture, by_points=by_points, currency=currency, field=FIELD, place=place)


def embedded(vote: Vote, counted: Counted, *, place: int, language: str) -> Markup:
    """Return the picture for inside a page."""
    return Markup(plot(vote, counted, place=place, language=language).removeprefix(PROLOGUE))  # noqa: S704


def picture_of(vote: Vote, counted: Counted) -> Picture:
    """Return the numbers of the picture."""
    judged = sorted(counted.outcome.judgements, key=lambda one: (-one.votes, one.rank))
    parts = vote.parts(counted.asked.counting)
    most = Decimal(judged[0].votes) / parts if judged else Decimal(0)
    dear = max((one.cost_cents for one in judged), default=0)
    bars = [_bar(vote, one, parts=parts, most=most) for one in judged[:MOST_BARS]]
    return Picture(
        bars=bars,
        left_out=max(0, len(judged) - MOST_BARS),
        dots=list(_dots(vote, judged, parts=parts, most=most, dear=dear)),
        most_votes=most,
        most_cents=dear,
        payments=list(_payments(vote, counted)),
    )


def short(project: PbProject) -> str:
    """Return a name that fits beside a bar."""
    name = " ".join((project.name or project.project_id).split())
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _bar(vote: Vote, one: Judgement, *, parts: int, most: Decimal) -> Bar:
    figure = Decimal(one.votes) / parts
    part = float(figure / most) if most else 0.0
    return Bar(name=short(vote.projects[one.plan]), figure=figure, part=max(part, 0.0), won=one.verdict in WINNING)


def _dots(vote: Vote, judged: Sequence[Judgement], *, parts: int, most: Decimal, dear: int) -> Iterator[Dot]:
    for one in judged:
        votes = Decimal(one.votes) / parts
        yield Dot(
            name=short(vote.projects[one.plan]),
            x=round(FIELD * one.cost_cents / (dear or 1), 1),
            y=round(FIELD * max(float(votes / most), 0.0) if most else 0.0, 1),
            votes=votes,
            cost_cents=one.cost_cents,
            won=one.verdict in WINNING,
        )


def _payments(vote: Vote, counted: Counted) -> Iterator[Bar]:
    rounds = counted.outcome.rounds[:MOST_BARS]
    most = max((one.price for one in rounds), default=0)
    for one in rounds:
        cents = Decimal(one.price.numerator) / one.price.denominator
        part = float(one.price / most) if most else 0.0
        yield Bar(name=short(vote.projects[one.plan]), figure=cents, part=part, won=True)
