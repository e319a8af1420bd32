"""Answering a question about money from what is public: totals, lines that add up, and the rows behind each figure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.domain import PointName
from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.queries.atlas import Atlas
from buurtbegroot.figures.domain.money import NONE, Line, Money, Side, Split, Totals, lines, totals
from buurtbegroot.figures.domain.question import Question
from buurtbegroot.figures.queries.reading import OpenedRound, money_of, touched
from buurtbegroot.population.domain.people import People
from buurtbegroot.population.queries import Population
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l

NOT_OF_ONE: Mapping[Split, Text] = {
    Split.DISTRICTS: _l("Heel %(area)s, niet bij één stadsdeel"),
    Split.GEBIEDEN: _l("Heel %(area)s, niet bij één gebied"),
    Split.WIJKEN: _l("Heel %(area)s, niet bij één wijk"),
    Split.BUURTEN: _l("Heel %(area)s, niet bij één buurt"),
    Split.THEMES: _l("Niet bij één thema"),
    Split.POINTS: _l("Geen akkoordpunt"),
}
"""What the line is called of money that belongs to no single area, theme or point."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table by name, with the people there; `share` is what is awarded for each of them, in cents."""

    key: str
    name: str
    offered: int | None
    awarded: int | None
    people: People
    share: int | None


@dataclass(frozen=True)
class Table:
    """The rows of a split and what they are together."""

    split: Split
    rows: Sequence[Row]
    total: Row


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a question is answered from.

    `rounds` opened in the years and have a part in the area; `money` is theirs, as far as it lies in the area.
    `places` are (round, code) where they take part. `elsewhen` are the rounds of the area in other years.
    """

    question: Question
    atlas: Atlas
    people: Population
    rounds: Sequence[OpenedRound]
    money: Sequence[Money]
    places: Sequence[tuple[int, str]]
    elsewhen: Sequence[OpenedRound]

    @cached_property
    def totals(self) -> Totals:
        """The answer in a few amounts."""
        own = frozenset(each.id for each in self.rounds if each.lies_in(self.question.area))
        return totals(self.money, own=own, touched={each.id: each.decided for each in self.rounds})

    @property
    def larger(self) -> Sequence[OpenedRound]:
        """The rounds that are for more than the area: what they offered is not of the area alone."""
        return [each for each in self.rounds if not each.lies_in(self.question.area)]

    @property
    def samples(self) -> Sequence[OpenedRound]:
        """The rounds of which something is reconstructed or made up."""
        return [each for each in self.rounds if each.note and not each.is_archived]

    @property
    def archived(self) -> Sequence[OpenedRound]:
        """The rounds that were brought in from files of then."""
        return [each for each in self.rounds if each.is_archived]

    def lines(self, split: Split) -> Sequence[Line]:
        """Return the lines of a split by key; each column is together what the totals say."""
        decided = {each.id for each in self.rounds if each.decided}
        here = [code for id_, code in self.places if code and id_ in decided] if split is self.question.split else []
        at = here if self.question.level else ()
        return lines(self.money, split, division=self.question.division, decided_at=at)

    def people_of(self, split: Split, key: str) -> People:
        """Return who lives in the area of a line; for other lines those of the whole area."""
        is_area = split is self.question.split and self.question.level and key
        return self.people.of(key if is_area else self.question.area.code)


def facts(
    session: Session, question: Question, rounds: Sequence[OpenedRound], *, atlas: Atlas, people: Population
) -> Facts:
    """Read what a question is answered from; `rounds` are all that opened. Three queries."""
    area = question.area
    places = touched(session, [each.id for each in rounds], area, level=question.level)
    here = {round_id for round_id, _code in places}
    in_years = [each for each in rounds if question.first <= each.year <= question.last]
    money = [each for each in money_of(session, in_years) if each.at.get(area.level) == area.code]
    return Facts(
        question=question,
        atlas=atlas,
        people=people,
        rounds=[each for each in in_years if each.id in here or each.lies_in(area)],
        money=money,
        places=places,
        elsewhen=[each for each in rounds if each.id in here and each not in in_years],
    )


def table(session: Session, found: Facts, split: Split) -> Table:
    """Return the table of a split; one query for names, where they are not known yet."""
    named = _names(session, found, split)
    rows = [_row(found, split, line, name=named(line.key)) for line in found.lines(split)]
    whole = Line(NONE, _sum(row.offered for row in rows), _sum(row.awarded for row in rows))
    return Table(split, sorted(rows, key=_order_of(split)), _row(found, split, whole, name=""))


def _row(found: Facts, split: Split, line: Line, *, name: str) -> Row:
    people = found.people_of(split, line.key)
    share = people.share(line.awarded, found.question.measure)
    return Row(key=line.key, name=name, offered=line.offered, awarded=line.awarded, people=people, share=share)


def _sum(amounts: Iterable[int | None]) -> int | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if known else None


def _order_of(split: Split) -> Callable[[Row], tuple[Any, ...]]:
    """Return how the rows of a split are ordered: years by time, others the largest first, and what has no key last."""
    if split is Split.YEARS:
        return lambda row: (row.key,)
    return lambda row: (row.key == NONE, row.share is None, -(row.share or 0), -(row.awarded or 0), row.name)


def _names(session: Session, found: Facts, split: Split) -> Callable[[str], str]:
    """Return how a key of a split is called."""
    known: Mapping[str, str] = {}
    if split is Split.POINTS:
        known = _titles_of_points(session)
    elif split is Split.ROUNDS:
        known = {each.slug: each.title for each in found.rounds}
    elif found.question.level and split is found.question.split:
        known = {code: place.name for code, place in found.atlas.places.items()}
    area = found.question.area.name
    return lambda key: known.get(key, key) or str(NOT_OF_ONE[split] % {"area": area})


def _titles_of_points(session: Session) -> Mapping[str, str]:
    """Return the titles of points by name; those of an earlier edition of the accord say which."""
    rows = select(Point.number, Point.title, Edition.slug, Edition.title).join(Edition, Edition.id == Point.edition_id)
    found = session.execute(rows.order_by(Edition.adopted_on, Edition.id)).all()
    return {
        str(PointName(number, slug)): title if slug == found[-1][2] else f"{title} ({edition})"
        for number, title, slug, edition in found
    }


@dataclass(frozen=True)
class Behind:
    """A round or plan behind a figure, with the cents that count in it; `plan_id` is None for a round."""

    round: OpenedRound
    plan_id: int | None
    cents: int


def behind(found: Facts, *, side: Side, split: Split, key: str | None) -> Sequence[Behind]:
    """Return what a figure consists of, in the order of rounds and plans; None for the key is the whole column.

    Together they are exactly the figure. The pots of a round are one.
    """
    rounds = {each.id: each for each in found.rounds}
    cents: dict[tuple[int, int | None], int] = {}
    for money in found.money:
        if money.side is side and money.round_id in rounds:
            parts = money.parts(split, found.question.division)
            counted = sum(parts.values()) if key is None else parts.get(key)
            if counted is not None:
                about = (money.round_id, money.plan_id)
                cents[about] = cents.get(about, 0) + counted
    return [Behind(rounds[round_id], plan, amount) for (round_id, plan), amount in cents.items()]


def plans_by_id(session: Session, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Return title and language of plans by id."""
    rows = select(Proposal.id, Proposal.title, Proposal.language).where(Proposal.id.in_(ids))
    return {plan: (title, language) for plan, title, language in session.execute(rows)} if ids else {}
