"""What the fields of a form hold: as a browser sends it, and in words; for forms with rows and with forms inside."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectField, SelectMultipleField

from buurtbegroot.texts import eur, long_datetime
from buurtbegroot.web.fields import Euros, Moment
from buurtbegroot.web.versions.merging import Row, Values

TICK = "y"
UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError, OverflowError)
"""What reading values raises that somebody tampered with."""


def values_of(fields: Iterable[Any], *, without: Iterable[str] = ()) -> Values:
    """Return what a browser sends of these fields, by name; of rows only those in which anything is filled in.

    A row of which only a hidden field says what it is about has nothing filled in.
    """
    found: Values = {}
    for field in fields:
        if field.short_name in without:
            continue
        if isinstance(field, FieldList):
            rows = [_row(entry) for entry in field.entries]
            found[field.name] = [values for values, is_empty in rows if not is_empty]
        elif isinstance(field, FormField):
            found |= values_of(field.form)
        else:
            found[field.name] = sent(field)
    return found


def sent(field: Any) -> list[str]:
    """Return what a browser sends of a field, in the way in which the house writes it."""
    if isinstance(field, BooleanField):
        return [TICK] if field.data else []
    if isinstance(field, SelectMultipleField):
        return sorted(map(str, field.data or ()))
    if isinstance(field, RadioField):
        return [str(field.data)] if field.data else []
    if isinstance(field, SelectField):
        return [str(field.data or "")]
    if isinstance(field, Moment) and field.hour:
        return [_text(field), field.hour]
    return [_text(field)]


def flat(values: Values) -> MultiDict[str, str]:
    """Return values as the fields of a form that was sent."""
    found = MultiDict[str, str]()
    for name, value in values.items():
        for place, item in enumerate(value):
            if isinstance(item, dict):
                for part, texts in item.items():
                    found.setlist(f"{name}-{place}-{part}", texts)
            else:
                found.add(name, str(item))
    return found


def as_json(values: Any) -> str:
    """Return values as a hidden field carries them."""
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


def checked(values: Any) -> Values:
    """Return what a hidden field carried, once it is known to be values; raises one of UNREADABLE."""
    return {_checked_text(name): [_checked_item(item) for item in value] for name, value in values.items()}


def _checked_item(item: Any) -> Any:
    if isinstance(item, dict):
        return {_checked_text(name): [_checked_text(text) for text in texts] for name, texts in item.items()}
    return _checked_text(item)


def _checked_text(text: Any) -> str:
    """Return a text as a browser can send it: half a surrogate, which JSON can spell, is no text."""
    return str(text).encode().decode().replace("\0", "")


def fitting(values: Values, fields: Iterable[Any]) -> Values:
    """Return those of the values that are of one of the fields and have its shape: rows, or else text."""
    has_rows = dict(_shapes(fields))
    return {
        name: value
        for name, value in values.items()
        if name in has_rows and all(isinstance(item, dict) is has_rows[name] for item in value)
    }


def _shapes(fields: Iterable[Any]) -> Iterator[tuple[str, bool]]:
    for field in fields:
        if isinstance(field, FormField):  # its form is there once it was filled, and this may be asked before
            inside = field.form_class(formdata=None, prefix=f"{field.name}{field.separator}")
            yield from _shapes(inside)
        else:
            yield field.name, isinstance(field, FieldList)


def field_called(fields: Iterable[Any], name: str) -> tuple[Any, str]:
    """Return a field by its whole name, and its label with that of the form around it; raise KeyError without one."""
    for field in fields:
        if field.name == name:
            return field, str(field.label.text)
        if isinstance(field, FormField) and name.startswith(f"{field.name}-"):
            inside, label = field_called(field.form, name)
            return inside, f"{field.label.text}: {label}" if str(field.label.text) else label
    raise KeyError(name)


def said(field: Any) -> list[str]:
    """Return in words what a field holds: a line for each row and each choice, none where nothing is filled in."""
    if isinstance(field, FieldList):
        return [_in_one_line(entry.form) for entry in field.entries]
    if isinstance(field, BooleanField):
        return [_("Ja") if field.data else _("Nee")]
    if isinstance(field, SelectField | SelectMultipleField):
        chosen = set(sent(field)) - {""}
        names = {str(value): str(label) for value, label, *_more in field.iter_choices()}
        return [names.get(value, value) for value in sorted(chosen, key=[*names, *chosen].index)]
    text = _said(field)
    return [text] if text else []


def _said(field: Any) -> str:
    if isinstance(field, HiddenField) and field.short_name != "key":
        return ""
    if isinstance(field.data, datetime):
        hour = field.hour if isinstance(field, Moment) else None
        return f"{long_datetime(field.data)}: {Moment.HOURS[hour]}" if hour else long_datetime(field.data)
    if isinstance(field, Euros) and field.data is not None:
        return eur(field.data)
    return _text(field)


def _in_one_line(leaves: Iterable[Any]) -> str:
    """Return a row in words: what it is about, then the rest with its labels."""
    filled = [(leaf, ", ".join(said(leaf))) for leaf in leaves if not isinstance(leaf, BooleanField) or leaf.data]
    told = [(str(leaf.label.text), text) for leaf, text in filled if text]
    return " · ".join([text for _label, text in told[:1]] + [f"{label}: {text}" for label, text in told[1:]])


def _row(entry: Any) -> tuple[Row, bool]:
    leaves = list(entry.form)
    values = {leaf.short_name: sent(leaf) for leaf in leaves}
    seen = [leaf for leaf in leaves if not isinstance(leaf, HiddenField)]
    return values, all(not "".join(values[leaf.short_name]) or leaf.data == leaf.default for leaf in seen)


def _text(field: Any) -> str:
    """Return the text of a field; typed in another way than the house writes it, it is still the same."""
    if field.process_errors:
        return str(field.raw_data[0]) if field.raw_data else ""
    raw, field.raw_data = field.raw_data, None
    try:
        return str(field._value()).replace("\r\n", "\n").strip()
    finally:
        field.raw_data = raw
