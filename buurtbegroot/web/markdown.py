"""What people wrote as safe HTML: a small part of Markdown, no HTML, no pictures; knows no plans."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

HEADING = "h3"  # the page has the h1, and an h2 above the text
KINDS = {
    f"{block}_{end}": kind
    for block, kind in (("heading", "heading"), ("list_item", "item"), ("blockquote", "quote"))
    for end in ("open", "close")
}
ALLOWED = ("https://", "http://", "mailto:")


@lru_cache(maxsize=256)
def render_markdown(text: str) -> Markup:
    """Return paragraphs, lists, quotes, emphasis, headings and links; anything else stays the text that it was."""
    return Markup(_parser.render(text))  # noqa: S704 - the parser escapes all HTML


@lru_cache(maxsize=1_000)
def render_remark(text: str) -> Markup:
    """Return the same without headings, for a text among others that has no place in the outline of a page."""
    return Markup(_without_headings.render(text))  # noqa: S704 - the parser escapes all HTML


def readable_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines that a reader of the HTML sees, without its signs: what each is, and its words.

    A line is a `heading`, an `item` of a list, a line of a `quote` or plain `text`; the address of a link stands behind
    its words.
    """
    inside: list[str] = []
    for token in _parser.parse(text):
        if token.type in KINDS and token.nesting:
            inside = [*inside, KINDS[token.type]] if token.nesting > 0 else inside[:-1]
        if token.type == "inline":
            kind = inside[-1] if inside else "text"
            yield from ((kind, line) for line in map(str.strip, _words(token.children or ()).split("\n")) if line)


def plain_words(text: str) -> str:
    """Return the words that a reader of the HTML sees, on one line: for a quote that is cut off."""
    return " ".join(words for _kind, words in readable_lines(text))


def _words(parts: Iterable[Token]) -> str:
    told, address = "", ""
    for part in parts:
        if part.type in {"softbreak", "hardbreak"}:
            told += "\n"
        elif part.type == "link_open":
            address = str(part.attrGet("href"))
        elif part.type == "link_close":
            told += "" if told.endswith(address) else f" ({address})"
        else:
            told += part.content
    return told


def _make_parser(*without: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.disable(["image", "html_block", "html_inline", "code", "fence", "lheading", "hr", "reference", *without])
    parser.disable("entity")  # "&#8238;" is no way around what the fields leave out of a text
    parser.validateLink = lambda url: url.lower().startswith(ALLOWED)  # type: ignore[method-assign]
    parser.core.ruler.push("tidy", _tidy)
    return parser


def _tidy(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = HEADING
        token.children = [*_tidy_parts(token.children)] if token.children else token.children


def _tidy_parts(parts: Sequence[Token]) -> Iterator[Token]:
    """Yield what stands in a line; a link without words gets those of its address."""
    for part, following in zip_longest(parts, parts[1:]):
        yield part
        if part.type == "link_open":
            part.attrSet("rel", "nofollow ugc noopener")
            if following.type == "link_close":
                yield Token("text", "", 0, content=str(part.attrGet("href")))


_parser, _without_headings = _make_parser(), _make_parser("heading")
