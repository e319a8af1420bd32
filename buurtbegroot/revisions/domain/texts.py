"""The difference of two texts, word by word: what stayed, what is new and what is gone; pure, and bounded.

The pieces that stayed or are gone, one after the other, are the text before to the letter; those that stayed or are
new are the text after. Comparing takes time with the product of two lengths, so all that is compared together has one
`Effort`; where it is used up, a part counts as written anew.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import chain, groupby, takewhile
from typing import Any, NamedTuple

PAIRING = 10
"""How much more it takes to hold two blocks against each other than two words."""
LIKE = 0.5
"""From which part of their words on two blocks are one block that changed."""
MOST_EFFORT = 120_000
WORDS = re.compile(r"\S+\s*|\s+")
ENDS = (".", "!", "?", ".”", "!”", "?”", '."', '!"', '?"', ".)", "!)", "?)")


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"


class Kind(StrEnum):
    """What a block is on the page."""

    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    TEXT = "text"


class Piece(NamedTuple):
    """Some words next to each other with the spaces after them; all that is new or gone there is one piece."""

    mark: Mark
    text: str

    @property
    def words(self) -> str:
        """The piece without the space around it."""
        return self.text.strip()

    @property
    def space(self) -> tuple[str, str]:
        """The space before the words and after them."""
        after = self.text.lstrip()
        return self.text[: len(self.text) - len(after)], after[len(after.rstrip()) :]


class Block(NamedTuple):
    """A line of a text as a reader sees it."""

    kind: Kind
    text: str


class Row(NamedTuple):
    """A block of either text or of both, in pieces."""

    kind: Kind
    pieces: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing of it changed."""
        return all(piece.mark is Mark.SAME for piece in self.pieces)

    def without(self, mark: Mark) -> str:
        """Return the block but for these pieces: without GONE it is the block after, without NEW the one before."""
        return "".join(piece.text for piece in self.pieces if piece.mark is not mark)


class Run(NamedTuple):
    """Rows next to each other that all stayed the same, or that one shows; those of one kind are together."""

    is_same: bool
    groups: tuple[tuple[Kind, tuple[Row, ...]], ...]

    @property
    def sentences(self) -> int:
        """How many sentences they are."""
        return sum(len(_sentences(row.without(Mark.GONE))) for _kind, rows in self.groups for row in rows)


def runs_of(rows: Iterable[Row]) -> Iterator[Run]:
    """Cut rows into runs; a heading is always shown."""
    for is_same, run in groupby(rows, key=lambda row: row.is_same and row.kind is not Kind.HEADING):
        groups = groupby(run, key=lambda row: row.kind)
        yield Run(is_same, tuple((kind, tuple(group)) for kind, group in groups))


class Effort:
    """How many pairs may still be held against each other."""

    def __init__(self, most: int = MOST_EFFORT) -> None:
        self.left = most

    def allows(self, pairs: int) -> bool:
        """Take so many pairs, or none when there are not as many left."""
        if pairs > self.left:
            return False
        self.left -= pairs
        return True


class Match(NamedTuple):
    """Where two sequences are the same, or where something stands in the place of something else."""

    is_same: bool
    before: Sequence[Any]
    after: Sequence[Any]


def compare(before: str, after: str, effort: Effort) -> tuple[Piece, ...]:
    """Return two texts as pieces: sentences are compared first, and the words of those that differ."""
    pieces: list[Piece] = []
    for sentences in _matches(_sentences(before), _sentences(after), effort, key=_keys):
        old, new = (list(chain.from_iterable(side)) for side in (sentences.before, sentences.after))
        if sentences.is_same:
            pieces += _same(old, new)
        else:
            pieces += _changed(list(_matches(old, new, effort, key=str.strip)))
    return _joined(pieces)


def compare_blocks(before: Sequence[Block], after: Sequence[Block], effort: Effort) -> tuple[Row, ...]:
    """Return the blocks of two texts as rows, in the order of the text after; what is gone stands where it stood."""
    found: list[Row] = []
    for match in _matches(before, after, effort, key=tuple):
        if match.is_same:
            found += [Row(block.kind, (Piece(Mark.SAME, block.text),)) for block in match.after]
        else:
            found += [_row(old, new, effort) for old, new in _paired(match.before, match.after, effort)]
    return tuple(found)


def _row(old: Block | None, new: Block | None, effort: Effort) -> Row:
    if old and new:
        return Row(new.kind, compare(old.text, new.text, effort))
    there = new or old
    assert there is not None
    return Row(there.kind, (Piece(Mark.NEW if new else Mark.GONE, there.text),))


