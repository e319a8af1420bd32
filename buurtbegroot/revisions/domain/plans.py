"""What differs between two versions of a plan: its texts, its costs row by row, and what it was chosen to be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from buurtbegroot.proposals.domain.drafts import MAKER_NAME, PARTS, TEXTS, Content, DraftLine, changed_parts
from buurtbegroot.revisions.domain.texts import Block, Effort, Piece, Row, Run, compare, compare_blocks, runs_of

STORY, LANGUAGE, COSTS, PLACE, POINTS = "body", "language", "lines", "buurt", "points"
SHORT = tuple(name for name in TEXTS if name not in {STORY, LANGUAGE})
"""The texts of one line."""
Read = Callable[[str], Sequence[Block]]
"""How a text is shown to readers, without the signs of its markup."""


class State(StrEnum):
    """What became of a line of the sum."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    SAME = "same"


class CostRow(NamedTuple):
    """A line of the sum in two versions; None where it was not there."""

    before: DraftLine | None
    after: DraftLine | None
    what: tuple[Piece, ...]
    source: tuple[Piece, ...]

    @property
    def state(self) -> State:
        """What became of it."""
        if self.before is None:
            return State.NEW
        if self.after is None:
            return State.GONE
        return State.SAME if self.before == self.after else State.CHANGED

    @property
    def cents(self) -> int:
        """How much more it costs than before."""
        return (self.after.cents if self.after else 0) - (self.before.cents if self.before else 0)


@dataclass(frozen=True)
class Difference:
    """Two versions of a plan beside each other; `changed` names the parts that differ, `same` those that do not.

    `texts` are the short texts that differ, by name; `story` is the long text, also where it stayed the same.
    """

    before: Content
    after: Content
    changed: tuple[str, ...]
    texts: tuple[tuple[str, tuple[Piece, ...]], ...]
    story: tuple[Row, ...]
    costs: tuple[CostRow, ...]

    @property
    def same(self) -> tuple[str, ...]:
        """The names of the parts that did not change, of those that it has; not who wrote it in which language."""
        told = (name for name in PARTS if name not in self.changed and name not in {MAKER_NAME, LANGUAGE})
        return tuple(name for name in told if getattr(self.after, name))

    @property
    def sums(self) -> tuple[int, int]:
        """What all lines cost together, before and after, in cents."""
        return self.before.estimate_cents, self.after.estimate_cents

    @property
    def points(self) -> tuple[Sequence[tuple[int, str]], Sequence[tuple[int, str]]]:
        """The accord points that are gone and those that are new."""
        old, new = self.before.points, self.after.points
        return [each for each in old if each not in new], [each for each in new if each not in old]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The long text in runs of what stayed the same and what changed."""
        return tuple(runs_of(self.story))

    @property
    def rewritten(self) -> int:
        """How many blocks of the long text changed."""
        return sum(not row.is_same for row in self.story)


def difference(before: Content, after: Content, *, read: Read) -> Difference:
    """Return what differs; all texts together take one bounded effort, the long one first."""
    effort, changed = Effort(), changed_parts(before, after)
    story = compare_blocks(read(getattr(before, STORY)), read(getattr(after, STORY)), effort)
    short = [name for name in SHORT if name in changed]
    return Difference(
        before=before,
        after=after,
        changed=changed,
        texts=tuple((name, compare(getattr(before, name), getattr(after, name), effort)) for name in short),
        story=story,
        costs=cost_rows(before.lines, after.lines, effort),
    )


def cost_rows(before: Sequence[DraftLine], after: Sequence[DraftLine], effort: Effort) -> tuple[CostRow, ...]:
    """Return the lines of two sums: those of the sum after in their order, then those that are gone."""
    left, found = list(before), dict[int, DraftLine]()
    for is_like in (_is_equal, _has_its_name, _has_its_price):
        for place, line in enumerate(after):
            if place not in found and (old := _first(left, line, is_like)):
                found[place] = old
                left.remove(old)
    rows = [_cost_row(found.get(place), line, effort) for place, line in enumerate(after)]
    return (*rows, *(_cost_row(line, None, effort) for line in left))


def _cost_row(before: DraftLine | None, after: DraftLine | None, effort: Effort) -> CostRow:
    old, new = before or after, after or before  # a line that came or went is not marked word by word
    assert old is not None
    assert new is not None
    return CostRow(before, after, compare(old.what, new.what, effort), compare(old.source, new.source, effort))


def _first(
    lines: Iterable[DraftLine], line: DraftLine, is_like: Callable[[DraftLine, DraftLine], bool]
) -> DraftLine | None:
    return next((each for each in lines if is_like(each, line)), None)


def _is_equal(old: DraftLine, new: DraftLine) -> bool:
    return old == new


def _has_its_name(old: DraftLine, new: DraftLine) -> bool:
    return old.what == new.what


def _has_its_price(old: DraftLine, new: DraftLine) -> bool:
    return (old.quantity, old.unit_cents, old.yearly) == (new.quantity, new.unit_cents, new.yearly)
