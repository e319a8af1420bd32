"""The frame around every page, and the choice of language and colours."""

import pytest

from tests.pages import Browser


def test_every_menu_place_opens(browser: Browser) -> None:
    for link in browser.get("pages.home").find(".//header//nav//a"):
        assert browser.get(link.get("href") or "").heading


@pytest.mark.parametrize("path", ["//example.org", "//example.org/rondes", "/\\example.org"])
def test_choosing_a_language_never_leads_away(browser: Browser, path: str) -> None:
    answer = browser.client.open(base_url="http://localhost", path=path, method="POST", data={"taal": "en"})
    assert answer.headers.get("Location", "/").startswith("/")
    assert not answer.headers.get("Location", "/").startswith(("//", "/\\"))


def test_a_choice_comes_back_to_the_same_page_of_a_list(browser: Browser) -> None:
    page = browser.post("/plannen?zoek=bank&pagina=2", {"taal": "en"})
    assert page.response.location == "/plannen?zoek=bank&pagina=2"


def test_an_unknown_language_changes_nothing(browser: Browser) -> None:
    page = browser.post("rounds.index", {"taal": "xx"})
    assert page.response.headers["Location"] == "/rondes"
    assert "Set-Cookie" not in page.response.headers


def test_a_chosen_language_and_scheme_hold(browser: Browser) -> None:
    browser.post("pages.home", {"taal": "en"})
    browser.post("pages.home", {"weergave": "donker"})
    html = browser.get("pages.home").tree
    assert html.get("lang") == "en"
    assert "bb-scheme-dark" in html.get("class", "")
