"""What the sources of the front end must and must not contain; no built file is needed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "buurtbegroot" / "frontend"
# Mail programs read no style sheet, so templates/mail is styled inline and is no page of the site.
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "mail")
STYLES = sorted((FRONTEND / "css").rglob("*.css"))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(")
# Inside a tag: a space, the attribute, an equals sign. Jinja's own `style=` arguments do not occur.
INLINE = re.compile(r"""\s(style|on[a-z]+)\s*=\s*["'{]""")


def _listed(name: str) -> set[str]:
    lines = (FRONTEND / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def _icons_named(source: str) -> Iterator[str]:
    """Yield the names in literal icon() calls and the literal icon arguments of macros."""
    yield from re.findall(r"""\bicon\(\s*["']([a-z0-9-]+)["']""", source)
    yield from re.findall(r"""\bicon_(?:name|after)=["']([a-z0-9-]+)["']""", source)
    yield from re.findall(r"""\bchip\([^()"']*(?:"[^"]*"|'[^']*')\s*,\s*["']([a-z0-9-]+)["']""", source)


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [path for path in STYLES if path.name != "theme.css"], ids=_relative)
def test_only_the_theme_holds_colours(path: Path) -> None:
    assert COLOUR.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_no_template_holds_a_colour_inline_style_or_inline_script(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert INLINE.findall(source) == []
    assert re.findall(r'(?:fill|stroke|color)="#', source) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_relative)
def test_every_icon_a_template_names_is_bundled(path: Path) -> None:
    assert set(_icons_named(path.read_text(encoding="utf-8"))) - _listed("icons.txt") == set()


def test_every_package_class_in_templates_keeps_its_rules() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    used = set(re.findall(r"\b(?:utrecht|nl)-[a-z][\w-]+", sources))
    assert used - _listed("classes.txt") == set()


def test_nothing_is_styled_or_bundled_that_no_page_can_show() -> None:
    code = sorted(path for path in (ROOT / "buurtbegroot").rglob("*.py") if "node_modules" not in path.parts)
    sources = "".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *code])
    begun = tuple(re.findall(r"""(bb-[\w-]+-)(?:\{|["'] ?~)""", sources))  # `bb-chip--{{ kind }}`
    styled = {name for path in STYLES for name in re.findall(r"\.(bb-[\w-]+)", path.read_text(encoding="utf-8"))}
    unused = styled - set(re.findall(r"[\w-]+", sources))
    assert [name for name in sorted(unused) if not name.startswith(begun)] == []
    assert _listed("icons.txt") - set(re.findall(r"""["']([a-z0-9-]+)["']""", sources)) == set()


def test_every_style_sheet_is_part_of_the_bundle() -> None:
    entry = (FRONTEND / "css" / "app.css").read_text(encoding="utf-8")
    own = {path.relative_to(FRONTEND / "css").as_posix() for path in STYLES} - {"app.css"}
    assert own == set(re.findall(r'@import "\./(.+)"', entry))


def test_the_lockfile_names_no_registry_and_pins_every_package() -> None:
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert "resolved" not in text
    assert all("integrity" in package for package in packages.values())
