"""Every setting is in README's table and the other way round, says what it means, and is read by its right name."""

import re
import tokenize
from pathlib import Path

from flask import Flask

from buurtbegroot.settings import settings_class

ROOT = Path(__file__).parents[2]
CODE = {
    path: path.read_text(encoding="utf-8")
    for path in (ROOT / "buurtbegroot").rglob("*.py")
    if "node_modules" not in path.parts
}
SETTINGS = set(settings_class().model_fields)
OF_EXTENSIONS = ("SQLALCHEMY_",)


def test_readme_lists_exactly_the_settings() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Settings")[1].split("\n## ")[0]
    documented = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([A-Z_]{4,})`", row.split("|")[1:2][0] if "|" in row else "")
    }
    assert documented == SETTINGS


def test_every_setting_says_in_its_line_what_it_means() -> None:
    with (ROOT / "config.py").open("rb") as file:
        said = {token.line.split(":")[0].strip() for token in tokenize.tokenize(file.readline) if _follows_code(token)}
    assert SETTINGS - said == set()


def _follows_code(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.COMMENT and not token.line.lstrip().startswith("#")


def test_the_code_uses_every_setting_of_its_own() -> None:
    own = {name for name in SETTINGS - set(Flask.default_config) if not name.startswith(OF_EXTENSIONS)}
    code = "".join(CODE.values())
    assert {name for name in own if f'"{name}"' not in code} == set()


def test_the_code_reads_no_setting_that_is_not_there(app: Flask) -> None:
    read = {name for text in CODE.values() for name in re.findall(r"""onfig(?:\[|\.get\()["']([A-Z_]+)["']""", text)}
    assert len(read) > 20
    assert read - set(app.config) == set()
