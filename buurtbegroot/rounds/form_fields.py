"""Fields that only rounds need: counts, percentages and rows that can grow; euros and moments live in web.fields."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its published types

from buurtbegroot.core.methods import Share
from buurtbegroot.web.fields import Form

MOST_COUNT = 100_000
SHARE_UNIT = 10_000  # a share is held in hundredths of a percent


def options(pairs: Iterable[tuple[str, object]]) -> list[SelectChoice]:
    """Return (value, text) pairs as what select and radio fields offer."""
    return [SelectChoice(value, text) for value, text in pairs]


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


class Rows(FieldList):  # type: ignore[type-arg]  # no type argument at run time
    """Rows of small forms; numbers in names that are no small numbers are passed over."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        start = f"{prefix}-"
        for name in formdata:
            number = name[len(start) :].split("-", 1)[0] if name.startswith(start) else ""
            if number.isascii() and number.isdigit() and len(number) < 4:
                yield int(number)


class RowsForm(Form):
    """A form with rows: its problems lead to the field inside the row, and a button may ask for one row more."""

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) for each error, in the order of the page."""
        return [(field.id, str(error)) for field in _leaves(self) for error in field.errors]


def _leaves(fields: Any) -> Iterator[Any]:
    for field in fields:
        if isinstance(field, FieldList):
            yield from _leaves(field.entries)
        elif isinstance(field, FormField):
            yield from _leaves(field.form)
        else:
            yield field


def as_sent(form: Any) -> MultiDict[str, str]:
    """Return what a browser sends of a form that nobody touched; for texts, texts of more lines, choices and ticks."""
    sent = MultiDict[str, str]()
    for field in _leaves(form):
        if not isinstance(field, BooleanField | RadioField):
            sent.add(field.name, field._value())
        elif field.data:
            sent.add(field.name, str(field.data))  # any text but "false" is a tick
    return sent


def add_error(field: Any, message: object) -> None:
    """Put a message at a field after its own validation."""
    field.errors = [*field.errors, str(message)]
