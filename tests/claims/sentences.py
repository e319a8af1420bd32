"""Every sentence of the catalogs and of docs that promises something, by the words that promises are made of."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog

from tests.catalogs import load, paths

ROOT = Path(__file__).parents[2]
DUTCH = """
    alles altijd anoniem anonieme bewaar bewaarde bewaard bewaart bewaren binnen geheim geheime geheimen gewist iedereen
    kunnen kunt meteen nakijken narekenen nergens niemand niemands nooit openbaar openbare papier stempunt vooraf wissen
    wist
"""
ENGLISH = """
    always anonymous anonymously anybody anyone beforehand erase erased erases everybody everyone keep keeps kept never
    nobody nowhere public publicly secrecy secret secrets within
"""
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/**/*.md")
LIST = "docs/claims.md"


def _of_words(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)


IS_PROMISE, IS_PROMISE_IN_ENGLISH = _of_words(DUTCH), _of_words(ENGLISH)
END = re.compile(r"(?<=[.!?])\s+(?=\W*[A-Z0-9ÉÀ%])")
CODE = re.compile(r"^```(?s:.*?)^```|^    .*$", re.MULTILINE)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*] |\d+\. |\|))")
MARKS = re.compile(r"^\s*(?:[-*]|\d+\.)\s+|\*+|\]\([^)]*\)|\[")  # of lists, bold text and links


def split(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each on one line."""
    for sentence in END.split(" ".join(text.split())):
        if sentence:
            yield sentence


@cache
def of_catalogs() -> frozenset[str]:
    """Return the promising sentences that people read on pages and in mail.

    They are Dutch, the source. Of a text without any in Dutch those of its English count, which promises no more.
    """
    return frozenset(_promising(load(paths()["en"], "en")))


def _promising(catalog: Catalog) -> Iterator[str]:
    for message in catalog:
        dutch = [sentence for text in _texts(message.id) for sentence in split(text) if IS_PROMISE.search(sentence)]
        yield from dutch
        if not dutch:
            english = (sentence for text in _texts(message.string) for sentence in split(text))
            yield from filter(IS_PROMISE_IN_ENGLISH.search, english)


def _texts(text: object) -> Iterable[str]:
    return (text,) if isinstance(text, str) else text if isinstance(text, list | tuple) else ()


@cache
def of_docs() -> frozenset[str]:
    """Return the promising sentences of README.md, its neighbours and docs/, but for the list of claims itself."""
    return frozenset(sentence for path in files() for sentence in in_page(path.read_text(encoding="utf-8")))


def files() -> frozenset[Path]:
    """Return the pages of documentation, but for the list of claims itself."""
    return frozenset(path for pattern in PAGES for path in ROOT.glob(pattern)) - {ROOT / LIST}


def in_page(markdown: str) -> Iterator[str]:
    """Yield the promising sentences of a page; a heading, paragraph, item or cell ends one, and code has none."""
    for block in BLOCK.split(HEADING.sub(r"\n\n\1\n\n", CODE.sub("", markdown))):
        for cell in block.split("|") if block.lstrip().startswith("|") else [block]:
            yield from filter(IS_PROMISE_IN_ENGLISH.search, split(MARKS.sub("", cell)))
