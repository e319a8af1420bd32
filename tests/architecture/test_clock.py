"""Nothing but the standing of a round looks at the clock and its windows: pages and actions take all from there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from buurtbegroot.house import ROOMS as HOUSE
from buurtbegroot.paths import TEMPLATES

PACKAGE = Path(__file__).parents[2] / "buurtbegroot"
KNOW_NO_ROUND = {"accounts", "audit", "dual_control", "limits", "mail", "moderation", "waiting", "work"}
"""Rooms that come before that of rounds: what they compare with the clock are terms of their own."""
ROOMS = {each.name for each in HOUSE} - KNOW_NO_ROUND - {"demo"}
SOURCES = sorted(path for room in sorted(ROOMS) for path in (PACKAGE / room).rglob("*.py"))
CLOCK = {"now", "moment", "today"}
WINDOW = {"begins_at", "ends_at", "until", "begins", "ends"}
ALLOWED = {
    "discussion/queries/lists.py:_ended": "says on which day talking ended; whether it did, the standing says",
    "rounds/queries/__init__.py:box_takes_votes": "the same for the database, held to it by a test",
    "booth/asking/cookies.py:remembered_voter": "how long a code is remembered has nothing to do with a round",
    "booth/actions/casting.py:cast_ballot": "the trusted end of voting, whatever the database says",
    "box/domain/anchors.py:anchor_opening": "the trusted beginning of voting, whatever the database says",
    "box/actions/sealing.py:shut_box": "the trusted end of voting, whatever the database says",
    "box/domain/published.py:hold_bundle": "the time to check that the trusted manifest leaves",
    "tally/queries/__init__.py:final_from": "the time to check that the manifest leaves",
    "archive/actions.py:bring_in": "a past vote ended before its file is brought in",
    "exports/actions.py:forget_exports": "how long a file is kept has nothing to do with a round",
    "exports/queries.py:made_export": "the same",
    "support/queries.py:is_public": "whether plans go on, for the database, held to the standing by a test",
    "discussion/tasks.py:_due": "how often makers are mailed has nothing to do with a round",
    "notices/queries.py:_happened": "which makers to look at, for the database; a test holds what they read",
    "notices/queries.py:_ended": "the same",
    "box/opener.py:_shut": "a process without database goes by the trusted end of voting",
}


def compared(tree: ast.AST) -> set[str]:
    """Return the names of the functions in which something is compared with the clock or with a window."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {node.name: [each for each in ast.walk(node) if isinstance(each, ast.Compare)] for node in functions}
    return {name for name, compares in inside.items() if any(map(_orders_moments, compares))}


def _orders_moments(node: ast.Compare) -> bool:
    is_order = any(isinstance(each, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for each in node.ops)
    return is_order and any(map(_is_moment, (node.left, *node.comparators)))


def _is_moment(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _is_moment(node.func)
    if isinstance(node, ast.BinOp):
        return _is_moment(node.left) or _is_moment(node.right)
    if isinstance(node, ast.Attribute):
        return node.attr in WINDOW or _is_moment(node.value)
    return isinstance(node, ast.Name) and node.id in CLOCK


def test_only_the_standing_compares_with_the_clock() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{name}"
        for path in SOURCES
        for name in compared(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(ALLOWED)


def looks(tree: nodes.Template) -> Iterator[str]:
    """Yield where a template compares with the clock or a window, and where it asks for the phase."""
    for compare in tree.find_all(nodes.Compare):
        parts = [compare.expr, *(operand.expr for operand in compare.ops)]
        read = [each for part in parts for each in (part, *part.find_all((nodes.Name, nodes.Getattr)))]
        names = {each.name if isinstance(each, nodes.Name) else getattr(each, "attr", "") for each in read}
        is_order = any(operand.op in {"lt", "lteq", "gt", "gteq"} for operand in compare.ops)
        if is_order and names & (CLOCK | WINDOW):
            yield f"line {compare.lineno}: a moment is compared"
        if any(isinstance(each, nodes.Getattr) and each.attr == "phase" and each in parts for each in read):
            yield f"line {compare.lineno}: the phase is asked for"


IN_TEMPLATES = {
    "dual_control/_waiting.html": "until when two people can confirm an act",
    "booth/organiser/opening.html": "the record that is confirmed holds its own begin of the vote",
    "components/progress.html": "what is called now is the number of a step",
}
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*") if path.suffix in {".html", ".txt"})


@pytest.mark.parametrize("name", NAMES)
def test_no_template_looks_at_the_clock(app: Flask, name: str) -> None:
    found = list(looks(app.jinja_env.parse((TEMPLATES / name).read_text(encoding="utf-8"))))
    assert bool(found) == (name in IN_TEMPLATES), found
