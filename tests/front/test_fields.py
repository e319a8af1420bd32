"""Amounts and counts as people type them: read in the way of the page's language, or not at all."""

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wtforms import FieldList, FormField
from wtforms.validators import NumberRange

from buurtbegroot import texts, typed
from buurtbegroot.web.fields import Euros, Form
from buurtbegroot.web.numbers import Count, Percentage

DUTCH, ENGLISH = typed.Marks(".", ","), typed.Marks(",", ".")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1674", 167_400),
        ("1.674", 167_400),
        ("€ 300.000", 30_000_000),
        ("1.500,50", 150_050),
        ("1 500,50 euro", 150_050),
        ("12,5", 1_250),
        ("12.50", 1_250),
        ("5.5", 550),
        ("-5", -500),
        ("1.000.000,-", 100_000_000),
        ("€\u00a00", 0),
    ],
)
def test_amounts_are_read(text: str, cents: int) -> None:
    assert typed.cents(text, DUTCH) == cents


@pytest.mark.parametrize(
    ("text", "cents"), [("1,000", 100_000), ("€1,000", 100_000), ("1,500.50", 150_050), ("12,50", 1_250)]
)
def test_an_english_page_reads_what_it_shows(text: str, cents: int) -> None:
    assert typed.cents(text, ENGLISH) == cents


AMBIGUOUS = ["1.000.00", "1.0000", "10.00.000", "1.00,00", "1..000", "0.500", "1,5.000", "1.000 000", "1 00", "1.2.3"]
NONE = ["", "vijf", "1e9", "0x10", "1_000", "NaN", "Infinity", "12,345,6", "١٢", "--1", "9" * 41, "1,"]


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NONE, "1,005", "1,500", "1,234,567", "1,500.50"])
def test_what_is_unclear_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        typed.cents(text, DUTCH)


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NONE, "1.000", "1.000.000", "1.500,50"])
def test_what_is_unclear_in_english_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        typed.cents(text, ENGLISH)


@pytest.mark.parametrize("text", ["5.5", "10.0", "5,5", "10,0", "1.0000", "1.00", "-3", "1e3", "٣"])
@pytest.mark.parametrize("marks", [DUTCH, ENGLISH])
def test_a_count_has_no_decimals(text: str, marks: typed.Marks) -> None:
    with pytest.raises(ValueError, match=r"."):
        typed.whole_number(text, marks)


def test_a_count_may_part_its_thousands() -> None:
    assert [typed.whole_number(text, DUTCH) for text in ("0", "1500", "1.500", "1 500")] == [0, 1500, 1500, 1500]


class Numbers(Form):
    """One of each."""

    class Meta:
        csrf = False

    amount = Euros()
    count = Count()
    share = Percentage()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cents=st.integers(0, 10**11), language=st.sampled_from(["nl", "en"]))
def test_what_we_write_we_read(app: Flask, cents: int, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert typed.cents(texts.euros(cents), texts.marks()) == cents
        assert typed.cents(texts.eur(cents), texts.marks()) == cents


@pytest.mark.parametrize(
    ("language", "thousand", "example"), [("nl", "1.000", "1.500,50"), ("en", "1,000", "1,500.50")]
)
def test_fields_read_and_show_as_the_language_of_the_page(
    app: Flask, language: str, thousand: str, example: str
) -> None:
    sent = {"amount": thousand, "count": thousand, "share": "2.5"}
    with app.test_request_context(method="POST", data=sent), force_locale(language):
        form = Numbers()
        assert form.validate(), form.problems()
        assert (form.amount.data, form.count.data, form.amount._value()) == (100_000, 1000, thousand)
        assert Numbers(None, data={"amount": 100_000}).amount._value() == thousand
    with app.test_request_context(method="POST", data={"amount": "1.0000", "count": "5.5"}), force_locale(language):
        form = Numbers()
        assert not form.validate()
        (_amount, words), (_count, _words) = form.problems()
        assert example in words


class Bounded(Numbers):
    """A count that must be given, and rows of them."""

    count = Count("Aantal codes", [NumberRange(1, 500, "Maak 1 tot 500 codes.")])
    lines = FieldList(FormField(Numbers), min_entries=2)


def test_what_cannot_be_read_is_said_once_and_with_the_name_of_its_field(app: Flask) -> None:
    sent = {"count": "5.5", "lines-0-count": "2", "lines-1-count": "x"}
    with app.test_request_context(method="POST", data=sent), force_locale("nl"):
        form = Bounded()
        assert not form.validate()
        assert form.problems() == [
            ("count", "Aantal codes: Schrijf een heel getal, bijvoorbeeld 3."),
            ("lines-1-count", "Regel 2, Count: Schrijf een heel getal, bijvoorbeeld 3."),
        ]
    with app.test_request_context(method="POST", data={"count": "0"}), force_locale("nl"):
        form = Bounded()
        assert not form.validate()
        assert form.problems() == [("count", "Aantal codes: Maak 1 tot 500 codes.")]
