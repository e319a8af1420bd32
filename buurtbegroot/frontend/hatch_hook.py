"""The hatch build hook: compiles the catalogs and builds the front end before a wheel, sdist or editable install."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """What hatch calls; the name is hatch's."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the files that are shipped but not committed; raise when a catalog or the bundle is broken."""
        root = Path(self.root)
        for source in root.glob("translations/*/LC_MESSAGES/*.po"):
            compile_catalog(source)
        subprocess.run([sys.executable, str(root / "buurtbegroot/frontend/build.py")], check=True)


def compile_catalog(source: Path) -> None:
    """Write the .mo beside a .po, leaving out fuzzy entries."""
    with source.open("rb") as lines:
        catalog = read_po(lines, locale=source.parent.parent.name)
    with source.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalog)
