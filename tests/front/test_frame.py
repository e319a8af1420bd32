"""The frame around every page, and the choice of language and colours."""

import pytest

from tests.pages import Browser


def test_every_menu_place_opens(browser: Browser) -> None:
    for link in browser.get("pages.home").find(".//header//nav//a"):
        assert browser.get(link.get("href") or "").heading


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:1"])
def test_choosing_a_language_never_leads_away(browser: Browser, target: str) -> None:
    page = browser.post("pages.choose_language", {"taal": "en", "terug": target})
    assert page.response.headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(browser: Browser) -> None:
    page = browser.post("pages.choose_language", {"taal": "xx", "terug": "/rondes"})
    assert page.response.headers["Location"] == "/rondes"
    assert "Set-Cookie" not in page.response.headers


def test_a_chosen_language_and_scheme_hold(browser: Browser) -> None:
    browser.post("pages.choose_language", {"taal": "en", "terug": "/"})
    browser.post("pages.choose_scheme", {"weergave": "donker", "terug": "/"})
    html = browser.get("pages.home").tree
    assert html.get("lang") == "en"
    assert "bb-scheme-dark" in html.get("class", "")
