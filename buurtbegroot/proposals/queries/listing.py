"""A list of plans: what a visitor asks, read from the address, and the answer, remembered until a plan changes."""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, CursorResult, Executable, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from buurtbegroot import typed
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.standing import standing_at
from buurtbegroot.memo import Memo
from buurtbegroot.proposals.domain.drafts import search_terms
from buurtbegroot.proposals.models import PUBLIC_STATUSES, PlanState, Proposal, ProposalStatus, state_of
from buurtbegroot.proposals.models.changes import PlanList, is_changing
from buurtbegroot.proposals.queries import LARGEST_NUMBER, contains
from buurtbegroot.rounds.models import PhaseWindow, Round, Theme
from buurtbegroot.rounds.queries import MOMENTS

LONGEST_SEARCH = 100


class Order(StrEnum):
    """The orders that a visitor can choose, as they stand in the address."""

    SHUFFLED = "door-elkaar"
    NEWEST = "nieuwste"
    CHEAPEST = "goedkoopste"
    DEAREST = "duurste"
    TITLE = "titel"


class CostClass(NamedTuple):
    """From so many cents up to, not including, so many; None is no bound."""

    from_cents: int
    below_cents: int | None


COST_CLASSES = {
    "tot-5000": CostClass(0, 500_001),
    "tot-15000": CostClass(500_001, 1_500_001),
    "tot-30000": CostClass(1_500_001, 3_000_001),
    "meer": CostClass(3_000_001, None),
}

STATUSES: dict[str, tuple[ProposalStatus, ...]] = {
    "": (ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED),
    "controle": (ProposalStatus.SUBMITTED,),
    "kan": (ProposalStatus.ADMITTED,),
    "kan-niet": (ProposalStatus.REFUSED,),
    "ingetrokken": (ProposalStatus.WITHDRAWN,),
    "alles": PUBLIC_STATUSES,
}

WHOLE_AREA = "heel"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The filters of a list; empty is no filter, `buurt` is a code or WHOLE_AREA, `theme` a name."""

    words: str = ""
    theme: str = ""
    buurt: str = ""
    cost: str = ""
    status: str = ""
    order: Order = Order.SHUFFLED

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Wanted":
        """Read the filters from an address; what is unknown there is no filter."""

        def text(name: str, most: int = 120) -> str:
            return typed.one_line(args.get(name, ""))[:most]

        return cls(
            words=text("zoek", LONGEST_SEARCH),
            theme=text("thema"),
            buurt=text("buurt"),
            cost=text("kosten") if text("kosten") in COST_CLASSES else "",
            status=text("stand") if text("stand") in STATUSES else "",
            order=Order(text("volgorde")) if text("volgorde") in set(Order) else Order.SHUFFLED,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set; the order is none."""
        return replace(self, order=Order.SHUFFLED) != Wanted()

    def terms(self) -> list[str]:
        """Return the folded words, or numbers, that a plan must have."""
        return search_terms(self.words)

    def query(self, **extra: str | int) -> str:
        """Return the filters as the query of an address, some of them replaced by `extra`; empty ones are left out."""
        order = "" if self.order is Order.SHUFFLED else self.order.value
        own = {"zoek": self.words, "thema": self.theme, "buurt": self.buurt, "kosten": self.cost, "stand": self.status}
        named = own | {"volgorde": order} | extra
        filled = urlencode({name: value for name, value in named.items() if value != ""})
        return f"?{filled}" if filled else ""


class RoundHead(NamedTuple):
    """The round whose plans are listed, and when it takes plans, if ever."""

    id: int
    slug: str
    title: str
    note: str
    published_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    certified_at: datetime | None
    envelopes: int | None
    begins_at: datetime | None
    ends_at: datetime | None

    def takes_plans(self, now: datetime) -> bool:
        """Tell whether residents can submit plans now."""
        if self.begins_at is None or self.ends_at is None:
            return False
        return standing_at((Window(Phase.SUBMISSION, self.begins_at, self.ends_at),), self, now).takes_plans


