"""Whoever changes words that can be hidden lets a moderator look again: every action of every room, read as code."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.ext.hybrid import hybrid_property

import buurtbegroot
from buurtbegroot.database import Model
from buurtbegroot.house import ROOMS
from buurtbegroot.moderation.models import Hideable

LOOKS = "look_again"
NEEDS_NONE = {
    "proposals.actions.start_proposal": "makes it, so nobody judged it",
    "proposals.actions.erase_maker": "takes a name away, and puts no words in its place",
}
"""Which actions change words and end nothing, each with its reason."""
Functions = dict[str, ast.FunctionDef]


def words_of(kind: type) -> set[str]:
    """Return the names by which the words of a kind are written."""
    mine = {name for name, each in vars(kind).items() if isinstance(each, hybrid_property) and each.fset}
    stored = {name for name in vars(kind) if name.startswith("stored_")}
    return mine | stored


def hideables() -> list[type]:
    return [each.class_ for each in Model.registry.mappers if issubclass(each.class_, Hideable)]


def actions() -> Iterator[tuple[str, ast.Module]]:
    root = Path(buurtbegroot.__file__).parent
    for path in sorted({*root.glob("*/actions.py"), *root.glob("*/actions/*.py")}):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def changes(function: ast.FunctionDef, words: set[str]) -> bool:
    """Tell whether a function writes words itself: as an attribute, by name, or in a statement."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in words:
            return True
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "setattr" or (called == "values" and words & {each.arg for each in node.keywords}):
                return True
    return False


def reached(function: ast.FunctionDef, known: Functions, seen: set[str]) -> set[str]:
    """Return the names of all functions that a function calls, also by way of others of these modules."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in seen:
            seen.add(node.func.id)
            if node.func.id in known:
                reached(known[node.func.id], known, seen)
    return seen


def forgetful(modules: list[tuple[str, ast.Module]], words: set[str]) -> dict[str, bool]:
    """Return the actions in these modules that change words, each with whether it lets nobody look again."""
    named = [(name, each) for name, tree in modules for each in tree.body if isinstance(each, ast.FunctionDef)]
    known: Functions = {each.name: each for _name, each in named}
    found = {}
    for name, each in named:
        called = reached(each, known, {each.name})
        does = any(changes(known[other], words) for other in called if other in known)
        if does and not each.name.startswith("_"):
            found[f"{name}.{each.name}"] = LOOKS not in called
    return found


def test_every_act_that_changes_words_lets_a_moderator_look_again() -> None:
    for room in ROOMS:
        importlib.import_module(f"buurtbegroot.{room.name}")
    of_rooms: dict[str, set[str]] = {}
    for kind in hideables():
        of_rooms.setdefault(kind.__module__.split(".")[1], set()).update(words_of(kind))
    assert of_rooms.keys() == {each.find.__module__.split(".")[1] for room in ROOMS for each in room.moderated}
    found: dict[str, bool] = {}
    for room_name, words in of_rooms.items():
        found |= forgetful([each for each in actions() if each[0].split(".")[0] == room_name], words)
    assert len(found) > len(NEEDS_NONE), "the code is read"
    assert {name for name, forgets in found.items() if forgets} == {*NEEDS_NONE}


def test_who_forgets_is_found() -> None:
    code = "def act(thing):\n    _do(thing)\n\ndef _do(thing):\n    {does}\n    {looks}\n"
    for does in ("thing.body = ''", "setattr(thing, 'body', '')", "update(X).values(stored_body='')"):
        for looks in ("pass", "look_again(thing)"):
            tree = ast.parse(code.format(does=does, looks=looks))
            assert forgetful([("x.actions", tree)], {"body", "stored_body"}) == {"x.actions.act": looks == "pass"}
    assert forgetful([("x.actions", ast.parse("def act(thing):\n    thing.size = 1"))], {"body"}) == {}
