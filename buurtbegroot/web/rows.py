"""Rows of small forms that can grow, and what forms with them share."""

from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import FieldList, FormField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its published types

from buurtbegroot.web.fields import Form


def options(pairs: Iterable[tuple[str, object]]) -> list[SelectChoice]:
    """Return (value, text) pairs as what select and radio fields offer."""
    return [SelectChoice(value, text) for value, text in pairs]


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


def add_error(field: Any, message: object) -> None:
    """Put a message at a field after its own validation."""
    field.errors = [*field.errors, str(message)]
