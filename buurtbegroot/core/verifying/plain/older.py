"""What verify.py adds to Python 3.9 and 3.10, which do not have all that its modules use."""

import __future__

import ast
import collections
import dataclasses
import datetime
import enum
import itertools
import operator
import sys
import types
import typing
from types import CodeType
from typing import Any


class _Unions(ast.NodeTransformer):
    """Makes `one | other` a call, as types have no such operator in Python 3.9."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Replace one operation, and those inside it."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.BitOr):
            return node
        return ast.Call(ast.Name("_either", ast.Load()), [node.left, node.right], [])


def older_compiled(source: str, name: str) -> CodeType:
    """Return the code of a module, its annotations left as text."""
    tree = ast.fix_missing_locations(_Unions().visit(ast.parse(source)))
    code: CodeType = compile(tree, f"verify.py: {name}", "exec", flags=__future__.annotations.compiler_flag)
    return code


def older_names() -> dict[str, object]:
    """Add what is lacking to the modules of Python; return what is to be known in each of ours."""
    vars(enum)["StrEnum"] = _StrEnum
    vars(datetime)["UTC"] = datetime.timezone.utc
    if sys.version_info[:2] == (3, 10):
        return {"_either": operator.or_}
    vars(types)["UnionType"] = typing.Union
    vars(typing)["get_type_hints"] = _type_hints
    vars(itertools)["pairwise"] = _pairwise
    vars(dataclasses)["dataclass"] = _dataclass
    vars(collections)["Counter"] = _Counter
    return {"_either": _either, "zip": _zip}


class _Counter(collections.Counter[Any]):
    def total(self) -> int:
        return sum(self.values())


class _StrEnum(str, enum.Enum):
    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(str(self.value), spec)


def _either(one: Any, other: Any) -> Any:
    """One or the other: of two types what `isinstance` understands, of values what they say."""
    kinds = [each if isinstance(each, tuple) else (each,) for each in (one, other)]
    if any(isinstance(each, type) for kind in kinds for each in kind):
        return (*kinds[0], *kinds[1])
    return operator.or_(one, other)


def _zip(*parts: Any, strict: bool = False) -> Any:
    if not strict:
        return zip(*parts)
    lists = [list(part) for part in parts]
    if len({len(one) for one in lists}) > 1:
        raise ValueError("zip() with parts of different lengths")
    return zip(*lists)


def _pairwise(items: Any) -> Any:
    one, other = itertools.tee(items)
    next(other, None)
    return zip(one, other)


_plain_dataclass = dataclasses.dataclass


def _dataclass(cls: Any = None, *, slots: bool = False, kw_only: bool = False, **options: Any) -> Any:
    """Make a dataclass without slots; fields with defaults go last if all are given by name."""
    if cls is None:
        return lambda one: _dataclass(one, kw_only=kw_only, **options)
    own = vars(cls).get("__annotations__", {})
    if kw_only:
        cls.__annotations__ = {name: own[name] for name in sorted(own, key=lambda name: name in vars(cls))}
    return _plain_dataclass(cls, **options)


def _type_hints(kind: type) -> dict[str, Any]:
    """Read the annotations of a class, `one | other` among them."""
    known = {**vars(sys.modules[kind.__module__]), "_either": lambda one, other: typing.Union[one, other]}
    found = {}
    for name, text in kind.__annotations__.items():
        tree = ast.fix_missing_locations(_Unions().visit(ast.parse(text, mode="eval")))
        found[name] = eval(compile(tree, name, "eval"), known)  # noqa: S307 - an annotation of our own
    return found
