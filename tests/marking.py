"""Code of which each branch says that it was taken: compiled once, before the tests, so that processes only load it."""

import ast
import marshal
from fnmatch import fnmatch
from pathlib import Path
from types import CodeType

from slipcover.branch import BRANCH_NAME, preinstrument

ROOT = Path(__file__).parents[1]
LEFT_OUT = [
    "buurtbegroot/demo/*",  # sample data
    "buurtbegroot/frontend/*",  # builds the front end
    "buurtbegroot/core/verifying/assembling.py",  # builds verify.py
    "buurtbegroot/core/verifying/plain/*",  # runs inside verify.py alone, in processes that its tests start
]
TAKEN = "__branches_taken__"  # among the names of a module: a byte for each branch

Branch = tuple[int, int]
"""From a line to a line, or to 0 where the function ends."""


def mark_all(folder: Path) -> dict[str, list[Branch]]:
    """Leave the marked code of each module in a folder, in a file of its name; return their branches by path."""
    found = {}
    for path in sorted((ROOT / "buurtbegroot").rglob("*.py")):
        inside = path.relative_to(ROOT)
        if not any(fnmatch(str(inside), pattern) for pattern in LEFT_OUT):
            code, branches = marked(path.read_text(encoding="utf-8"), path)
            name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
            (folder / name).write_bytes(marshal.dumps((code, str(inside), len(branches))))
            found[str(inside)] = branches
    return found


def marked(source: str, path: Path) -> tuple[CodeType, list[Branch]]:
    """Compile a source in which every branch sets its byte in TAKEN; return the branches in the order of the bytes."""
    tree = ast.parse(source)
    marks = _Marks({node.lineno for node in ast.walk(tree) if isinstance(node, ast.If) and _is_for_types(node)})
    return compile(marks.visit(preinstrument(tree)), str(path), "exec"), marks.branches


def _is_for_types(node: ast.If) -> bool:
    return ast.unparse(node.test) == "TYPE_CHECKING"


class _Marks(ast.NodeTransformer):
    """Puts a byte where SlipCover says that a branch begins.

    SlipCover itself would look for its marks in the compiled code, in every process anew, and time every line.
    """

    def __init__(self, left_out: set[int]) -> None:
        self.left_out = left_out
        self.branches: list[Branch] = []

    def visit_While(self, node: ast.While) -> ast.stmt:
        if isinstance(node.test, ast.Constant):  # of an endless loop there is no end to reach
            node.orelse = []
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if not (isinstance(node.targets[0], ast.Name) and node.targets[0].id == BRANCH_NAME):
            return node
        begin, end = ast.literal_eval(node.value)
        if begin in self.left_out:
            return ast.copy_location(ast.Pass(), node)
        self.branches.append((begin, end))
        (made,) = ast.parse(f"{TAKEN}[{len(self.branches) - 1}] = 1").body
        for each in ast.walk(made):
            ast.copy_location(each, node)
        return made
