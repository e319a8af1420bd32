"""The bars of the house, measured: lengths, complexity of imports, who commits, who asks the time."""

import ast
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

PACKAGE = Path(__file__).parents[2] / "buurtbegroot"
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "frontend" not in path.parts]
EDGES = {"web/transaction.py", "demo/ballots.py"}  # a vote of the sample city is signed, which nothing can undo
CLOCKS = {"web/clock.py", "box/opener.py"}  # the opener goes by the clock of its own process
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions() -> Iterator[tuple[Path, Function]]:
    return ((path, node) for path in FILES for node in nodes(path) if isinstance(node, Function))


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[int(len(values) * share)]


def body_lines(function: Function) -> int:
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_function_lengths() -> None:
    lengths = [body_lines(function) for _, function in functions()]
    assert statistics.median(lengths) <= 8
    assert percentile(lengths, 0.95) <= 25
    assert [f"{path.name}:{function.name}" for path, function in functions() if body_lines(function) > 50] == []


def test_module_lengths() -> None:
    lengths = {str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert statistics.median(lengths.values()) <= 100
    assert percentile(list(lengths.values()), 0.95) <= 250
    assert {name for name, length in lengths.items() if length > 400} == set()


def test_at_most_three_positional_parameters() -> None:
    long = [
        f"{path.relative_to(PACKAGE)}:{function.name}"
        for path, function in functions()
        if len([a for a in function.args.posonlyargs + function.args.args if a.arg not in {"self", "cls"}]) > 3
    ]
    assert long == []


def test_no_imports_inside_functions() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_import_cycles() -> None:
    graph = grimp.build_graph("buurtbegroot", exclude_type_checking_imports=True, cache_dir=None)
    cyclic = [module for module in graph.modules if _reaches_itself(graph, module)]
    assert cyclic == []


def _reaches_itself(graph: grimp.ImportGraph, module: str) -> bool:
    return any(
        module == imported or graph.chain_exists(importer=imported, imported=module)
        for imported in graph.find_modules_directly_imported_by(module)
    )


def calls(name: str) -> set[str]:
    return {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    }


def test_only_the_edges_commit() -> None:
    own = ("commands.py", "delivery.py", "tasks.py", "worker.py")  # no request is around these
    inside = {name for name in calls("commit") - EDGES if not name.endswith(own)}
    assert inside == set()


def test_only_the_clock_asks_the_time() -> None:
    asking = {name for name in calls("now") | calls("utcnow") | calls("today") if not name.endswith("commands.py")}
    assert asking - CLOCKS == set()