class PlanCard(NamedTuple):
    """What a card shows of a plan; `price_cents` is the checked cost, or the estimate as long as nothing was checked.

    `support` and `reactions` are None when none are told, `scene` names the drawing, `buurt` is None for a plan for the
    whole area.
    """

    id: int
    number: int
    title: str
    summary: str
    place: str
    status: PlanState
    price_cents: int
    theme: str | None
    scene: str
    buurt: str | None
    round_id: int
    round_title: str
    language: str
    support: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What one can filter by: themes as (name, scene, plans), buurten as (code, name), how many plans there are."""

    themes: tuple[tuple[str, str, int], ...]
    buurten: tuple[tuple[str, str], ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of a list of plans with the filters that made it; `number` counts from 1, `total` counts all pages."""

    rows: Sequence[PlanCard]
    number: int
    size: int
    total: int
    wanted: Wanted
    facets: Facets
    seed: int

    def without(self, off_ballot: Container[int]) -> Self:
        """Return the same page, on which these plans say that they were taken off the open ballot."""
        return replace(self, rows=[row._replace(status=state_of(row, off_ballot)) for row in self.rows])

    def with_support(self, support: Mapping[int, int]) -> Self:
        """Return the same page, on which plans say how much support they have."""
        return replace(self, rows=[row._replace(support=support.get(row.id)) for row in self.rows])

    def with_reactions(self, reactions: Mapping[int, int]) -> Self:
        """Return the same page, on which plans say how many contributions there are about them."""
        return replace(self, rows=[row._replace(reactions=reactions.get(row.id)) for row in self.rows])

    @property
    def order(self) -> int | str:
        """The number of the shuffled order, for the address of the next page; empty in another order."""
        return self.seed if self.wanted.order is Order.SHUFFLED else ""

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def seen(self) -> int:
        """How many plans this page and those before it hold."""
        return min(self.number * self.size, self.total)


# The order of plans that is a visitor's own, which follows from a seed.
PRIME = 2**31 - 1
FACTORS = (48_271, 69_621, 40_014)

Plans = npt.NDArray[np.int64]
Ids = TypeVar("Ids", int, Plans)


def shuffled(seed: int) -> Callable[[Ids], Ids]:
    """Return the sort key of a plan's id, or of many at once, in the order of this seed: from 1 up to the prime.

    With x = id * a + b modulo the prime, the key is x * (x + c) modulo the same. The squaring parts ids that follow
    each other, and no product leaves 64 bits.
    """
    a, b, c = (1 + seed * factor % (PRIME - 1) for factor in FACTORS)

    def key(plan_id: Ids) -> Ids:
        mixed = (plan_id % PRIME * a + b) % PRIME
        return (mixed * ((mixed + c) % PRIME)) % PRIME

    return key


PRICE = case((Proposal.cost_cents > 0, Proposal.cost_cents), else_=Proposal.estimate_cents)
CARDS = (
    select(
        Proposal.id,
        Proposal.number,
        Proposal.title,
        Proposal.summary,
        Proposal.place,
        Proposal.status,
        PRICE,
        Theme.name,
        func.coalesce(func.nullif(Proposal.scene, ""), Theme.scene, ""),
        Area.name,
        Proposal.round_id,
        Round.title,
        Proposal.language,
    )
    .join(Proposal.round)
    .outerjoin(Proposal.theme)
    .outerjoin(Proposal.buurt)
)
GROUPED = select(Proposal.theme_id, Proposal.buurt_code, func.count().label("plans")).group_by(
    Proposal.theme_id, Proposal.buurt_code
)

ORDERS: dict[Order, tuple[Any, ...]] = {
    Order.SHUFFLED: (),  # each visitor has an order of their own
    Order.NEWEST: (Proposal.submitted_at.desc().nulls_last(), Proposal.number.desc()),
    Order.CHEAPEST: (PRICE,),
    Order.DEAREST: (PRICE.desc(),),
    Order.TITLE: (Proposal.search,),
}

PUBLISHED = select(Round.id).where(Round.published_at.is_not(None))
STAMPS = select(func.sum(PlanList.stamp), select(func.max(Area.changed_at)).scalar_subquery()).join(Round)
STAMP_OF_ALL = STAMPS.where(Round.published_at.is_not(None))
STAMP = STAMPS.where(PlanList.round_id == bindparam("round"))

HEADS = (
    select(Round.id, Round.slug, Round.title, Round.note, *MOMENTS, PhaseWindow.begins_at, PhaseWindow.ends_at)
    .outerjoin(PhaseWindow, and_(PhaseWindow.round_id == Round.id, PhaseWindow.phase == Phase.SUBMISSION))
    .where(Round.slug == bindparam("slug"), Round.published_at.is_not(None))
)

_facets_of = Memo[Facets](200)
_ordered = Memo[Plans](200)


def round_head(session: Session, slug: str) -> RoundHead | None:
    """Return what stands around the list of a published round's plans, or None."""
    found = session.execute(HEADS, {"slug": slug}).first()
    return RoundHead(*found) if found else None


