"""How a value of what two people decide on is said."""

import pytest

from buurtbegroot.dual_control.words import said


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", None, "–"),
        ("title", "", "–"),
        ("points", [], "–"),
        ("is_open", True, "ja"),
        ("is_open", False, "nee"),
        ("plan", {"title": "Bank"}, "Bank"),
        ("pot", {"name": "Alles"}, "Alles"),
        ("grant", {"role": "staff"}, "staff"),
        ("plan", {}, ""),
        ("plans", [{"title": "Bank"}, {"title": "Boom"}], "Bank, Boom"),
        ("cost_cents", 5, "€ 0,05"),
        ("votes", 7, "7"),
    ],
)
def test_each_kind_of_value(app: object, field: str, value: object, words: str) -> None:
    assert said(field, value).replace("\u00a0", " ") == words
