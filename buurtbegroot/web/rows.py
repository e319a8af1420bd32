"""Rows of small forms that can grow, and what forms with them share."""

from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import FieldList
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its published types


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


def add_error(field: Any, message: object) -> None:
    """Put a message at a field after its own validation."""
    field.errors = [*field.errors, str(message)]
