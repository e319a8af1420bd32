"""What helps whoever reads another language, calls by touching a number, or tells plans apart by their drawings."""

import pytest
from flask import Flask, get_template_attribute

from buurtbegroot.web.locale import NOT_YET
from tests.pages import Browser


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("tr-TR,tr;q=0.9", NOT_YET["tr"]),
        ("fy,de;q=0.5", NOT_YET["de"]),
        ("sw", NOT_YET["en"]),
        ("de,en;q=0.3", ""),
        ("nl-BE", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_whoever_reads_no_language_of_ours_is_told_so_in_theirs(browser: Browser, asked: str, said: str) -> None:
    browser.headers["Accept-Language"] = asked
    for endpoint in ("pages.home", "accounts.sign_in"):
        text = browser.get(endpoint).text
        assert [each for each in NOT_YET.values() if each in text] == ([said] if said else []), endpoint
    browser.client.set_cookie("taal", "nl")
    assert not any(each in browser.get("pages.home").text for each in NOT_YET.values()), "who chose is left alone"


def test_the_number_for_help_can_be_called(browser: Browser, app: Flask) -> None:
    number = app.config["CONTACT_PHONE"]
    for endpoint in ("pages.home", "pages.help_page"):
        links = browser.get(endpoint).find(".//a[@href]")
        called = {(link.get("href"), link.text) for link in links if (link.get("href") or "").startswith("tel:")}
        assert called == {(f"tel:{number.replace(' ', '')}", number)}


def test_no_two_plans_in_a_row_have_the_same_drawing(app: Flask) -> None:
    with app.test_request_context():
        illus = get_template_attribute("components/illus.html", "illus")
        assert len({illus("groen", seed) for seed in range(420)}) == 420
