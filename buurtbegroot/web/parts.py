"""Parts of pages that look the same whenever they show the same: rendered once, then kept; no part is known here.

A part is a macro whose arguments are all that it shows, so a kept part is never out of date: other content is another
argument. Beside them it may read what stays the same in a process (settings, addresses) and the reader's language.

A part that tells what somebody chose is made each time: `kept=false`.

Parts are kept in ASCII, with references for other characters: one € makes Python take two bytes for each character of
a page, and many times as long to encode it.
"""

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Flask, g, request
from flask_babel import get_locale
from markupsafe import Markup

from buurtbegroot.web.symbols import collected, use

MOST_PARTS = 20_000  # tens of megabytes at worst; what was not asked for longest goes first


class Part(NamedTuple):
    """A rendered part and the symbols that it refers to."""

    html: Markup
    symbols: tuple[str, ...]


class Where(NamedTuple):
    """In which language and under which path of the server a page is made."""

    language: str
    root: str


def init_app(app: Flask) -> None:
    """Register the template globals `part` and `parts`, with a store of this app's own."""

    @lru_cache(maxsize=MOST_PARTS)
    def made(_where: Where, source: tuple[str, str], shown: tuple[Any, ...]) -> Part:
        template, macro = source
        module = app.jinja_env.get_template(template).module
        html, symbols = collected(lambda: getattr(module, macro)(*shown))
        return Part(Markup(html.encode("ascii", "xmlcharrefreplace").decode()), symbols)  # noqa: S704 - by the macro

    def part(template: str, macro: str, *shown: Hashable, kept: bool = True) -> Markup:
        make = made if kept else made.__wrapped__
        found = make(where(), (template, macro), shown)
        use(found.symbols)
        return found.html

    def parts(template: str, macro: str, rows: Iterable[Hashable], *shared: Hashable) -> Markup:
        here, source = where(), (template, macro)
        found = [made(here, source, (row, *shared)) for row in rows]
        use({name for each in found for name in each.symbols})
        return Markup("".join(each.html for each in found))  # noqa: S704 - parts of our own

    app.jinja_env.globals.update(part=part, parts=parts)


def where() -> Where:
    """Return for whom this request is answered; a page asks some thirty times."""
    found: Where | None = g.get("where")
    if found is None:
        found = g.where = Where(str(get_locale()), request.root_path)
    return found
