"""Joining two changes of one text: what only one changed is taken, what both changed is asked, and no word is lost."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.web.versions.merging import Kind, Part, chunks, join, marked, one_text, parts_of
from tests.pace import within

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)
SCHOOL = "Bewoners planten samen met de school. Elke straat krijgt een groepje dat water geeft."
HOUSE = "Bewoners planten samen met de school en met het buurthuis. Elke straat krijgt een groepje dat water geeft."
DAILY = "Bewoners planten samen met de school. Elke straat krijgt een groepje dat in droge weken elke dag water geeft."
BOTH = (
    "Bewoners planten samen met de school en met het buurthuis. "
    "Elke straat krijgt een groepje dat in droge weken elke dag water geeft."
)


def rows(*names: str) -> list[dict[str, list[str]]]:
    return [{"what": [name]} for name in names]


def kinds(parts: Sequence[Part]) -> list[Kind]:
    return [part.kind for part in parts]


@pytest.mark.parametrize(
    ("before", "theirs", "yours", "kind"),
    [
        ("a", "a", "a", Kind.SAME),
        ("a", "b", "b", Kind.SAME),
        ("a", "b", "a", Kind.THEIRS),
        ("a", "a", "b", Kind.YOURS),
        ("a", "b", "c", Kind.CLASH),
        ("a", "", "c", Kind.CLASH),
    ],
)
def test_a_field_is_of_who_changed_it(before: str, theirs: str, yours: str, kind: Kind) -> None:
    parts = parts_of({"title": [before]}, {"title": [theirs]}, {"title": [yours]})
    assert kinds(parts) == [kind]
    assert join(parts, {0: ["chosen"]}) == {"title": ["chosen" if kind is Kind.CLASH else parts[0].joined[0]]}


def test_what_was_not_seen_counts_as_changed_by_both() -> None:
    assert kinds(parts_of({}, {"title": ["a"]}, {"title": ["b"]})) == [Kind.CLASH]


def test_rows_move_up_without_a_clash() -> None:
    parts = parts_of({"lines": rows("a", "b", "c")}, {"lines": rows("b", "c")}, {"lines": rows("a", "b", "c", "d")})
    assert kinds(parts) == [Kind.THEIRS, Kind.SAME, Kind.YOURS]
    assert join(parts, {}) == {"lines": rows("b", "c", "d")}


def test_a_row_that_one_changed_and_the_other_took_away_is_asked() -> None:
    parts = parts_of({"lines": rows("a", "b")}, {"lines": rows("b")}, {"lines": rows("a2", "b")})
    assert kinds(parts) == [Kind.CLASH, Kind.SAME]
    assert join(parts, {0: rows("a2")}) == {"lines": rows("a2", "b")}


def test_ticks_of_both_are_kept_and_never_clash() -> None:
    parts = parts_of({"points": ["1", "2"]}, {"points": ["1", "3"]}, {"points": ["1", "2", "4"]}, sets={"points"})
    assert Kind.CLASH not in kinds(parts)
    assert sorted(map(str, join(parts, {})["points"])) == ["1", "3", "4"]


@given(WORDS, WORDS, WORDS)
def test_parts_put_together_are_the_texts_again(before: list[str], theirs: list[str], yours: list[str]) -> None:
    cut = list(chunks(before, theirs, yours))
    for place, whole in enumerate((before, theirs, yours)):
        assert [word for chunk in cut for word in chunk[place]] == whole


@given(WORDS, WORDS)
def test_who_changed_alone_gets_exactly_that(before: list[str], after: list[str]) -> None:
    for theirs, yours in ((after, before), (before, after)):
        parts = [Part("", *chunk) for chunk in chunks(before, theirs, yours)]
        assert Kind.CLASH not in kinds(parts)
        assert [word for part in parts for word in part.joined] == after


@given(WORDS, WORDS, WORDS)
def test_every_new_word_of_both_is_in_the_one_text(before: list[str], theirs: list[str], yours: list[str]) -> None:
    theirs, yours = [f"{word}1" for word in theirs], [f"{word}2" for word in yours]
    made = one_text(*(" ".join(words) for words in (before, theirs, yours))).split()
    assert set(made) >= {*theirs, *yours}


@pytest.mark.parametrize("before", [SCHOOL, "", "Wij halen de tegels weg. Daarna zien wij wel."])
def test_one_text_reads_as_a_text(before: str) -> None:
    assert one_text(before, HOUSE, DAILY) == BOTH


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "abc", [(True, "abc")]),
        ("abc", "", []),
        ("abc", "abc", [(False, "abc")]),
        (SCHOOL, HOUSE, [(False, SCHOOL[:36]), (True, " en met het buurthuis"), (False, SCHOOL[36:])]),
        ("een rode bank", "een heel grote bank", [(False, "een "), (True, "heel grote"), (False, " bank")]),
    ],
)
def test_new_words_are_marked_in_pieces_that_can_be_read(before: str, after: str, pieces: list[Any]) -> None:
    assert marked(before, after) == pieces


@given(WORDS, WORDS)
def test_marked_pieces_put_together_are_the_text(before: list[str], after: list[str]) -> None:
    assert "".join(text for _is_new, text in marked(" ".join(before), " ".join(after))) == " ".join(after)


@pytest.mark.speed
@pytest.mark.parametrize("made_of", ["a b ", "ab. ", "woord ", "zin met woorden. "])
def test_the_longest_texts_take_no_time(made_of: str) -> None:
    texts = [(made_of * 10_000)[: 10_000 - place] for place in range(3)]
    within(0.25, lambda: (one_text(*texts), marked(*texts[:2])))
