"""Templates import nothing that they do not use, and every form field has a limit."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import nodes
from wtforms import Field, FieldList, HiddenField, StringField
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


LOOKED_UP = {"CapRow.key", "CaseForm.zaak", "LimitsRow.key", "MinimumRow.key", "ThemeRow.theme_id"}
"""Fields that hold a key, which is looked for among those that there are; what is sent goes nowhere."""


def declared() -> Iterator[tuple[str, UnboundField]]:  # type: ignore[type-arg]
    """Yield every field that a form of the house declares, whatever it takes to make one."""
    list(form_classes())
    pending: list[type[PlainForm]] = [PlainForm]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        own = vars(kind).items() if kind.__module__.startswith("buurtbegroot.") else ()
        yield from ((f"{kind.__name__}.{name}", each) for name, each in own if isinstance(each, UnboundField))


def test_every_text_field_has_a_limit(app: Flask) -> None:
    with app.test_request_context():
        endless = {name for name, field in declared() if _is_text(field.field_class) and not _is_limited(field)}
    assert endless == LOOKED_UP


def test_every_typed_field_is_cleaned() -> None:
    """A field of text is one of the house, which leaves nothing in that cannot be seen; a hidden one holds a key."""
    assert [name for name, field in declared() if not _cleans(field.field_class)] == []


def _cleans(field: type[Field]) -> bool:
    return not issubclass(field, StringField) or issubclass(field, Text | LongText | Count | Percentage | HiddenField)


def _is_text(field: type[Field]) -> bool:
    return issubclass(field, StringField) and not issubclass(field, FieldList)


def _is_limited(field: UnboundField) -> bool:  # type: ignore[type-arg]
    """Tell whether a field has a limit, also one that its class brings along."""
    made = field.bind(PlainForm(), "x")
    return any(isinstance(check, Length | AnyOf) for check in made.validators) or hasattr(made, "max_length")
