"""Form fields of the house: euros as cents, moments in Amsterdam's time, text that is trimmed; no forms."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import FieldList, FormField, StringField, TextAreaField
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from buurtbegroot import texts, typed
from buurtbegroot.timezone import AMSTERDAM
from buurtbegroot.web.clock import now

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


def sent(name: str) -> str:
    """Return what was sent under a name, or else typed before for this page; for fields that are in no `Form`."""
    found: str = (request.form if request.method == "POST" else g.get(TYPED, {})).get(name, "")
    return found


def once_tag() -> Markup:
    """Return the hidden field that is the same each time a page's form is sent, and on no other page."""
    token = g.get(ONCE) or sent(ONCE) or secrets.token_urlsafe(16)
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
        """Return (field id, message) for each error, in the order of the page; a message says of which field it is."""
        return list(_problems(self, ""))


def _problems(fields: Iterable[Any], place: str) -> Iterator[tuple[str, str]]:
    """Give the errors of fields and of those in their rows; `place` says which row it is."""
    for field in fields:
        if isinstance(field, FieldList):
            for number, entry in enumerate(field.entries, start=1):
                row = _("Regel %(number)s", number=number)
                yield from _problems(entry.form if isinstance(entry, FormField) else [entry], row)
        if isinstance(field, FormField):
            yield from _problems(field.form, str(field.label.text))
        else:
            own = (error for error in field.errors if not isinstance(error, dict | list | tuple))
            yield from ((field.id, _named(field, place, error)) for error in own)


def _named(field: Any, place: str, error: object) -> str:
    """Put the name of its field before a message."""
    name = ", ".join(filter(None, (place, str(field.label.text))))
    return f"{name}{'' if name.endswith('?') else ':'} {error}"


class Unread(Field):
    """A field that reads something else than text: about what it could not read it says one thing, and no more."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  (WTForms gives it)
        """Pass over the validators when nothing was read."""
        if self.process_errors:
            raise StopValidation


class Text(StringField):
    """One line of text, of what can be seen."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Clean what was typed."""
        self.data = typed.one_line(valuelist[0]) if valuelist else ""


class LongText(TextAreaField):
    """More lines of text, of what can be seen, with line ends as \\n."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Clean what was typed and make the line ends equal."""
        self.data = typed.more_lines(valuelist[0]) if valuelist else ""


def as_typed(field: Field) -> str:
    """Return what was typed in a field that reads something else than text, to show it again."""
    return typed.one_line(str(field.raw_data[0]))  # type: ignore[index]  # only asked for when something was sent


class Euros(Unread):
    """An amount of money: typed in euros as the reader's language writes them, held in cents; empty is None."""

    data: int | None

    def __init__(self, label: Any = None, validators: Any = None, *, least: int = 0, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.least = least

    def _value(self) -> str:
        if self.raw_data:
            return as_typed(self)
        return "" if self.data is None else texts.euros(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Turn the text into cents; ValueError becomes the message at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            cents = typed.cents(valuelist[0], texts.marks())
        except ValueError:
            raise ValueError(str(_l("Schrijf een bedrag in euro's, bijvoorbeeld 1.500 of 1.500,50."))) from None
        if not self.least <= cents <= MOST_CENTS:
            raise ValueError(str(_l("Dit bedrag kan niet. Kijk of er een nul te veel of te weinig staat.")))
        self.data = cents


class Moment(Unread):
    """A date with a time in Amsterdam, to the minute; held in UTC, empty is None.

    One hour a year comes twice: then a second value of the same name says which of the two.
    """

    data: datetime | None
    HOURS = {"zomertijd": _l("De eerste keer (zomertijd)"), "wintertijd": _l("De tweede keer (wintertijd)")}  # noqa: RUF012

    def _value(self) -> str:
        if self.raw_data:
            return as_typed(self)
        return self.data.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    @property
    def hour(self) -> str | None:
        """Which of two hours it is, by its name in HOURS; empty where that is to be asked, None for other hours."""
        if self.data:
            local = self.data.astimezone(AMSTERDAM)
            return list(self.HOURS)[local.fold] if len(_readings(local.replace(tzinfo=None))) > 1 else None
        return "" if self.is_asked else None

    is_asked = False

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what a datetime-local input sends; ValueError becomes the message at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        readings = _readings(_local(valuelist[0].strip()))
        if not readings:
            raise ValueError(str(_l("Die nacht gaat de klok een uur vooruit. Kies een ander uur.")))
        hour = valuelist[1] if len(valuelist) > 1 else ""
        if len(readings) > 1 and hour not in self.HOURS:
            self.is_asked = True
            raise ValueError(
                str(_l("Dit uur komt die nacht twee keer, want de klok gaat terug. Kies welke u bedoelt."))
            )
        found = readings[list(self.HOURS).index(hour) if len(readings) > 1 else 0]
        before = self.object_data.replace(second=0, microsecond=0) if self.object_data else None
        if found != before and found.astimezone(AMSTERDAM).year < now().astimezone(AMSTERDAM).year:
            raise ValueError(str(_l("Dit jaar is al voorbij. Kies een later jaar.")))
        self.data = found


def _local(text: str) -> datetime:
    """Read a day and time as the clock shows it; raises ValueError with what is wrong."""
    try:
        local = datetime.fromisoformat(text[:16])
    except ValueError:
        raise ValueError(str(_l("Schrijf een dag en tijd, bijvoorbeeld 2026-11-30 12:00."))) from None
    if len(text) < 16:
        raise ValueError(str(_l("Schrijf ook de tijd, bijvoorbeeld 2026-11-30 12:00.")))
    if not 2000 <= local.year <= 2100:
        raise ValueError(str(_l("Kies een jaar tussen 2000 en 2100.")))
    return local.replace(tzinfo=None)


def _readings(local: datetime) -> list[datetime]:
    """Return the moments at which clocks show this: none, one, or two where the hour comes back."""
    both = [local.replace(tzinfo=AMSTERDAM, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [moment for moment in both if moment.astimezone(AMSTERDAM).replace(tzinfo=None, fold=0) == local]
    return sorted(set(shown))


def refuse(message: str) -> None:
    """Stop a field's validation with a message."""
    raise ValidationError(message)
