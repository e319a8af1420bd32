"""What a visitor asks of a list of plans, read from the address, and the answer; the rows come from queries."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from sqlalchemy import BigInteger, bindparam

from buurtbegroot import typed
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.standing import standing_at
from buurtbegroot.proposals.domain.drafts import search_terms
from buurtbegroot.proposals.models import PUBLIC_STATUSES, PlanState, Proposal, ProposalStatus, state_of

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


# The order of plans that is a visitor's own: a sort key that Python and both databases compute from a seed.
PRIME = 2**31 - 1
FACTORS = {"a": 48_271, "b": 69_621, "c": 40_014}


def _key(plan_id: Any, *, a: Any, b: Any, c: Any) -> Any:
    """With x = id * a + b modulo the prime, return x * (x + c) modulo the same.

    The squaring parts ids that follow each other, and no product leaves 64 bits.
    """
    mixed = (plan_id * a + b) % PRIME
    return (mixed * ((mixed + c) % PRIME)) % PRIME


SHUFFLED = _key(Proposal.id, **{name: bindparam(f"shuffle_{name}", type_=BigInteger) for name in FACTORS})
"""The sort key of whoever's `shuffle_keys` the statement runs with: one statement for all visitors."""


def shuffle_keys(seed: int) -> dict[str, int]:
    """Return the parameters that make SHUFFLED the order of this seed, a number from 1 up to the prime."""
    return {f"shuffle_{name}": value for name, value in _factors(seed).items()}


def shuffled(seed: int) -> Callable[[int], int]:
    """Return the sort key of a plan's id in the order of this seed, the same number that SHUFFLED gives."""
    factors = _factors(seed)
    return lambda plan_id: int(_key(plan_id, **factors))


def _factors(seed: int) -> dict[str, int]:
    return {name: 1 + seed * factor % (PRIME - 1) for name, factor in FACTORS.items()}
