"""The hatch build hook: makes catalogs, front end, verify.py and counting kernel for a wheel, sdist or editable one."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = "buurtbegroot/core/tally/kernel.so"
VERIFIER = "buurtbegroot/static/dist/verify.py.txt"
ASSEMBLE = [sys.executable, "-m", "buurtbegroot.core.verifying.assembling"]


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """What hatch calls; the name is hatch's."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the files that are shipped but not committed; raise when a catalog or the bundle is broken.

        A wheel with the compiled kernel is for this platform, one without it for all.
        """
        root = Path(self.root)
        for source in root.glob("translations/*/LC_MESSAGES/*.po"):
            compile_catalog(source)
        subprocess.run([sys.executable, str(root / "buurtbegroot/frontend/build.py")], check=True)
        assemble_verifier(root, root / VERIFIER)
        if self.target_name == "wheel" and compile_kernel(root / KERNEL):
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data |= {"pure_python": False, "tag": f"py3-none-{platform}"}
            build_data["artifacts"].append(f"/{KERNEL}")


def compile_catalog(source: Path) -> None:
    """Write the .mo beside a .po, leaving out fuzzy entries."""
    with source.open("rb") as lines:
        catalog = read_po(lines, locale=source.parent.parent.name)
    with source.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalog)


def assemble_verifier(root: Path, target: Path) -> None:
    """Write verify.py, which is made of the sources of the core and needs nothing that is installed."""
    made = subprocess.run(ASSEMBLE, cwd=root, check=True, capture_output=True)
    target.write_bytes(made.stdout)


def compile_kernel(kernel: Path) -> bool:
    """Compile the kernel from the .c beside it, if a C compiler is here; tell whether it is there now.

    It has to run wherever the wheel may go, so there is no -march=native; its arithmetic is to be what the source says,
    so no operations are fused.
    """
    kernel.unlink(missing_ok=True)
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        print("No C compiler: equal shares are counted by NumPy, exactly but slower.")
        return False
    options = ["-std=c99", "-O3", "-ffp-contract=off", "-shared", "-fPIC"]
    made = subprocess.run([compiler, *options, "-o", kernel, kernel.with_suffix(".c"), "-lm"], check=False)
    if made.returncode:
        print("The counting kernel didn't compile: equal shares are counted by NumPy, exactly but slower.")
    return made.returncode == 0
