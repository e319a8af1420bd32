"""Brings translations/ up to date with the texts in code and templates, and tells what still lacks a translation.

Run `make catalogs` after changing a text: new texts come in empty, vanished ones go, Dutch fills itself.
"""

import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCE = "nl"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
COMMENT_TAG = ("TRANSLATORS:",)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """Return every text that the code and the templates show to people."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in settings]
    found = Catalog(project="buurtbegroot", charset="utf-8")
    options = {"templates/**": {"trimmed": "true", "silent": "false"}}
    for name, _line, message, comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=COMMENT_TAG
    ):
        if "node_modules" not in name and not name.startswith(".venv"):
            found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def paths() -> dict[str, Path]:
    """Return the catalog of each language."""
    return {path.parts[-3]: path for path in sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))}


def load(path: Path, language: str) -> Catalog:
    """Read one catalog."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Yield the texts without a translation, or with a doubtful one."""
    for message in catalog:
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(strings)):
            yield message


def update(language: str, texts: Catalog) -> Catalog:
    """Return the language's catalog with exactly the texts that exist now."""
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    catalog = load(path, language) if path.exists() else Catalog(locale=language, project="buurtbegroot")
    texts = deepcopy(texts)  # a catalog keeps the new messages themselves: one language must not fill in another's
    catalog.update(texts, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date = EPOCH  # no churn: the history is in git
    if language == SOURCE:
        for message in untranslated(catalog):
            message.string = message.id
            message.flags.discard("fuzzy")  # set when a text that had one form gets a plural
    catalog.header_comment = f"# Texts of the interface in {Locale(language).get_display_name('en')}."
    catalog.fuzzy = False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=True, no_location=True, omit_header=False)
    return catalog


def main() -> int:
    """Update every catalog; return 1 when a translation is missing."""
    texts = extracted()
    missing = {language: list(untranslated(update(language, texts))) for language in {SOURCE, *paths()}}
    for language, messages in sorted(missing.items()):
        print(f"{language}: {len(texts)} texts, {len(messages)} without translation")
        for message in messages:
            print(f"  {message.id}")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main())
