"""A QR code on a page says the text that it was made of, and no more of it is there than squares."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.web.qr import qr_code
from tests.scanner import POINTS, painted, scanned

TEXTS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=120)


@given(text=TEXTS, level=st.sampled_from("LMQH"))
def test_a_scanner_reads_what_was_drawn(text: str, level: str) -> None:
    assert scanned(qr_code(text, level=level)) == text


def test_the_text_itself_is_not_in_the_picture() -> None:
    drawn = qr_code('"><script>alert(1)</script>', css="bb-qr__code")
    assert set(re.findall(r"<\w+", drawn)) == {"<svg", "<path"}
    assert ("alert" in drawn, 'class="bb-qr__code"' in drawn, "style=" in drawn) == (False, True, False)


def test_it_has_four_light_squares_around_it() -> None:
    picture = painted(qr_code("https://begroot.example/stem/1#ABCD"))
    around = 4 * POINTS
    assert picture[:around].min() == picture[-around:].min() == picture[:, :around].min() == 255
    assert picture[around, around] == 0


@pytest.mark.parametrize("text", ["a" * 4_000, "caf\u00e9"], ids=["too long", "not ASCII"])
def test_what_not_every_scanner_reads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"too long|ascii"):
        qr_code(text)
