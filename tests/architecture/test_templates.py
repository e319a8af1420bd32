"""Templates import nothing that they do not use, and every form field has a limit."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import nodes
from wtforms import Field, FieldList, FormField, HiddenField, StringField
from wtforms import Form as PlainForm
from wtforms.fields.core import UnboundField
from wtforms.validators import AnyOf, Length

import buurtbegroot
from buurtbegroot.paths import TEMPLATES
from buurtbegroot.web.fields import Form, LongText, Text
from buurtbegroot.web.numbers import Count, Percentage

NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", NAMES)
def test_no_unused_import(app: Flask, name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    tree = app.jinja_env.parse(source)
    imported = {
        each if isinstance(each, str) else each[1] for found in tree.find_all(nodes.FromImport) for each in found.names
    } | {found.target for found in tree.find_all(nodes.Import)}
    used = {found.name for found in tree.find_all(nodes.Name)}
    assert imported - used == set()


def form_classes() -> Iterator[type[Form]]:
    for module in pkgutil.walk_packages(buurtbegroot.__path__, "buurtbegroot."):
        if module.name.endswith("forms"):
            importlib.import_module(module.name)
    pending = [Form]
    while pending:
        found = pending.pop()
        pending += found.__subclasses__()
        yield found


def test_every_text_field_has_a_limit(app: Flask) -> None:
    endless = []
    for kind in form_classes():
        with app.test_request_context():
            try:
                form = kind()
            except TypeError:  # made with more than fields: its own tests open it
                continue
            endless += [f"{kind.__name__}.{field.name}" for field in _texts(form) if not _is_limited(field)]
    assert endless == []


def test_every_typed_field_is_cleaned() -> None:
    """A field of text is one of the house, which leaves nothing in that cannot be seen; a hidden one holds a key."""
    list(form_classes())
    bare, pending = [], [PlainForm]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__.startswith("buurtbegroot."):
            fields = {name: each.field_class for name, each in vars(kind).items() if isinstance(each, UnboundField)}
            bare += [f"{kind.__name__}.{name}" for name, field in fields.items() if not _cleans(field)]
    assert bare == []


def _cleans(field: type[Field]) -> bool:
    return not issubclass(field, StringField) or issubclass(field, Text | LongText | Count | Percentage | HiddenField)


def _texts(form: object) -> Iterator[StringField]:
    for field in form:  # type: ignore[attr-defined]
        if isinstance(field, FormField):
            yield from _texts(field.form)
        elif isinstance(field, StringField) and not isinstance(field, FieldList):
            yield field


def _is_limited(field: StringField) -> bool:
    return any(isinstance(check, Length | AnyOf) for check in field.validators) or hasattr(field, "max_length")
