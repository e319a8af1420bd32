"""Who acts and why an act is refused: what holds for every room."""

from buurtbegroot.acts import Fault


class _Lent(Fault):
    GONE = "gone"


class _Sold(Fault):
    GONE = "gone"


def test_two_rooms_may_refuse_for_the_same_reason_in_other_words() -> None:
    words: dict[Fault, str] = {_Lent.GONE: "Uitgeleend.", _Sold.GONE: "Verkocht."}
    assert (words[_Lent.GONE], words[_Sold.GONE]) == ("Uitgeleend.", "Verkocht.")