def listing(
    session: Session, args: Mapping[str, str], *, seed: int, number: int, size: int, round_id: int | None = None
) -> Listing:
    """Return one page of plans as the address `args` asks, without building entities.

    `round_id` None takes all published rounds. `seed` is the number of the shuffled order. Two queries; the first time
    after a plan changed two more.
    """
    wanted, stamp = Wanted.from_args(args), _stamp(session, round_id)
    facets = _facets_of.get(stamp and (stamp, round_id), lambda: _facets(session, round_id))
    ids = _ordered.get(stamp and (stamp, round_id, wanted), lambda: _ids(session, wanted, round_id))
    if wanted.order is Order.SHUFFLED:
        ids = ids[np.argsort(shuffled(seed)(ids), kind="stable")]
    shown = ids[(number - 1) * size : number * size].tolist()
    place = {plan: at for at, plan in enumerate(shown)}
    cards = _rows(session, _cards(wanted.status), ids=shown) if shown else ()
    rows = sorted((PlanCard(*card) for card in cards), key=lambda card: place[card.id])
    return Listing(rows=rows, number=number, size=size, total=len(ids), wanted=wanted, facets=facets, seed=seed)


def _rows(session: Session, statement: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement without the ORM."""
    return session.connection().execute(statement, values)


def _stamp(session: Session, round_id: int | None) -> tuple[int, datetime | None] | None:
    """Return what no other state of these plans has; None without plans, and while this session changes some."""
    if is_changing(session):
        return None
    stamp, named_at = _rows(session, STAMP if round_id else STAMP_OF_ALL, round=round_id).one()
    return (int(stamp), named_at) if stamp else None


def _ids(session: Session, wanted: Wanted, round_id: int | None) -> Plans:
    return np.fromiter(_rows(session, _asked(wanted, round_id)).scalars(), dtype=np.int64)


@lru_cache(maxsize=200)
def _asked(wanted: Wanted, round_id: int | None) -> Select[int]:
    """Put the statement together once for each choice of filters: that takes longer than running it."""
    return select(Proposal.id).where(*_filters(wanted, round_id)).order_by(*ORDERS[wanted.order], Proposal.id)


@lru_cache(maxsize=len(STATUSES))
def _cards(status: str) -> Select[Any]:
    """Select some plans, without those that got another status meanwhile."""
    return CARDS.where(Proposal.id.in_(bindparam("ids", expanding=True)), Proposal.status.in_(STATUSES[status]))


def _facets(session: Session, round_id: int | None) -> Facets:
    """Return what a list can be filtered by, counted over the plans that it shows without a filter; one query."""
    numbers, scenes, buurten = Counter[str | None](), dict[str, str](), dict[str, str]()
    for theme, scene, code, buurt, plans in _rows(session, _facet_rows(round_id)):
        numbers[theme] += plans
        if theme is not None:  # rounds can each have a theme of this name
            scenes[theme] = min(scene, scenes.get(theme, scene))
        if code is not None:
            buurten[code] = buurt
    themes = [(name, scene, numbers[name]) for name, scene in scenes.items()]
    return Facets(
        themes=tuple(sorted(themes, key=lambda row: (-row[2], row[0]))),
        buurten=tuple(sorted(buurten.items(), key=lambda row: (row[1], row[0]))),
        total=numbers.total(),
    )


@lru_cache(maxsize=200)
def _facet_rows(round_id: int | None) -> Select[Any]:
    """Select how many plans each theme has in each buurt: the plans are gone through once, and then named."""
    groups = GROUPED.where(*_filters(Wanted(), round_id)).subquery()
    return (
        select(Theme.name, Theme.scene, Area.code, Area.name, groups.c.plans)
        .select_from(groups)
        .outerjoin(Theme, Theme.id == groups.c.theme_id)
        .outerjoin(Area, Area.code == groups.c.buurt_code)
    )


def _has(term: str) -> ColumnElement[bool]:
    is_number = term.isascii() and term.isdigit() and int(term) <= LARGEST_NUMBER
    return or_(contains(term), Proposal.number == int(term)) if is_number else contains(term)


def _filters(wanted: Wanted, round_id: int | None) -> list[ColumnElement[bool]]:
    found = [Proposal.status.in_(STATUSES[wanted.status]), *map(_has, wanted.terms())]
    found.append(Proposal.round_id.in_(PUBLISHED) if round_id is None else Proposal.round_id == round_id)
    if wanted.theme:
        found.append(Proposal.theme_id.in_(select(Theme.id).where(Theme.name == wanted.theme)))
    if wanted.buurt:
        found.append(Proposal.buurt_code.is_not_distinct_from(None if wanted.buurt == WHOLE_AREA else wanted.buurt))
    if wanted.cost:
        least, below = COST_CLASSES[wanted.cost]
        found.append(least <= PRICE if below is None else PRICE.between(least, below - 1))
    return found
