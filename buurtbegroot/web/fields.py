"""Form fields of the house: euros as cents, moments in Amsterdam's time, text that is trimmed; no forms."""

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import StringField, TextAreaField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from buurtbegroot.timezone import AMSTERDAM

TYPED = "typed"  # the name in flask.g of what was typed before, for the form of this page
ONCE = "eenmalig"  # the name of the field that tells one page of a form from all others
MOST_CENTS = 100_000_000_000  # a billion euros: above every round, below what a column holds


class _Filled(InputRequired):
    """Blank is not filled: what is left after trimming counts, so zero and a lone full stop do."""

    def __call__(self, form: Any, field: Any) -> None:
        super().__call__(form, field)
        if field.data == "":
            raise StopValidation(str(self.message))


def required(message: str | None = None) -> InputRequired:
    """Return the validator for a field that must be filled with more than spaces."""
    return _Filled(message or _l("Vul dit in."))


def at_most(characters: int) -> Length:
    """Return the validator that limits a text, with the limit in the message."""
    return Length(max=characters, message=_l("Gebruik niet meer dan %(max)d tekens."))


def _strip(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()


def once_tag() -> Markup:
    """Return the hidden field that is the same each time a page's form is sent, and on no other page."""
    sent = request.form if request.method == "POST" else g.get(TYPED, {})
    token = g.get(ONCE) or sent.get(ONCE) or secrets.token_urlsafe(16)
    setattr(g, ONCE, token)
    return Markup('<input type="hidden" name="{}" value="{}">').format(ONCE, token)


def form_tokens() -> Markup:
    """Return the hidden fields that every form needs: against forgery, and against being done twice."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf()) + once_tag()


class Form(FlaskForm):
    """A form of the house: CSRF on, texts from our own catalogs, filled with what was typed before signing in again."""

    class Meta(FlaskForm.Meta):
        """Where the values come from."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent, or else what `flask.g` holds for this page; shown only, since nothing was sent."""
            found = super().wrap_formdata(form, formdata)
            return g.get(TYPED) if found is None else found

    def hidden_tag(self, *fields: Any) -> Markup:
        """Return the hidden fields with the token by which this form, sent twice, is done once."""
        return Markup(super().hidden_tag(*fields)) + once_tag()  # noqa: S704 - by WTForms

    def problems(self) -> list[tuple[str, str]]:
        """Return (field id, message) for each error, in the order of the page."""
        return [(field.id, str(error)) for field in self for error in _flat(field.errors)]


def _flat(errors: Any) -> list[Any]:
    if isinstance(errors, dict):
        return [message for part in errors.values() for message in _flat(part)]
    return [
        message for part in errors for message in (_flat(part) if isinstance(part, list | tuple | dict) else [part])
    ]


class Text(StringField):
    """One line of text, trimmed."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Trim what was typed."""
        self.data = _strip(valuelist[0]) if valuelist else ""


class LongText(TextAreaField):
    """More lines of text, trimmed, with line ends as \\n."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Trim what was typed and make the line ends equal."""
        self.data = _strip(valuelist[0]).replace("\r\n", "\n") if valuelist else ""


def parse_euros(text: str) -> int:
    """Read '1.674', '1674,50' or '€ 300.000' as cents; raise ValueError when it is not an amount."""
    bare = text.replace("€", "").replace("\u00a0", "").replace(" ", "").removesuffix(",-")
    if re.fullmatch(r"\d{1,3}(,\d{3})+", bare):
        raise ValueError("a comma before three figures: thousands for some, thousandths for others")
    if "," in bare:
        bare = bare.replace(".", "").replace(",", ".")
    elif bare.count(".") > 1 or (bare.count(".") == 1 and len(bare.rsplit(".", 1)[1]) == 3):
        bare = bare.replace(".", "")
    if not bare.isascii() or "e" in bare.lower() or "_" in bare:
        raise ValueError("not an amount")
    try:
        cents = Decimal(bare) * 100
    except InvalidOperation as error:
        raise ValueError("not an amount") from error
    if not cents.is_finite() or cents != int(cents):
        raise ValueError("not whole cents")
    return int(cents)


class Euros(Field):
    """An amount of money: typed in euros the Dutch way, held in cents; empty is None."""

    data: int | None

    def __init__(self, label: Any = None, validators: Any = None, *, least: int = 0, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.least = least

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0]).replace("\x00", "")
        if self.data is None:
            return ""
        euros, cents = divmod(self.data, 100)
        return f"{euros:,}".replace(",", ".") + (f",{cents:02d}" if cents else "")

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Turn the text into cents; ValueError becomes the message at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            cents = parse_euros(valuelist[0].strip()[:40])
        except ValueError:
            raise ValueError(str(_l("Schrijf een bedrag in euro's, bijvoorbeeld 1.500 of 1.500,50."))) from None
        if not self.least <= cents <= MOST_CENTS:
            raise ValueError(str(_l("Dit bedrag kan niet. Kijk of er een nul te veel of te weinig staat.")))
        self.data = cents


class Moment(Field):
    """A date with a time in Amsterdam, to the minute; held in UTC, empty is None."""

    data: datetime | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0]).replace("\x00", "")
        return self.data.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what a datetime-local input sends; ValueError becomes the message at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            local = datetime.fromisoformat(valuelist[0].strip()[:16]).replace(tzinfo=AMSTERDAM)
        except ValueError:
            raise ValueError(str(_l("Schrijf een dag en tijd, bijvoorbeeld 2026-11-30 12:00."))) from None
        if not 2000 <= local.year <= 2100:
            raise ValueError(str(_l("Kies een jaar tussen 2000 en 2100.")))
        self.data = local.astimezone(UTC)
        if self.data.astimezone(AMSTERDAM).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.data = None
            raise ValueError(str(_l("Die nacht gaat de klok een uur vooruit. Kies een ander uur.")))


def refuse(message: str) -> None:
    """Stop a field's validation with a message."""
    raise ValidationError(message)
