"""Money from groups of voters to plans as a drawing: where each node and each band lies; no page is made here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from buurtbegroot.core.tally.payments import Flow, Group, Paid

WIDTH, HEIGHT = 400, 300
LEFT, RIGHT, NODE, GAP = 24, 376, 8, 6
MOST_PLANS = 8
LETTERS = "ABCDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A source or a target of money: its mark in the drawing, its cents, and where it lies (the top and how high)."""

    mark: str
    cents: int
    top: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its mark."""
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Source:
    """A group of voters, or None for the money that was left over."""

    node: Node
    group: Group | None


@dataclass(frozen=True, slots=True)
class Target:
    """A plan by its id, or None for all others together."""

    node: Node
    plan: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """Money from the source at this place to a plan: an outline."""

    source: int
    outline: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of the drawing; `rows` has every plan for its table twin."""

    flow: Flow
    sources: Sequence[Source]
    targets: Sequence[Target]
    bands: Sequence[Band]

    @property
    def rows(self) -> Sequence[Paid]:
        """What came from each group for every plan, by rank."""
        return self.flow.plans

    @property
    def has_leftovers(self) -> bool:
        """Whether some plans were paid from what was left over."""
        return len(self.sources) > len(self.flow.groups)

    @property
    def sums(self) -> Sequence[int]:
        """What each source gave, in cents."""
        return [source.node.cents for source in self.sources]


def drawing_of(flow: Flow) -> Drawing:
    """Lay out a flow: groups on the left, the plans that got most on the right, the others together below them."""
    amounts = [(*one.cents, one.leftover_cents) for one in flow.plans]
    with_leftovers = any(one.leftover_cents for one in flow.plans)
    if not with_leftovers:
        amounts = [cents[:-1] for cents in amounts]
    order = sorted(range(len(amounts)), key=lambda place: -sum(amounts[place]))
    alone = order if len(order) <= MOST_PLANS + 1 else order[:MOST_PLANS]
    others = order[len(alone) :]
    columns = [amounts[place] for place in alone]
    if others:
        columns.append(tuple(map(sum, zip(*(amounts[place] for place in others), strict=True))))
    left = _nodes([sum(cents) for cents in zip(*columns, strict=True)], [*LETTERS[: len(flow.groups)], "+"])
    right = _nodes([sum(cents) for cents in columns], [str(place) for place in range(1, len(columns) + 1)])
    plans = [*(flow.plans[place].plan for place in alone), *([None] if others else [])]
    return Drawing(
        flow=flow,
        sources=[Source(*one) for one in zip(left, [*flow.groups, None][: len(left)], strict=True)],
        targets=[Target(*one) for one in zip(right, plans, strict=True)],
        bands=list(_bands(columns, left, right)),
    )


def _nodes(amounts: Sequence[int], marks: Sequence[str]) -> list[Node]:
    """Stack nodes as high as their amounts over the whole height, with gaps."""
    room = HEIGHT - GAP * (len(amounts) - 1)
    heights = [room * cents / (sum(amounts) or 1) for cents in amounts]
    tops = accumulate((height + GAP for height in heights), initial=0.0)
    return [
        Node(mark=mark, cents=cents, top=top, height=height)
        for mark, cents, top, height in zip(marks, amounts, tops, heights, strict=False)
    ]


def _bands(columns: Sequence[Sequence[int]], left: Sequence[Node], right: Sequence[Node]) -> Iterator[Band]:
    used = [0.0] * len(left)
    for target, cents in zip(right, columns, strict=True):
        begin = target.top
        for source, part in enumerate(cents):
            node = left[source]
            out, high = node.height * part / (node.cents or 1), target.height * part / (target.cents or 1)
            if part:
                yield Band(source, _outline((node.top + used[source], out), (begin, high)))
            used[source] += out
            begin += high


def _outline(start: tuple[float, float], end: tuple[float, float]) -> str:
    """The outline of a band between two heights, each from its top and as wide as given."""
    (top, width), (to, thick) = start, end
    near, far, middle = LEFT + NODE, RIGHT - NODE, (LEFT + RIGHT) / 2
    upper = f"M{near} {top:.1f}C{middle:.0f} {top:.1f} {middle:.0f} {to:.1f} {far} {to:.1f}"
    lower = f"V{to + thick:.1f}C{middle:.0f} {to + thick:.1f} {middle:.0f} {top + width:.1f} {near} {top + width:.1f}Z"
    return upper + lower
