"""A pytest plugin that notes which branches each process takes: `-p tests.measuring` with BRANCHES naming a folder.

The folder holds marked code (`marking.py`). Passing a branch sets a byte; tracing every line doubled the time of tests.
"""

import json
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

FOLDER = Path(os.environ["BRANCHES"])
TAKEN = "__branches_taken__"  # as marked code calls it

taken: dict[str, bytearray] = {}
"""By the path of a module, a byte for each branch: 1 when it was taken."""


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if (FOLDER / fullname).exists() else None
        if found is not None and isinstance(found.loader, SourceFileLoader):
            found.loader = _Loader(found.loader.name, found.loader.path)
        return found


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        code: CodeType
        code, path, branches = marshal.loads((FOLDER / module.__name__).read_bytes())
        vars(module)[TAKEN] = taken.setdefault(path, bytearray(branches))
        exec(code, vars(module))


sys.meta_path.insert(0, _Finder())


def pytest_unconfigure() -> None:
    """Leave the numbers of the branches that this process took in a file of its own."""
    numbers = {path: [number for number, byte in enumerate(bytes_) if byte] for path, bytes_ in taken.items()}
    (FOLDER / f"{os.getpid()}.json").write_text(json.dumps(numbers), encoding="utf-8")
