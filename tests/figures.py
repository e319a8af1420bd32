"""The figures of the house, counted in its sources: `python -m tests.figures [FOLDER ...]`, a column a checkout.

Nothing of a checkout is run. Branches covered and types of tests are told by the steps "tests on SQLite" and "mypy".
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
LAYERS = {
    "room", "views", "organiser_views", "commands", "tasks", "asking", "forms", "words", "actions", "dual_acts",
    "queries", "policy", "models", "triggers", "domain", "events", "__init__",
}  # fmt: skip
NO_ROOMS = {"core", "web", "frontend", "demo", "counting"}
ASKING = {
    "require",
    "begin_change",
    "request_act",
    "confirm_act",
    "withdraw_request",
}  # the others begin with the first
Sources = dict[Path, str]


def sources(folder: Path) -> Sources:
    """Return the modules of a checkout by their place in the package."""
    package = folder / "buurtbegroot"
    found = (path for path in sorted(package.rglob("*.py")) if "node_modules" not in path.parts)
    return {path.relative_to(package): path.read_text(encoding="utf-8") for path in found}


def in_rooms(found: Sources) -> Sources:
    """Leave out what stands beside the rooms."""
    return {path: text for path, text in found.items() if len(path.parts) > 1 and path.parts[0] not in NO_ROOMS}


def nodes(found: Sources, kind: type[ast.AST]) -> Iterator[ast.AST]:
    """Yield all nodes of a kind."""
    return (node for text in found.values() for node in ast.walk(ast.parse(text)) if isinstance(node, kind))


def acts_that_ask_nobody(found: Sources) -> int:
    """Count public functions that write to the log or stand among the actions, and ask no policy."""
    total = 0
    for path, text in in_rooms(found).items():
        tree = ast.parse(text)
        records = "import record" in text or re.search(r"audit\.actions import .*\brecord\b", text)
        if path.parts[0] in {"audit", "dual_control", "work"} or not (records or "actions" in str(path)):
            continue
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_") and function.args.args:
                total += function.args.args[0].arg == "session" and not _called(function) & ASKING
    return total


def _called(function: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {called.id for called in calls if isinstance(called, ast.Name)}


def pages(found: Sources) -> Sources:
    """Return the modules of pages."""
    wanted = ("views", "_pages", "desk", "asking")
    return {path: text for path, text in in_rooms(found).items() if any(word in str(path) for word in wanted)}


def exceptions_with_a_fault(found: Sources) -> int:
    """Count exceptions that carry a fault of their own."""
    return len(re.findall(r"self\.fault = fault", "\n".join(found.values())))


def outside_the_names(found: Sources) -> int:
    """Count modules of rooms that the second law gives no place."""
    names = [path.parts[1].removesuffix(".py") for path in in_rooms(found)]
    return sum(name not in LAYERS for name in names)


def said(pattern: str) -> Callable[[Sources], int]:
    """Return what counts the modules in which something is said."""
    return lambda found: sum(bool(re.search(pattern, text, re.MULTILINE)) for text in found.values())


def lists_of_rooms(found: Sources) -> int:
    """Count modules outside a room that name it and would name the next one too."""
    named = re.compile(r"buurtbegroot\.akkoord|\bakkoord(_organiser)?\b\"")
    outside = (text for path, text in found.items() if len(path.parts) == 1 or path.parts[0] in {"pages", "audit"})
    return sum(bool(named.search(text)) for text in outside)


def modules_of(room: str) -> Callable[[Sources], int]:
    """Return what counts the modules of a room."""
    return lambda found: sum(path.parts[0] == room and text.count("\n") > 2 for path, text in found.items())


FIGURES: dict[str, Callable[[Sources], int]] = {
    "acts that ask nobody whether they may": acts_that_ask_nobody,
    "exceptions with a fault of their own": exceptions_with_a_fault,
    "excepts in pages": lambda found: sum(1 for _ in nodes(pages(found), ast.ExceptHandler)),
    "rollbacks by hand in pages": lambda found: sum(text.count(".rollback()") for text in pages(found).values()),
    "tables in which one asks and another confirms": said(r"requested_by_id: Mapped"),
    "tables with a version": said(r"version_id_col|\(Versioned|, Versioned"),
    "modules of rooms outside the named layers": outside_the_names,
    "modules that name each room": lists_of_rooms,
    "modules in accounts": modules_of("accounts"),
    "modules in rounds": modules_of("rounds"),
    "modules in rules": modules_of("rules"),
    "modules that write files for the owner only": said(r"O_EXCL|mode=0o600"),
    "modules that name a download": said(r"attachment; filename"),
    "modules that spell a trigger": said(r"CREATE TRIGGER"),
    "modules that name the time zone": said(r"ZoneInfo\(|BABEL_DEFAULT_TIMEZONE"),
    "modules that name a text of a plan": said(r"\bhelp_wanted\b"),
    "processes started from a request": said(r"subprocess\.Popen\(  # noqa: S603 - our own program"),
}


def main() -> None:
    """Print the figures of each checkout that is named, or of this one."""
    checkouts = [sources(Path(name)) for name in sys.argv[1:]] or [sources(HERE)]
    for name, figure in FIGURES.items():
        print(f"{name:<50}" + "".join(f"{figure(found):>8}" for found in checkouts))


if __name__ == "__main__":
    main()
