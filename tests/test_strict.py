"""What makes a page invalid is found, whatever texts and values stand in it."""

import html5lib
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.pages import Browser, Page

BROKEN = (
    "<div><p>x</div></p>", "<table><p>x</p></table>", "<b><i>x</b></i>", '<a href="x" href="y">x</a>',
    "<p>&nosuch;</p>", "<p>a & b &# c</p>", "</section>", "<ul><li>x</ul></li>", '<input value="&amp">', "<p>x</p",
    "<form><form></form>", "<select><div>x</div></select>", '<p title="a"b="c">x</p>', "<svg><p>x</p></svg>",
)  # fmt: skip


def strictly(page: str) -> list[str]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(page)
    return [error[1] for error in parser.errors]


def read(response: TestResponse, html: str) -> Page:
    response.set_data(html)
    return Page(response)


@pytest.mark.parametrize("place", ["</main>", "</footer>"])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_page_is_read_as_strictly_by_its_shape_as_in_full(
    app: Flask, browser: Browser, broken: str, place: str
) -> None:
    response = browser.client.get("/hulp")
    whole = response.get_data(as_text=True)
    assert strictly(whole) == []
    damaged = whole.replace(place, f"{broken}{place}", 1)
    found = read(response, damaged).errors
    assert found
    assert list(found) == strictly(damaged)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_symbol_is_read_strictly_too(app: Flask, browser: Browser, broken: str) -> None:
    response = browser.client.get("/hulp")
    damaged = response.get_data(as_text=True).replace("</symbol>", f"{broken}</symbol>", 1)
    assert bool(read(response, damaged).errors) == bool(strictly(damaged))


def test_what_is_open_around_the_main_part_is_seen_in_it(app: Flask, browser: Browser) -> None:
    response = browser.client.get("/hulp")
    damaged = response.get_data(as_text=True).replace("<main", "<form><main", 1)
    damaged = damaged.replace("</main>", "<form></form></main></form>", 1)
    found = read(response, damaged).errors
    assert found
    assert list(found) == strictly(damaged)
