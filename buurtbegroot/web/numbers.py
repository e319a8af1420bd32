"""Whole numbers and percentages in forms; euros and moments live in fields."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from buurtbegroot.core.methods import Share

MOST_COUNT = 100_000
SHARE_UNIT = 10_000  # a share is held in hundredths of a percent


class Count(StringField):
    """A whole number that is not negative; empty is None."""

    data: Any
    max_length = 8

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0]).replace("\x00", "")
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the digits; ValueError becomes the message at the field."""
        text = valuelist[0].strip().replace(".", "") if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.isdigit() and len(text) <= self.max_length):
            raise ValueError(str(_l("Schrijf een heel getal, bijvoorbeeld 3.")))
        if int(text) > MOST_COUNT:
            raise ValueError(str(_l("Dit getal is te hoog.")))
        self.data = int(text)


class Percentage(StringField):
    """A percentage with at most two decimals, held as an exact Share; empty is None. Other shares show rounded."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0]).replace("\x00", "")
        return _percentage(self.data) if self.data else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read '5' or '2,5%'; ValueError becomes the message at the field."""
        text = valuelist[0].replace("%", "").replace(",", ".").strip()[:20] if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            hundredths = Decimal(text) * 100 if text.isascii() else None
        except ArithmeticError:
            hundredths = None
        if hundredths is None or not hundredths.is_finite() or hundredths != hundredths.to_integral_value():
            raise ValueError(str(_l("Schrijf een percentage, bijvoorbeeld 5 of 2,5.")))
        if not 0 <= hundredths <= SHARE_UNIT:
            raise ValueError(str(_l("Kies een percentage van 0 tot 100.")))
        self.data = Share(num=int(hundredths), den=SHARE_UNIT) if hundredths else None


def _percentage(share: Share) -> str:
    hundredths = round(Fraction(share.num * SHARE_UNIT, share.den)) if share.den else 0
    return f"{Decimal(hundredths).scaleb(-2).normalize():f}".replace(".", ",")
