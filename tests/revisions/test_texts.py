"""The difference of two texts as one reads it: whole words, both to the letter, and never slower than a bound."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbegroot.proposals.domain.drafts import Content, DraftLine
from buurtbegroot.revisions.domain.plans import State, difference
from buurtbegroot.revisions.domain.texts import Block, Effort, Kind, Mark, Piece, compare, compare_blocks, runs_of
from buurtbegroot.web.markdown import readable_lines
from tests.pace import within

SOME = ["de", "het", "een", "boom", "bank.", "straat?", "1,80", "\u00a0", "groen!", "\n\n"]
WORDS = st.lists(st.sampled_from(SOME), max_size=30)
TEXTS = st.one_of(st.text(max_size=60), WORDS.map(" ".join))
BLOCKS = st.lists(
    st.builds(Block, st.sampled_from(Kind), TEXTS.map(lambda text: " ".join(text.split()) or "leeg")), max_size=12
)
LINES = st.lists(
    st.builds(
        DraftLine,
        what=st.sampled_from(["Bank", "Boom", "Hek"]),
        quantity=st.integers(1, 9),
        unit_cents=st.integers(0, 10**9),
        yearly=st.booleans(),
    ),
    max_size=6,
).map(tuple)


def shown(before: str, after: str) -> str:
    """Return the difference as a line: [-gone-] {+new+} and the rest."""
    signs = {Mark.SAME: "{}", Mark.GONE: "[-{}-]", Mark.NEW: "{{+{}+}}"}
    return " ".join(signs[piece.mark].format(piece.words) for piece in compare(before, after, Effort()) if piece.words)


@settings(max_examples=40)
@given(TEXTS, TEXTS, st.sampled_from([0, 3, 100_000]))
def test_both_texts_can_be_read_from_it_to_the_letter(before: str, after: str, effort: int) -> None:
    pieces = compare(before, after, Effort(effort))
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.mark is not Mark.GONE) == after
    assert all(piece.text for piece in pieces)
    assert all(one.mark is not next_.mark for one, next_ in pairwise(pieces))


@settings(max_examples=40)
@given(BLOCKS, BLOCKS, st.sampled_from([0, 40, 100_000]))
def test_blocks_come_back_in_order_and_none_twice(before: list[Block], after: list[Block], effort: int) -> None:
    rows = compare_blocks(before, after, Effort(effort))
    assert [text for row in rows if (text := row.without(Mark.NEW))] == [block.text for block in before]
    assert [text for row in rows if (text := row.without(Mark.GONE))] == [block.text for block in after]
    assert [row for run in runs_of(rows) for _kind, group in run.groups for row in group] == list(rows)


@settings(max_examples=40)
@given(TEXTS)
def test_a_text_and_itself_differ_in_nothing(text: str) -> None:
    assert {piece.mark for piece in compare(text, text, Effort(0))} <= {Mark.SAME}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Wij planten tien bomen.", "Wij planten twaalf bomen.", "Wij planten [-tien-] {+twaalf+} bomen."),
        ("Het is heet.", "Het is heet. Planten helpen.", "Het is heet. {+Planten helpen.+}"),
        (
            "Een bedrijf plant alles. Elke straat krijgt een groepje dat af en toe water geeft.",
            "Bewoners planten samen met de school. Elke straat krijgt een groepje dat water geeft.",
            "[-Een bedrijf plant alles.-] {+Bewoners planten samen met de school.+}"
            " Elke straat krijgt een groepje dat [-af en toe-] water geeft.",
        ),
        ("Wandeling", "Wandelingen", "[-Wandeling-] {+Wandelingen+}"),
        ("", "Alles is nieuw.", "{+Alles is nieuw.+}"),
    ],
)
def test_is_told_in_whole_words_and_sentences(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_a_paragraph_that_changed_stands_beside_the_one_it_was() -> None:
    before = [Block(Kind.HEADING, "Waarom?"), Block(Kind.ITEM, "Het is heet."), Block(Kind.ITEM, "Er is geen plek.")]
    after = [Block(Kind.HEADING, "Waarom?"), Block(Kind.ITEM, "Het is erg heet."), Block(Kind.ITEM, "Kom ook.")]
    rows = compare_blocks(before, after, Effort())
    assert rows[1].pieces == (Piece(Mark.SAME, "Het is "), Piece(Mark.NEW, "erg "), Piece(Mark.SAME, "heet."))
    assert [row.pieces[0].mark for row in rows[2:]] == [Mark.GONE, Mark.NEW]


def test_markdown_is_what_readers_know() -> None:
    text = "## Wat?\n\n*Wij* planten **tien** [bomen](https://x.nl).\nVeel.\n\n1. eerst\n2. dan\n\n> Ja\n\n<b>`a`</b>"
    assert [*readable_lines(text)] == [
        ("heading", "Wat?"),
        ("text", "Wij planten tien bomen (https://x.nl)."),
        ("text", "Veel."),
        ("item", "eerst"),
        ("item", "dan"),
        ("quote", "Ja"),
        ("text", "<b>a</b>"),
    ]


@settings(max_examples=40)
@given(LINES, LINES)
def test_each_cost_line_is_told_once_and_the_sums_are_those_of_the_rows(
    before: tuple[DraftLine, ...], after: tuple[DraftLine, ...]
) -> None:
    old, new = (Content(title="", lines=lines) for lines in (before, after))
    found = difference(old, new, read=lambda _text: ())
    assert sorted(map(repr, before)) == sorted(repr(row.before) for row in found.costs if row.before)
    assert list(after) == [row.after for row in found.costs if row.after]
    assert found.sums[1] - found.sums[0] == sum(row.cents for row in found.costs)
    assert all(row.before == row.after for row in found.costs if row.state is State.SAME)


def test_cost_lines_are_new_changed_gone_or_the_same() -> None:
    lines = [DraftLine(what=what, quantity=1, unit_cents=cents) for what, cents in (("a", 1), ("b", 2), ("c", 3))]
    dearer, other = DraftLine(what="b", quantity=1, unit_cents=9), DraftLine(what="d", quantity=1, unit_cents=7)
    old, new = Content(title="", lines=tuple(lines)), Content(title="", lines=(lines[0], dearer, other))
    found = difference(old, new, read=lambda _text: ())
    assert [row.state for row in found.costs] == [State.SAME, State.CHANGED, State.NEW, State.GONE]


def _texts(words: int, known: int, every: int) -> tuple[str, str]:
    chance = random.Random(words * known)
    made = [f"w{chance.randrange(known)}" + ("." if at % 12 == 0 else "") for at in range(words)]
    other = [f"w{chance.randrange(known)}" if at % every == 0 else word for at, word in enumerate(made)]
    lines = [slice(start, start + 60) for start in range(0, words, 60)]
    before, after = ("\n\n".join(" ".join(side[line]) for line in lines) for side in (made, other))
    return before, after


@pytest.mark.speed
@pytest.mark.parametrize(
    ("before", "after"),
    [
        _texts(1_700, 900, 10),
        _texts(10_000, 5_000, 2),
        ("a\n\n" * 3_333, "b\n\n" * 3_333),
        (" ".join(f"{at} q" for at in range(2_000)), " ".join(f"{at} r" for at in range(2_000))),
    ],
    ids=["the largest plan", "far larger", "lines", "each second word"],
)
def test_takes_no_more_than_a_bound(before: str, after: str) -> None:
    old, new = ([Block(Kind.TEXT, line) for line in text.split("\n\n") if line] for text in (before, after))
    within(0.05, lambda: compare_blocks(old, new, Effort()))