def _sentences(text: str) -> list[list[str]]:
    """Cut a text into sentences, each a list of words with the space after them."""
    found: list[list[str]] = [[]]
    for word in WORDS.findall(text):
        found[-1].append(word)
        if word.rstrip().endswith(ENDS) or "\n" in word:
            found.append([])
    return [sentence for sentence in found if sentence]


def _keys(sentence: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.strip() for word in sentence)


def _matches(
    before: Sequence[Any], after: Sequence[Any], effort: Effort, *, key: Callable[[Any], Any]
) -> Iterator[Match]:
    """Cut two sequences where they have the same keys; beginnings and ends that are alike cost no effort."""
    old, new = [key(each) for each in before], [key(each) for each in after]
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    ends = len(old) - tail, len(new) - tail
    yield Match(True, before[:head], after[:head])
    if effort.allows((ends[0] - head) * (ends[1] - head)):
        middle = SequenceMatcher(None, old[head : ends[0]], new[head : ends[1]], autojunk=False)
        for tag, from_old, to_old, from_new, to_new in middle.get_opcodes():
            sides = before[head + from_old : head + to_old], after[head + from_new : head + to_new]
            yield Match(tag == "equal", *sides)
    else:
        yield Match(False, before[head : ends[0]], after[head : ends[1]])
    yield Match(True, before[ends[0] :], after[ends[1] :])


def _same(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """Yield words that stayed; the space after them may be another."""
    for old, new in zip(before, after, strict=True):
        if old == new:
            yield Piece(Mark.SAME, old)
        else:
            yield Piece(Mark.SAME, old.rstrip())
            yield Piece(Mark.GONE, old[len(old.rstrip()) :])
            yield Piece(Mark.NEW, new[len(new.rstrip()) :])


def _changed(matches: list[Match]) -> Iterator[Piece]:
    """Yield the pieces of sentences that differ; a few words that stayed between larger changes count as changed."""
    for match in _readable(matches):
        if match.is_same:
            yield from _same(match.before, match.after)
        else:
            yield from (Piece(Mark.GONE, word) for word in match.before)
            yield from (Piece(Mark.NEW, word) for word in match.after)


def _readable(matches: Iterable[Match]) -> list[Match]:
    """Join two changes with what stayed between them, where that is shorter than either of them."""
    found: list[Match] = []
    for match in matches:
        if not (match.before or match.after):
            continue
        if not match.is_same and len(found) > 1 and _size(found[-1]) <= min(_size(found[-2]), _size(match)):
            parts = [*found[-2:], match]
            old = [*chain.from_iterable(part.before for part in parts)]
            new = [*chain.from_iterable(part.after for part in parts)]
            found[-2:] = [Match(False, old, new)]
        else:
            found.append(match)
    return found


def _size(match: Match) -> int:
    return max(sum(map(len, match.before)), sum(map(len, match.after)))


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Put pieces of one mark together; where something changed, what is gone comes first."""
    found: list[Piece] = []
    for is_same, group in groupby((each for each in pieces if each.text), key=lambda each: each.mark is Mark.SAME):
        told = list(group)
        for mark in (Mark.SAME,) if is_same else (Mark.GONE, Mark.NEW):
            text = "".join(each.text for each in told if each.mark is mark)
            found += [Piece(mark, text)] if text else []
    return tuple(found)


def _paired(
    before: Sequence[Block], after: Sequence[Block], effort: Effort
) -> Iterator[tuple[Block | None, Block | None]]:
    """Yield which block became which, in order; None beside one that is gone or new."""
    old, new = ([Counter(each.text.split()) for each in side] for side in (before, after))
    needed = len(new) * sum(PAIRING + len(words) for words in old)
    at, to = 0, 0
    for first, second in _alike(old, new) if effort.allows(needed) else ():
        yield from ((each, None) for each in before[at:first])
        yield from ((None, each) for each in after[to:second])
        yield before[first], after[second]
        at, to = first + 1, second + 1
    yield from ((each, None) for each in before[at:])
    yield from ((None, each) for each in after[to:])


def _alike(before: Sequence[Counter[str]], after: Sequence[Counter[str]]) -> list[tuple[int, int]]:
    """Return the pairs that have most words in common together, without crossing each other."""
    best: list[list[tuple[float, list[tuple[int, int]]]]] = [[(0.0, [])] * (len(after) + 1)]
    for row, old in enumerate(before):
        line: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
        for column, new in enumerate(after):
            choices = [best[row][column + 1], line[column]]
            if (shared := _shared(old, new)) >= LIKE:
                score, pairs = best[row][column]
                choices.append((score + shared, [*pairs, (row, column)]))
            line.append(max(choices, key=lambda choice: choice[0]))
        best.append(line)
    return best[-1][-1][1]


def _shared(old: Counter[str], new: Counter[str]) -> float:
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0
