"""The text of a plan as safe HTML: a small part of Markdown, no HTML, no pictures; knows no plans."""

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

HEADING = "h3"  # the page has the h1, and an h2 above the text
ALLOWED = ("https://", "http://", "mailto:")


@lru_cache(maxsize=256)
def render_markdown(text: str) -> Markup:
    """Return paragraphs, lists, quotes, emphasis, headings and links; anything else stays the text that it was."""
    return Markup(_parser.render(text))  # noqa: S704 - the parser escapes all HTML


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.disable(["image", "html_block", "html_inline", "code", "fence", "lheading", "hr", "reference"])
    parser.validateLink = lambda url: url.lower().startswith(ALLOWED)  # type: ignore[method-assign]
    parser.core.ruler.push("tidy", _tidy)
    return parser


def _tidy(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = HEADING
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("rel", "nofollow ugc noopener")


_parser = _make_parser()
