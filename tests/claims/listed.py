"""The claims of docs/claims.md, and under which of them each promising sentence of pages and docs is listed."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.claims.sentences import LIST, ROOT

NO_PROMISE = {
    "control": "says what the button, link or field beside it does, or asks people to do something",
    "state": "says how something is at this moment, read from what is stored",
    "refusal": "says why something cannot be done, or who can; refusals have tests of their own",
    "label": "a heading, a name, a cell or a term in which the word promises nothing",
    "limit": "tells what is not protected or may go wrong",
    "work": "in docs: how to work with the code or the server, not what either does for people",
    "reason": "in docs: why something was chosen, or how other software is",
    "measured": "in docs: a figure, with the command beside it that measures it again",
}
"""Why a sentence with a promising word promises nothing."""
BY_PEOPLE = "Promised by people"
CLAIM = re.compile(r"- \*\*(?P<key>[a-z-]+)\*\* (?P<said>.+)(?P<tests>(?:\n  `[^`\n]+`)*)")
AWAY = {"skip", "skipif", "xfail"}


class Claim(NamedTuple):
    """What the product claims, under which heading, and the tests that show it."""

    group: str
    said: str
    tests: tuple[str, ...]


@cache
def claims() -> Mapping[str, Claim]:
    """Return the claims of docs/claims.md by their keys, in the order of the page."""
    return read_claims((ROOT / LIST).read_text(encoding="utf-8"))


def read_claims(page: str) -> Mapping[str, Claim]:
    """Return the claims of such a page; raises ValueError for an item that is none, or a key that occurs twice."""
    found: dict[str, Claim] = {}
    for part in page.split("\n## ")[1:]:
        group, _newline, items = part.partition("\n")
        for item in re.split(r"^- ", items, flags=re.MULTILINE)[1:]:
            match = CLAIM.fullmatch(f"- {item.strip()}")
            if match is None or match["key"] in found:
                raise ValueError(
                    f"{LIST}: write `- **key** Sentence.` with an indented `test` on each line, not: {item}"
                )
            found[match["key"]] = Claim(group, match["said"], tuple(re.findall(r"`([^`]+)`", match["tests"])))
    return found


def faults_of_tests(tests: tuple[str, ...], *, root: Path = ROOT) -> Iterator[str]:
    """Yield what is wrong with the tests of a claim: a file or a test that is gone, or one that is marked away."""
    for test in tests:
        path, _colons, name = test.partition("::")
        if not (root / path).is_file():
            yield f"{test}: there is no such file"
        elif name not in (found := _tests_in(root / path)):
            yield f"{test}: there is no such test in that file"
        elif found[name]:
            yield f"{test}: is marked {', '.join(sorted(found[name]))}, so it shows nothing"


@cache
def _tests_in(path: Path) -> Mapping[str, frozenset[str]]:
    """Return the tests of a file by what pytest calls them, each with the marks that keep it from running."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    whole = frozenset[str]().union(*(_away(each) for each in tree.body if isinstance(each, ast.Assign)))
    return {name: whole | marks for name, marks in _tests_of(tree.body, "")}


def _tests_of(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    for each in body:
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
            yield f"{prefix}{each.name}", _marks(each.decorator_list) | _away_at_once(each)
        elif isinstance(each, ast.ClassDef) and each.name.startswith("Test"):
            marks = _marks(each.decorator_list)
            yield from ((name, marks | own) for name, own in _tests_of(each.body, f"{prefix}{each.name}::"))


def _marks(decorators: list[ast.expr]) -> frozenset[str]:
    """Return the marks that stand above a test; those within its parameters keep only some of them from running."""
    plain = (each.func if isinstance(each, ast.Call) else each for each in decorators)
    return frozenset(each.attr for each in plain if isinstance(each, ast.Attribute)) & AWAY


def _away_at_once(test: ast.FunctionDef) -> frozenset[str]:
    """Return how a test ends itself before anything else, as `pytest.skip()` does."""
    return frozenset().union(*(_away(each) for each in test.body[:2] if isinstance(each, ast.Expr)))


def _away(statement: ast.stmt) -> frozenset[str]:
    return frozenset(each.attr for each in ast.walk(statement) if isinstance(each, ast.Attribute)) & AWAY


def read_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each listed sentence with the heading that it stands under, as "[no-link]"."""
    heading = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            heading = line[1:-1]
        elif line and not line.startswith("#"):
            yield line, heading
