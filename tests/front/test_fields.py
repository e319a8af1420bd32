"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.web.fields import parse_euros


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1674", 167_400),
        ("1.674", 167_400),
        ("€ 300.000", 30_000_000),
        ("1.500,50", 150_050),
        ("12,5", 1_250),
        ("12.50", 1_250),
        ("1.000.000,-", 100_000_000),
        ("€\u00a00", 0),
    ],
)
def test_amounts_are_read(typed: str, cents: int) -> None:
    assert parse_euros(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["", "vijf", "1,500", "1,234,567", "1e9", "0x10", "1_000", "NaN", "Infinity", "12,345,6", "1,005", "١٢", "--1"],
)
def test_what_is_unclear_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_euros(typed)


@given(st.integers(0, 10**11))
def test_what_we_write_we_read(cents: int) -> None:
    euros, rest = divmod(cents, 100)
    assert parse_euros(f"{euros:,}".replace(",", ".") + f",{rest:02d}") == cents
