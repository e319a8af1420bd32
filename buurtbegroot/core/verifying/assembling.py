"""verify.py: one file, made of the very sources that count and check here, that runs on Python alone."""

import ast
import sys
from collections.abc import Iterator
from pkgutil import get_data

COMMAND = "buurtbegroot.core.verifying.command"
PLAIN = "buurtbegroot.core.verifying.plain"
REPLACED = {
    "buurtbegroot.core.pabulib": PLAIN,
    "buurtbegroot.core.signatures": f"{PLAIN}.signatures",
    "buurtbegroot.core.tally.paths": f"{PLAIN}.paths",
    "numpy": f"{PLAIN}.arrays",
    "numpy.typing": f"{PLAIN}.arrays",
}
"""Which module stands there for which other: those that need a library, and a package that offers more than is used."""

HEAD = '''#!/usr/bin/env python3
"""Controleert een stemming thuis: python3 verify.py BUNDEL.zip --key SLEUTEL-VAN-UW-BRIEF

Checks a vote at home, offline: python3 verify.py --en BUNDLE.zip --key KEY-ON-YOUR-LETTER

Needs Python 3.9 or later and nothing else. This file is made of the sources of buurtbegroot (EUPL-1.2), unchanged, one
after the other, each under its name. {modules}
"""

from __future__ import annotations
'''
LOADING = (f"{PLAIN}.older", f"{PLAIN}.loader")
TAIL = f"""

def install() -> None:
    REPLACED.update({{
{"".join(f"        {name!r}: {other!r},{chr(10)}" for name, other in REPLACED.items())}    }})
    older = sys.version_info < (3, 11)
    finder = Embedded(older_compiled, older_names()) if older else Embedded(compiled, {{}})
    sys.meta_path.insert(0, finder)


if __name__ == "__main__":
    install()
    from {COMMAND} import main

    sys.exit(main(sys.argv[1:]))
"""


def verify_py() -> str:
    """Return verify.py. Raises ValueError when what it needs is neither ours nor a part of Python."""
    names = sorted(needed())
    parts = [HEAD.format(modules=f"{len(names)} modules.")]
    parts += [f"\n# ── {name} ──\n{source_of(name)}" for name in LOADING]
    parts += [_embedded(name) for name in names]
    return "".join(parts) + TAIL


def needed() -> set[str]:
    """Return the names of the modules that the command is made of, packages among them."""
    found, waiting = set[str](), [COMMAND]
    while waiting:
        name = waiting.pop()
        parents = name.split(".")
        waiting += [parent for end in range(1, len(parents)) if (parent := _ours(".".join(parents[:end]))) not in found]
        if name not in found:
            found.add(name)
            waiting += [_ours(other) for other in imported(name)]
    return {name for name in found if name}


def imported(name: str) -> Iterator[str]:
    """Yield what a module of ours imports when it runs; what only types ask for is left out."""
    tree = ast.parse(source_of(name)) if name else ast.Module([], [])
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (other for alias in node.names if _is_module(other := f"{module}.{alias.name}"))


def source_of(name: str) -> str:
    """Return the source of a module of ours; raises OSError when there is none."""
    package, *path = name.split(".")
    try:
        found = get_data(package, f"{'/'.join(path)}.py") if path else None
    except OSError:
        found = None
    return (found or get_data(package, "/".join([*path, "__init__.py"])) or b"").decode()


def _ours(name: str) -> str:
    """Return what is embedded for a name; nothing for a part of Python."""
    name = REPLACED.get(name, name)
    if name.partition(".")[0] == "buurtbegroot":
        return name
    if name.partition(".")[0] not in sys.stdlib_module_names:
        raise ValueError(f"verify.py cannot hold {name}")
    return ""


def _is_module(name: str) -> bool:
    if not name.startswith("buurtbegroot."):
        return False
    try:
        source_of(name)
    except OSError:
        return False
    return True


def _embedded(name: str) -> str:
    source = source_of(name)
    if "'''" in source:
        raise ValueError(f"{name} has three quotes in a row")
    return f"\n# ── {name} ──\nSOURCES[{name!r}] = r'''\n{source}'''\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(verify_py().encode())
