"""Joining two changes of one text: what clashes and what fits, part by part; plain values, no forms and no pages.

A form's values are lists of text by field; of a field with rows, a list of rows. Every part is kept: nothing that
either of two people wrote is ever left out of all parts.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

Row = dict[str, list[str]]
Value = list[str] | list[Row]
Values = dict[str, Value]
LIKE = 0.6
"""From which part of the words on two texts are one text that changed."""
MOST_WORDS = 1_000  # in longer texts sentences are compared: comparing takes the square of this


class Kind(StrEnum):
    """Whose change a part is."""

    SAME = "same"
    THEIRS = "theirs"
    YOURS = "yours"
    CLASH = "clash"


@dataclass(frozen=True)
class Part:
    """One field, or of a field with rows some rows next to each other; `before` is what both began with."""

    name: str
    before: Any
    theirs: Any
    yours: Any

    @property
    def kind(self) -> Kind:
        """Whose change this is; a clash when both changed it, each in another way."""
        if self.theirs == self.yours:
            return Kind.SAME
        if self.theirs == self.before:
            return Kind.YOURS
        return Kind.THEIRS if self.yours == self.before else Kind.CLASH

    @property
    def joined(self) -> Any:
        """What comes of a part that does not clash."""
        return self.theirs if self.kind is Kind.THEIRS else self.yours


def parts_of(before: Values, theirs: Values, yours: Values, *, sets: Collection[str] = ()) -> list[Part]:
    """Return the parts of two changes in the order of the fields; `sets` are fields whose values have no order."""
    found: list[Part] = []
    for name, value in yours.items():
        three = (before.get(name, []), theirs.get(name, []), value)
        if name in sets:
            found += _ticks(name, three)
        elif _has_rows(*three):
            found += [Part(name, *chunk) for chunk in chunks(*three)]
        else:
            found.append(Part(name, *three))
    return found


def join(parts: Sequence[Part], chosen: Mapping[int, Any]) -> Values:
    """Return the values of a form from its parts; `chosen` has what comes of each clash, by its place among them."""
    values: dict[str, Any] = {}
    clashes = 0
    for part in parts:
        value = part.joined
        if part.kind is Kind.CLASH:
            value, clashes = chosen[clashes], clashes + 1
        values[part.name] = [*values.get(part.name, []), *value]
    return values


def chunks(before: Sequence[Any], theirs: Sequence[Any], yours: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Cut three sequences at what they have in common: alike where none changed it, whole where somebody did."""
    begins = (0, 0, 0)
    for common in [*_common(before, theirs, yours), None]:
        ends = (len(before), len(theirs), len(yours)) if common is None else common[0]
        three = (before, theirs, yours)
        changed = tuple(list(each[start:end]) for each, start, end in zip(three, begins, ends, strict=True))
        if any(changed):
            yield changed  # type: ignore[misc]  # three of them
        if common is not None:
            size = common[1]
            alike = list(before[ends[0] : ends[0] + size])
            yield alike, alike, alike
            begins = (ends[0] + size, ends[1] + size, ends[2] + size)


def one_text(before: str, theirs: str, yours: str) -> str:
    """Return both changes in one text; where they clash, both stand after each other.

    Of a text that was all but written anew, what both have in common counts as what they began with.
    """
    cut = _cutter(before, theirs, yours)
    first, one, other = cut(before), cut(theirs), cut(yours)
    if min(SequenceMatcher(None, first, each).ratio() for each in (one, other)) < LIKE:
        shared = SequenceMatcher(None, one, other).get_matching_blocks()
        first = [word for block in shared for word in one[block.a : block.a + block.size]]
    pieces = [Part("", *chunk) for chunk in chunks(first, one, other)]
    return "".join(
        "".join(piece.joined if piece.kind is not Kind.CLASH else [*piece.theirs, *_apart(piece), *piece.yours])
        for piece in pieces
    )


def marked(before: str, after: str) -> list[tuple[bool, str]]:
    """Return a text in pieces, each with whether it is new since before; new words next to each other are one piece."""
    cut = _cutter(before, after)
    words = cut(after)
    found: list[tuple[bool, str]] = []
    for tag, _from, _to, begin, end in SequenceMatcher(None, cut(before), words).get_opcodes():
        is_new, text = tag != "equal", "".join(words[begin:end])
        if found[1:] and is_new and not found[-1][1].strip():
            text = found.pop()[1] + text
        if text and found and found[-1][0] is is_new:
            text = found.pop()[1] + text
        if text:
            found.append((is_new, text))
    return found


def _ticks(name: str, three: Sequence[Value]) -> Iterator[Part]:
    """Return what is ticked as parts: a tick is there or not, so two changes of one are the same."""
    before, theirs, yours = (set(map(str, value)) for value in three)
    by_them, by_you = (before ^ theirs) - (before ^ yours), (before ^ yours) - (before ^ theirs)
    for ticks in filter(None, (by_them, by_you)):
        yield Part(name, sorted(before & ticks), sorted(theirs & ticks), sorted(yours & ticks))
    same = sorted((theirs & yours) - by_them - by_you)
    yield Part(name, same, same, same)


def _has_rows(*values: Value) -> bool:
    return any(isinstance(item, dict) for value in values for item in value)


def _common(
    before: Sequence[Any], theirs: Sequence[Any], yours: Sequence[Any]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """Yield where all three have the same, as (places, length)."""
    left, right = _blocks(before, theirs), _blocks(before, yours)
    one, other = next(left, None), next(right, None)
    while one and other:
        begin = max(one[0], other[0])
        end = min(one[0] + one[2], other[0] + other[2])
        if begin < end:
            yield (begin, one[1] + begin - one[0], other[1] + begin - other[0]), end - begin
        if one[0] + one[2] < other[0] + other[2]:
            one = next(left, None)
        else:
            other = next(right, None)


def _blocks(before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[int, int, int]]:
    keys: tuple[list[str], list[str]] = ([repr(each) for each in before], [repr(each) for each in after])
    for block in SequenceMatcher(None, *keys).get_matching_blocks():
        if block.size:
            yield block.a, block.b, block.size


def _cutter(*texts: str) -> Callable[[str], list[str]]:
    """Return what cuts texts into words and the signs between them, or long texts into sentences."""
    words = re.compile(r"\w+|\s+|[^\w\s]+")
    if all(len(words.findall(text)) <= MOST_WORDS for text in texts):
        return words.findall
    return re.compile(r"[^.!?\n]*(?:[.!?\n]+\s*|$)").findall


def _apart(piece: Part) -> list[str]:
    """Return the space between two words that both come in one place."""
    touching = piece.theirs[-1:] + piece.yours[:1]
    return [] if len(touching) < 2 or touching[0][-1].isspace() or touching[1][0].isspace() else [" "]
