"""How verify.py finds the modules that it holds: instead of files it has their sources, which follow below."""

from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

SOURCES: dict[str, str] = {}
REPLACED: dict[str, str] = {}
Compiling = Callable[[str, str], CodeType]


def compiled(source: str, name: str) -> CodeType:
    """Return the code of a module."""
    return compile(source, f"verify.py: {name}", "exec")


class Embedded(MetaPathFinder, Loader):
    """Finds these modules and no others; `compiling` and `names` are what an older Python needs."""

    def __init__(self, compiling: Compiling, names: dict[str, object]) -> None:
        self.compiling, self.names = compiling, names

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return where a module is: here, or None."""
        if REPLACED.get(fullname, fullname) not in SOURCES:
            return None
        spec = ModuleSpec(fullname, self, origin="verify.py")
        if any(other.startswith(f"{fullname}.") for other in (*SOURCES, *REPLACED)):
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the source of a module."""
        name = REPLACED.get(module.__name__, module.__name__)
        module.__dict__.update(self.names)
        exec(self.compiling(SOURCES[name], name), module.__dict__)  # noqa: S102 - it is a part of this very file
