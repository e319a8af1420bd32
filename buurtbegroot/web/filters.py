"""How money, numbers and moments read on a page, in the reader's language and in Amsterdam's time."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency
from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal, format_percent, get_locale, ngettext
from markupsafe import Markup


def eur(cents: int) -> str:
    """Write euro cents as money: '€ 1.674' with a no-break space, cents only when there are any."""
    return _money(cents, get_locale())


@lru_cache(maxsize=4_096)
def _money(cents: int, locale: Locale) -> str:
    digits = 0 if cents % 100 == 0 else 2
    pattern = "¤\u00a0#,##0.00" if digits else "¤\u00a0#,##0"
    return str(format_currency(Decimal(cents) / 100, "EUR", pattern, locale=locale, currency_digits=False))


def number(value: int | Decimal) -> str:
    """Write a number with the grouping of the reader's language."""
    return str(format_decimal(value))


def percent(numerator: int, denominator: int) -> str:
    """Write a share with one decimal; a dash when there is nothing to divide by."""
    if not denominator:
        return "–"
    return str(format_percent(Decimal(numerator) / Decimal(denominator), "#,##0.0%"))


def long_date(moment: date | datetime) -> str:
    """Write a day in full, without abbreviations: 'maandag 30 november 2026'."""
    return str(format_date(moment, "EEEE d MMMM y"))


def long_datetime(moment: datetime) -> str:
    """Write a moment in full in Amsterdam's time: 'maandag 30 november 2026, 12.00 uur'."""
    if get_locale().language == "nl":
        return str(format_datetime(moment, "EEEE d MMMM y, HH.mm 'uur'"))
    return str(format_datetime(moment, "EEEE d MMMM y, HH:mm"))


def time_element(moment: datetime, text: str | None = None) -> Markup:
    """Wrap a moment in <time>, readable by people and machines."""
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text or long_datetime(moment))


def moment(text: str) -> datetime:
    """Read a moment that plain data holds as ISO text."""
    return datetime.fromisoformat(text)


def days_left(until: datetime, now: datetime) -> str:
    """Say in words how long it takes until a moment that has not passed."""
    hours = max(0, int((until - now).total_seconds() // 3600))
    if hours < 48:
        return str(ngettext("nog %(num)s uur", "nog %(num)s uur", hours))
    return str(ngettext("nog %(num)s dag", "nog %(num)s dagen", hours // 24))


def init_app(app: Flask) -> None:
    """Offer the filters to templates by their plain names."""
    app.add_template_filter(eur, "eur")
    app.add_template_filter(number, "number")
    app.add_template_filter(long_date, "date")
    app.add_template_filter(long_datetime, "datetime")
    app.add_template_filter(time_element, "time")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(days_left, "days_left")
    app.jinja_env.globals["percent"] = percent
