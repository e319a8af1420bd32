"""Texts, sums and days for people: read in the language of whoever asks; no Flask and no text of any room.

Whoever serves people says how to find out in which language they read (`read_by`). Until then it is Dutch, in which all
texts are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol
from babel.support import NullTranslations

from buurtbegroot.timezone import AMSTERDAM
from buurtbegroot.typed import Marks


@dataclass(frozen=True)
class Text:
    """A text that is looked up when somebody reads it; what it is filled with comes after `%`."""

    message: str

    def __str__(self) -> str:
        return gettext(self.message)

    def __mod__(self, shown: object) -> str:
        return str(self) % shown


class Spoken(NamedTuple):
    """How a kind of thing is spoken of: `own` and `one` in mails, with gaps for the `number` of the plan and `round`.

    For example: "uw reactie", "uw reactie bij plan 3 in Buurtbudget Noord", "een reactie bij …", "deze reactie", "de
    schrijver".
    """

    mine: Text
    own: Text
    one: Text
    this: Text
    writer: Text


@dataclass
class _Reader:
    catalog: Callable[[], NullTranslations]
    locale: Callable[[], Locale]


_DUTCH = Locale("nl")
_reader = _Reader(catalog=NullTranslations, locale=lambda: _DUTCH)


def read_by(*, catalog: Callable[[], NullTranslations], locale: Callable[[], Locale]) -> None:
    """Let these functions say, whenever a text is read, in which catalog to look and how numbers are written."""
    _reader.catalog, _reader.locale = catalog, locale


def gettext(text: str, **shown: object) -> str:
    """Return the text in the reader's language, its gaps filled with what is shown."""
    found = str(_reader.catalog().ugettext(text))
    return found % shown if shown else found


def ngettext(one: str, more: str, num: int, **shown: object) -> str:
    """Return the text for this number in the reader's language; it may have a gap `num`."""
    return str(_reader.catalog().ungettext(one, more, num)) % {"num": num, **shown}


def lazy_gettext(text: str) -> Text:
    """Return a text that is looked up later, by each reader anew."""
    return Text(text)


def eur(cents: int) -> str:
    """Write euro cents as money: '€ 1.674' with a no-break space, cents only when there are any."""
    return _money(cents, _reader.locale())


def number(value: int | Decimal) -> str:
    """Write a number with the grouping of the reader's language."""
    return str(format_decimal(value, locale=_reader.locale()))


def euros(cents: int) -> str:
    """Write euro cents as they are typed, without the sign of the euro: '1.674' or '1.674,50'."""
    pattern = "#,##0" if cents % 100 == 0 else "#,##0.00"
    return str(format_decimal(Decimal(cents) / 100, pattern, locale=_reader.locale()))


def marks() -> Marks:
    """Return how numbers are written in the reader's language."""
    locale = _reader.locale()
    return Marks(get_group_symbol(locale, numbering_system="latn"), get_decimal_symbol(locale, numbering_system="latn"))


def long_date(moment: date | datetime) -> str:
    """Write a day in full, without abbreviations: 'maandag 30 november 2026'."""
    return short_date(moment, "EEEE d MMMM y")


def long_datetime(moment: datetime) -> str:
    """Write a moment in full in Amsterdam's time: 'maandag 30 november 2026, 12.00 uur'."""
    locale = _reader.locale()
    pattern = "EEEE d MMMM y, HH.mm 'uur'" if locale.language == "nl" else "EEEE d MMMM y, HH:mm"
    return str(format_datetime(moment, pattern, tzinfo=AMSTERDAM, locale=locale))


def clock_time(moment: datetime) -> str:
    """Write what the clock shows in Amsterdam: '12.00 uur'."""
    locale = _reader.locale()
    pattern = "HH.mm 'uur'" if locale.language == "nl" else "HH:mm"
    return str(format_time(moment, pattern, tzinfo=AMSTERDAM, locale=locale))


def short_date(moment: date | datetime, pattern: str) -> str:
    """Write a day, that of a moment in Amsterdam, in a pattern of Babel such as `d MMMM`."""
    day = moment.astimezone(AMSTERDAM).date() if isinstance(moment, datetime) else moment
    return str(format_date(day, pattern, locale=_reader.locale()))


@lru_cache(maxsize=4_096)
def _money(cents: int, locale: Locale) -> str:
    digits = 0 if cents % 100 == 0 else 2
    pattern = "¤\u00a0#,##0.00" if digits else "¤\u00a0#,##0"
    return str(format_currency(Decimal(cents) / 100, "EUR", pattern, locale=locale, currency_digits=False))
