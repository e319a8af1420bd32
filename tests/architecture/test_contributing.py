"""CONTRIBUTING.md tells no command that does not work: each is a step of the gate, or is tried here or beside this."""

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.run import STEPS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GATE = {Path(command[0]).name for command, _ in STEPS.values()}
ELSEWHERE = {"alembic", "buurtbegroot"}  # run on a scratch checkout by test_revisions.py


def commands() -> list[list[str]]:
    """Return the commands in the indented blocks, each as its words, without settings in front and remarks behind."""
    lines = [line.split("  #")[0].strip() for line in PAGE.splitlines() if line.startswith("    ")]
    found = [shlex.split(each) for line in lines for each in line.split(" && ")]
    return [words[1:] if "=" in words[0] else words for words in found]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_is_there_and_takes_its_arguments(words: list[str]) -> None:
    match words:
        case ["make", target]:
            subprocess.run(["make", "--dry-run", target], check=True, cwd=ROOT, capture_output=True)
        case ["python", "-m", "tests.run", step]:
            assert step in STEPS
        case ["python", "-m", module, *_rest]:
            assert importlib.util.find_spec(module)
        case ["pytest", *paths]:
            assert all((ROOT / path).exists() for path in paths)
        case ["source", activate]:
            assert activate == ".venv/bin/activate"
        case [program, *_rest]:
            assert program in GATE | ELSEWHERE


def test_the_page_has_no_dead_links() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / target).exists(), target
