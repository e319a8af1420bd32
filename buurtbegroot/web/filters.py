"""How shares and moments read on a page, in the reader's language and in Amsterdam's time."""

from datetime import date, datetime
from decimal import Decimal

from flask import Flask
from flask_babel import format_percent
from markupsafe import Markup

from buurtbegroot.texts import clock_time, eur, long_date, long_datetime, number
from buurtbegroot.web.fields import form_tokens


def percent(numerator: int, denominator: int) -> str:
    """Write a share with one decimal; a dash when there is nothing to divide by."""
    if not denominator:
        return "–"
    return str(format_percent(Decimal(numerator) / Decimal(denominator), "#,##0.0%"))


def time_element(moment: datetime, text: str | None = None) -> Markup:
    """Wrap a moment in <time>, readable by people and machines."""
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), text or long_datetime(moment))


def moment(text: str) -> datetime:
    """Read a moment that plain data holds as ISO text."""
    return datetime.fromisoformat(text)


def day(text: str) -> date:
    """Read a day that plain data holds as ISO text."""
    return date.fromisoformat(text)


def init_app(app: Flask) -> None:
    """Offer the filters to templates by their plain names."""
    app.add_template_filter(eur, "eur")
    app.add_template_filter(number, "number")
    app.add_template_filter(long_date, "date")
    app.add_template_filter(long_datetime, "datetime")
    app.add_template_filter(clock_time, "clock")
    app.add_template_filter(time_element, "time")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(day, "day")
    app.jinja_env.globals.update(percent=percent, form_tokens=form_tokens)
