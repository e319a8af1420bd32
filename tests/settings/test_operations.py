"""What docs/operations.md says to write on a server is taken literally: settings are read, units checked by systemd."""

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask

from buurtbegroot.cli import main
from buurtbegroot.settings import read_settings, settings_class

DOCS = Path(__file__).parents[2] / "docs"
PARTS = (DOCS / "operations.md").read_text(encoding="utf-8").split("```ini\n")
FILES = {re.findall(r"`(/etc/[^`]+)`", before)[-1]: after.partition("```")[0] for before, after in pairwise(PARTS)}
UNITS = sorted(name for name in FILES if name.startswith("/etc/systemd/"))
COMMANDS = re.findall(r"^ExecStart=(\S+) (.+)$", "\n".join(FILES[name] for name in UNITS), flags=re.MULTILINE)


def test_the_settings_of_a_server_are_settings() -> None:
    lines = FILES["/etc/buurtbegroot.env"].splitlines()
    given = dict(line.split("=", 1) for line in lines)
    found = read_settings({}, given)
    assert len(given) == len(lines) > 10
    defaults = {name: field.default for name, field in settings_class().model_fields.items()}
    assert {name for name, value in found.items() if value != defaults[name]} == {
        name.removeprefix("BUURTBEGROOT_") for name in given
    }, "each says something else than what holds without it"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine to check its units")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    command = tmp_path / "buurtbegroot"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for name in UNITS:
        text = FILES[name].replace("/opt/buurtbegroot/bin/buurtbegroot", str(command))
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    units = [str(tmp_path / Path(name).name) for name in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "buurtbegroot" in line]
    assert (len(units), ours) == (3, [])


def test_the_first_commands_are_there_and_come_after_the_settings(app: Flask) -> None:
    install = (DOCS / "operations.md").read_text(encoding="utf-8").split("## ")[1]
    told = [part for part in re.split(r"\n    | && ", install) if re.match(r"buurtbegroot (?!\()", part)]
    commands = [part.splitlines()[0].split()[1:] for part in told]
    assert [" ".join(words[:2]) for words in commands] == ["db upgrade", "areas load", "akkoord load", "accounts grant"]
    assert install.index("/etc/buurtbegroot.env") < install.index("buurtbegroot db upgrade")
    folder = read_settings({}, dict(line.split("=", 1) for line in FILES["/etc/buurtbegroot.env"].splitlines()))
    made = re.findall(r"mkdir -m 700 (\S+)", install)
    assert {str(Path(folder[name]).parent) for name in ("INSTANCE", "KEY_DIRECTORY")} == set(made)
    for words in commands:
        shown = app.test_cli_runner().invoke(main, [*words[:2], "--help"])
        assert (shown.exit_code, shown.exception) == (0, None), shown.output


def test_the_commands_of_the_units_are_there(app: Flask) -> None:
    assert [arguments for _program, arguments in COMMANDS] == ["audit verify", "fsck", "serve --processes 2"]
    for _program, arguments in COMMANDS:
        told = app.test_cli_runner().invoke(main, [*arguments.split(), "--help"])
        assert (told.exit_code, told.exception) == (0, None), told.output
