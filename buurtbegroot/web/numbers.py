"""Whole numbers and percentages in forms; euros and moments live in fields."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from buurtbegroot import texts, typed
from buurtbegroot.core.methods import Share
from buurtbegroot.web.fields import Unread, as_typed

MOST_COUNT = 100_000
SHARE_UNIT = 10_000  # a share is held in hundredths of a percent


class Count(Unread, StringField):
    """A whole number that is not negative; empty is None."""

    data: Any
    max_length = typed.LONGEST_NUMBER

    def _value(self) -> str:
        if self.raw_data:
            return as_typed(self)
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the digits; ValueError becomes the message at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            found = typed.whole_number(valuelist[0], texts.marks())
        except ValueError:
            raise ValueError(str(_l("Schrijf een heel getal, bijvoorbeeld 3."))) from None
        if found > MOST_COUNT:
            raise ValueError(str(_l("Dit getal is te hoog.")))
        self.data = found


class Percentage(Unread, StringField):
    """A percentage with at most two decimals, held as an exact Share; empty is None. Other shares show rounded."""

    data: Any
    max_length = typed.LONGEST_NUMBER

    def _value(self) -> str:
        if self.raw_data:
            return as_typed(self)
        return _percentage(self.data) if self.data else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read '5' or '2,5%'; ValueError becomes the message at the field."""
        text = valuelist[0].strip().removesuffix("%") if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            hundredths = int(typed.decimal_number(text, texts.marks(), places=2) * 100)
        except ValueError:
            raise ValueError(str(_l("Schrijf een percentage, bijvoorbeeld 5 of 2,5."))) from None
        if hundredths > SHARE_UNIT:
            raise ValueError(str(_l("Kies een percentage van 0 tot 100.")))
        self.data = Share(num=hundredths, den=SHARE_UNIT) if hundredths else None


def _percentage(share: Share) -> str:
    hundredths = round(Fraction(share.num * SHARE_UNIT, share.den)) if share.den else 0
    return f"{Decimal(hundredths).scaleb(-2).normalize():f}".replace(".", texts.marks().decimal)
