"""Words that can be hidden are read past their hiding by a few, each for a reason."""

import re
from pathlib import Path

import buurtbegroot

STORED = r"\bstored_(title|summary|body|place|scene|help_wanted|author_name|what|source|taken_words|content|\{)"
READ_STORED = {
    "proposals/models/__init__.py": "names them, and gives all to whoever moderates",
    "proposals/models/changes.py": "names them, and tells two versions apart",
    "discussion/models/__init__.py": "names them, and gives all to whoever moderates",
    "discussion/actions/__init__.py": "keeps what the writer typed before, when that changes",
    "discussion/forms.py": "the form of the writer",
    "discussion/queries/__init__.py": "the data of the writer",
    "proposals/queries/__init__.py": "gives their maker what was typed, and a vote what it commits to",
    "proposals/queries/own.py": "gives their maker what was typed",
}
TYPED = {
    "proposals/queries/__init__.py": "says what the maker typed",
    "proposals/queries/own.py": "the data of the maker",
    "proposals/forms.py": "the form of the maker",
    "proposals/actions.py": "keeps what was typed as a version",
    "proposals/models/changes.py": "says what the maker typed",
    "booth/actions/opening.py": "the manifest commits to what was typed, so that it can be shown again",
}


def files_with(pattern: str) -> set[str]:
    root = Path(buurtbegroot.__file__).parent
    named = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    return {name for name, text in named.items() if re.search(pattern, text)}


def test_nobody_else_reads_what_is_stored() -> None:
    assert files_with(STORED) == {*READ_STORED}
    assert files_with(r"\btyped_(texts|line|content)\b") == {*TYPED}
    readers = {
        "discussion/models/__init__.py",
        "moderation/actions/__init__.py",
        "moderation/models.py",
        "moderation/asking.py",
        "proposals/models/__init__.py",
    }
    assert files_with(r"\bhidden_words\b") == readers
    templates = Path(buurtbegroot.__file__).parents[1] / "templates"
    found = {path.name for path in templates.rglob("*.*") if re.search(rf"{STORED}|hidden_words", path.read_text())}
    assert found == {"_moderated.html", "delete.html"}
