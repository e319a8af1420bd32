"""Texts as people type them: what is shown is what was written, and what cannot be seen is not there."""

import re
import unicodedata
from collections.abc import Iterator

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.cli import main
from buurtbegroot.typed import JOINERS, MOST_MARKS, more_lines, one_line


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Bankjes \t in\u00a0de\r\nstraat ", "Bankjes in de straat"),
        ("twee\u2028regels\x85en\x0bmeer", "twee regels en meer"),
        ("\u202elekdoom\u202c", "lekdoom"),
        ("\u2067om\u2069\u200e", "om"),
        ("Bank\u200b\u200bje\ufeff\u00ad\x00\x07", "Bankje"),
        ("Cafe\u0301", "Café"),
        ("z" + "\u0300" * 40, "z\u0300\u0300\u0300\u0300"),
        ("z" + "\u0300\u0300\u0300\u0300\u200b" * 9, "z\u0300\u0300\u0300\u0300"),
        ("z" + "\u0300\u0300\u0300\u0300\u200d" * 9 + "z", "z\u0300\u0300\u0300\u0300\u200dz"),
        ("a\uffff\ufdd0\U0001ffffb\U000e0080\U000f0000", "ab"),
        ("👩‍👧 می‌خواهم", "👩‍👧 می‌خواهم"),
        ("\u200da\u200d\u200d \u200d", "a"),
        ("❤️ 🇳🇱 Ĳburg!", "❤️ 🇳🇱 Ĳburg!"),
    ],
)
def test_one_line_holds_what_can_be_seen(typed: str, line: str) -> None:
    assert one_line(typed) == line


@pytest.mark.parametrize(
    "typed", ["", " ", "\u200b\u200b", "\u3164", "\u2800\u2800", "\u202e", "\u0301", "\U0001d159", "\u200d\n\u200d"]
)
def test_what_cannot_be_seen_is_empty(typed: str) -> None:
    assert (one_line(typed), more_lines(typed)) == ("", "")


def test_more_lines_keep_their_ends_and_their_spaces() -> None:
    assert more_lines("\n een\r\n\r\n  - twee\u202e \rdrie\u200b\n") == "een\n\n  - twee\ndrie"


@given(st.text())
def test_cleaning_again_changes_nothing(typed: str) -> None:
    for clean in (one_line, more_lines):
        once = clean(typed)
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)
        assert all(unicodedata.category(sign) not in {"Cs", "Cf"} or sign in "\u200c\u200d" for sign in once)


@given(st.text(alphabet="z \u0300\u0489\u034f\u200b\u200d\u00ad\u202e\uffff\x00"))
def test_no_letter_carries_more_marks_than_any_language_needs(typed: str) -> None:
    for clean in (one_line, more_lines):
        bare = "".join(sign for sign in clean(typed) if sign not in JOINERS)
        assert all(len(marks) <= MOST_MARKS for marks in re.split("[^\u0300\u0489]", bare))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oud-Noord", "oud noord"), ('"wipkip"', "Wipkip"), ("gróen", "groen"), ("Ĳburg", "ijburg"),
        ("d’Oude (1e)", "d oude 1e"), ("Bank\u200bje", "bankje"),
    ],
)  # fmt: skip
def test_what_is_the_same_to_a_reader_is_found(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def numbers_of(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Parameter, click.Command]]:
    """Yield every parameter that is a number, of this command and those in it; not those that are Flask's own."""
    if isinstance(command, click.Group):
        for name, inside in command.commands.items():
            yield from numbers_of(inside, f"{path} {name}")
    elif getattr(command.callback, "__module__", "").startswith("buurtbegroot"):
        for one in command.params:
            if isinstance(one.type, click.types.IntParamType | click.types.FloatParamType):
                yield path, one, command


@pytest.mark.parametrize("number", ["5.5", "1.000", "1,000", "1 000", "1e3"])
def test_no_command_takes_a_number_that_could_be_another(number: str) -> None:
    found = list(numbers_of(main))
    assert len(found) > 5
    for path, one, command in found:
        assert isinstance(one.type, click.IntRange), (path, one.name)
        with pytest.raises(click.BadParameter, match=f"'{number}' is not a valid integer") as refused:
            one.type_cast_value(click.Context(command), number)
        assert refused.value.param is one, "the message names the option"
