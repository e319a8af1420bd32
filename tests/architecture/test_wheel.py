"""A wheel in an otherwise empty environment migrates a database and serves a styled page."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from buurtbegroot.app import create_app
from buurtbegroot.core.tally import shares_kernel
from buurtbegroot.core.verifying.assembling import verify_py
from buurtbegroot.frontend import hatch_hook

ROOT = Path(__file__).parents[2]
SERVE = """
from buurtbegroot import paths
from buurtbegroot.app import create_app
from buurtbegroot.core.tally import shares_kernel
assert "empty" in str(paths.PACKAGE) and paths.HOME == paths.PACKAGE, paths.HOME
client = create_app().test_client()
page = client.get("/", headers={"Accept-Language": "en"})
style = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
print(page.status_code, client.get(style).status_code, 'lang="en"' in page.text, client.get("/klaar").status_code)
print(shares_kernel.available())
"""


@pytest.mark.slow
def test_wheel_migrates_and_serves(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("buurtbegroot-*.whl")
    home = tmp_path / "empty"
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    # Its dependencies come from this environment by path: no network is needed and no editable install is seen.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    install = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "-q", "--no-deps"]
    subprocess.run([*install, "--no-index", str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "BUURTBEGROOT_INSTANCE": str(tmp_path / "instance")}
    subprocess.run([home / "bin" / "buurtbegroot", "db", "upgrade"], check=True, cwd=tmp_path, env=environment)
    served = subprocess.run(
        [home / "bin" / "python", "-c", SERVE],
        check=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    with_compiler = shutil.which("cc") is not None
    assert served.stdout.split() == ["200", "200", "True", "200", str(with_compiler)]
    with zipfile.ZipFile(wheel) as held:
        assert held.read(hatch_hook.VERIFIER).decode() == verify_py()
    assert wheel.name.endswith("-py3-none-any.whl") is not with_compiler


@pytest.mark.parametrize(("available", "said"), [(False, 1), (True, 0)])
def test_an_app_without_the_counting_kernel_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, *, available: bool, said: int
) -> None:
    monkeypatch.setattr(shares_kernel, "available", lambda: available)
    create_app({"INSTANCE": str(tmp_path)})
    assert caplog.text.count("NumPy counts equal shares") == said


def test_what_a_server_installs_is_checked_by_its_hash_as_by_the_two_commands() -> None:
    makefile, operations, readme = (ROOT / name for name in ("Makefile", "docs/operations.md", "README.md"))
    locked = "--require-hashes -r .ci/runtime.txt"
    assert all(locked in path.read_text(encoding="utf-8") for path in (makefile, operations, readme))
    installs = [line for line in operations.read_text(encoding="utf-8").splitlines() if " install " in line]
    bare = [line for line in installs if line.startswith("    ") and not {locked, "--no-deps"} & {*_options(line)}]
    assert bare == []


def test_cookies_travel_under_tls_only_unless_a_demo_says_so() -> None:
    said = [line for line in (ROOT / "config.py").read_text(encoding="utf-8").splitlines() if "COOKIE_SECURE" in line]
    assert [line.split("#")[0].strip() for line in said] == ["SESSION_COOKIE_SECURE: Switch = True"]


def _options(line: str) -> list[str]:
    return [option for option in ("--require-hashes -r .ci/runtime.txt", "--no-deps") if option in line]
