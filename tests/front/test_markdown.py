"""The text of a plan: what Markdown is kept, and that nothing typed becomes live HTML."""

import pytest

from buurtbegroot.web.markdown import readable_lines, render_markdown, render_remark


def test_keeps_paragraphs_lists_and_emphasis() -> None:
    html = render_markdown("Een **hek**.\n\n- tegels\n- bank")
    assert "<p>Een <strong>hek</strong>.</p>" in html
    assert html.count("<li>") == 2


def test_headings_fit_under_those_of_the_page() -> None:
    html = render_markdown("# Groot\n\n###### Klein")
    assert html.count("<h3>") == 2
    assert "<h1" not in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![foto](https://example.org/x.png)",
        "[klik](javascript:alert(1))",
        "[klik](data:text/html,<script>)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_typed_becomes_live(text: str) -> None:
    html = render_markdown(text).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_links_are_not_followed_by_search_engines() -> None:
    assert 'rel="nofollow ugc noopener"' in render_markdown("[site](https://example.org)")


def test_deep_nesting_ends_soon() -> None:
    assert render_markdown("> " * 5_000)
    assert render_markdown("[" * 5_000 + "*" * 5_000)


@pytest.mark.parametrize("text", ["&#8238;om", "&#x202e;om", "&ZeroWidthSpace;", "&#8203;", "&nbsp;", "&lt;"])
def test_an_entity_stays_the_signs_that_were_typed(text: str) -> None:
    typed = text.replace("&", "&amp;")
    assert render_markdown(text) == render_remark(text) == f"<p>{typed}</p>\n"
    assert [*readable_lines(text)] == [("text", text)]


def test_a_link_without_words_shows_its_address() -> None:
    assert ">https://x.nl/a</a>" in render_markdown("[](https://x.nl/a)")
    assert [*readable_lines("Zie [](https://x.nl/a).")] == [("text", "Zie https://x.nl/a.")]
