"""Frozen dataclasses to plain JSON values and strictly back; which dataclasses is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from re import ASCII, fullmatch
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


ADDED = {"added": True}
"""Metadata of a field that came later than its dataclass: left out where it has its default, filled in with it.

So what was written before the field was there keeps its text, and with that its fingerprint.
"""


def to_plain(value: object) -> object:
    """Return a dataclass, and all that it holds, as dicts, lists, strings, ints, booleans and None.

    A fraction is written as `3/4`, a whole one as `3`.
    """
    if is_dataclass(value):
        return {
            one.name: to_plain(item) for one in fields(value) if not _is_left_out(one, item := getattr(value, one.name))
        }
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    return value.value if isinstance(value, StrEnum) else value


def from_plain(kind: type[Record], value: object, *, where: str = "") -> Record:
    """Return the dataclass `kind` that `to_plain` wrote as `value`.

    Fields may hold dataclasses, string enums, ints, strings, booleans, fractions, None, tuples of one
    kind and mappings from strings. Nothing is converted, and nothing filled in but `added` fields: a
    missing or unknown key or a value of another type raises ValueError, naming the field by its path, and so does
    one that the dataclass itself refuses.
    """
    if not isinstance(value, dict):
        raise _refusal(where, value, f"the fields of a {kind.__name__}")
    hints, known = _declared(cast(Any, kind))
    for name in sorted(map(str, value.keys() ^ known.keys())):
        if name in value or not _is_added(known[name]):
            fault = "unknown field" if name in value else "missing field"
            raise ValueError(f"{fault} {_join(where, name)}")
    found = {name: _read(hints[name], value[name], _join(where, name)) for name in known if name in value}
    try:
        return kind(**found)
    except ValueError as error:
        raise ValueError(_join(where, str(error))) from error


def check_types(record: Any) -> None:
    """Raise ValueError, which says what is allowed, for a field that does not hold what `from_plain` would read."""
    hints, known = _declared(cast(Any, type(record)))
    for name, one in known.items():
        value, hint = getattr(record, name), hints[name]
        kinds = get_args(hint) if get_origin(hint) is UnionType else (hint,)
        if value is not one.default and type(value) not in kinds:
            _read(hint, to_plain(value), name)


@cache
def _declared(kind: type[object]) -> tuple[dict[str, Any], dict[str, "Field[Any]"]]:
    """Return the types and the fields of a dataclass by name; reading the types takes longer than reading a record."""
    return get_type_hints(kind), {one.name: one for one in fields(cast(Any, kind))}


def _is_added(one: "Field[Any]") -> bool:
    return bool(one.metadata.get("added"))


def _is_left_out(one: "Field[Any]", item: object) -> bool:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return _is_added(one) and bool(item == default)


def _read(hint: Any, value: object, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return None if value is None else _read(arguments[0], value, where)
    if origin is tuple:
        return _read_items(arguments[0], value, where)
    if origin is Mapping:
        return _read_mapping(arguments[1], value, where)
    if is_dataclass(hint):
        return from_plain(cast(Any, hint), value, where=where)
    return _read_choice(hint, value, where) if issubclass(hint, StrEnum) else _read_scalar(hint, value, where)


def _read_items(hint: Any, value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _refusal(where, value, "a list")
    return tuple(_read(hint, item, f"{where}[{index}]") for index, item in enumerate(value))


def _read_mapping(hint: Any, value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(where, value, "an object")
    return {key: _read(hint, item, _join(where, key)) for key, item in value.items()}


def _read_choice(choices: type[StrEnum], value: object, where: str) -> StrEnum:
    try:
        return choices(value) if isinstance(value, str) else choices("")
    except ValueError as error:
        raise _refusal(where, value, "one of " + ", ".join(choices)) from error


def _read_scalar(hint: Any, value: object, where: str) -> object:
    if hint is Fraction:
        if isinstance(value, str) and fullmatch(r"-?\d+(/[1-9]\d*)?", value, ASCII):
            return Fraction(value)
        raise _refusal(where, value, "a fraction such as 3/4")
    # bool is a kind of int to Python, but not to a reader of rules.
    if type(value) is not hint:
        raise _refusal(where, value, hint.__name__)
    return value


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _refusal(where: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{where or 'the value'} is {value!r:.80}, expected {expected}")
