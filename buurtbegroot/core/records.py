"""Frozen dataclasses to plain JSON values and strictly back; which dataclasses is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_plain(value: object) -> object:
    """Return a dataclass, and all that it holds, as dicts, lists, strings, ints, booleans and None."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def from_plain(kind: type[Record], value: object, *, where: str = "") -> Record:
    """Return the dataclass `kind` that `to_plain` wrote as `value`.

    Fields may hold dataclasses, string enums, ints, strings, booleans, None, tuples of one kind and
    mappings from strings. Nothing is converted or filled in: a missing or unknown key or a value of
    another type raises ValueError, naming the field by its path.
    """
    if not isinstance(value, dict):
        raise _refusal(where, value, f"the fields of a {kind.__name__}")
    hints = get_type_hints(kind)
    names = [field.name for field in fields(cast(Any, kind))]
    for name in sorted(map(str, value.keys() ^ set(names))):
        fault = "unknown field" if name in value else "missing field"
        raise ValueError(f"{fault} {_join(where, name)}")
    return kind(**{name: _read(hints[name], value[name], _join(where, name)) for name in names})


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
    if issubclass(hint, StrEnum):
        return _read_choice(hint, value, where)
    # bool is a kind of int to Python, but not to a reader of rules.
    if type(value) is not hint:
        raise _refusal(where, value, hint.__name__)
    return value


def _read_items(hint: Any, value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _refusal(where, value, "a list")
    return tuple(_read(hint, item, f"{where}[{index}]") for index, item in enumerate(value))


def _read_mapping(hint: Any, value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(where, value, "an object")
    return {key: _read(hint, item, _join(where, key)) for key, item in value.items()}


def _read_choice(choices: type[StrEnum], value: object, where: str) -> StrEnum:
    if not isinstance(value, str) or value not in set(choices):
        raise _refusal(where, value, "one of " + ", ".join(choices))
    return choices(value)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _refusal(where: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{where or 'the value'} is {value!r:.80}, expected {expected}")
