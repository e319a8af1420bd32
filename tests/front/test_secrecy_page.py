"""The page "Hoe geheim en hoe eerlijk is mijn stem?": each promise has tests that exist, each limit is told."""

import ast
from functools import cache
from pathlib import Path

import pytest

from buurtbegroot.pages.promises import LIMITS, PROMISES
from tests.pages import Browser

ROOT = Path(__file__).parents[2]
TOLD = {
    "A server that is taken over while people vote": "Een ingebroken server",
    "Whoever has the database *and* the files": "Wie de database én de sleutels heeft",
    "Buying votes, pressure at home, letters handed over": "Druk, omkoping en weggegeven brieven",
    "Malicious software on the voter's own device": "Een virus op uw apparaat",
    "Very small rounds, and choices that only one": "Heel weinig stemmen",
    "What the network provider sees": "Uw internetverbinding",
    "Who votes with an account trusts the server": "Codes via een account",
    "The removal of a ballot on the day": "Een stem die op de dag zelf verdwijnt",
    "An issuer who votes with codes that were not used": "Wie de codes maakt",
    "Whoever holds your code sees that it was used": "Wie uw stemcode heeft",
    "Copies of keys that nobody knows of": "Sleutels die kwijt zijn",
    "Sealed rows in old copies of the database": "Oude kopieën van de stembus",
    "Ballots that were cast between a backup": "Een reservekopie die wordt teruggezet",
}
"""How each item of "Not protected" in docs/voting-protocol.md begins, and how the page calls it."""
BESIDE = {"Wie uw ontvangstbewijs heeft", "Wie de lijst van de brieven bewaarde"}
"""What the page tells apart, of a receipt under "Receipt" and of the printer's list under the issuer."""


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("test", [test for each in (*PROMISES, *LIMITS) for test in each.tests])
def test_each_promise_has_tests_that_exist(test: str) -> None:
    path, name = test.split("::")
    assert name in functions(path)


def test_only_limits_that_promise_nothing_have_no_test() -> None:
    assert {str(each.title) for each in LIMITS if not each.tests} == {
        "Wie uw ontvangstbewijs heeft",
        "Druk, omkoping en weggegeven brieven",
        "Een ingebroken server, tijdens het stemmen",
        "Codes via een account",
        "Een virus op uw apparaat, of een nagemaakte site",
        "Heel weinig stemmen, of een keuze die alleen u maakt",
        "Uw internetverbinding",
    }


def test_the_page_tells_all_promises_with_a_link_that_works(browser: Browser) -> None:
    page = browser.get("pages.secrecy")
    assert all(str(each.title) in page.text and str(each.text) in page.text for each in PROMISES)
    anchors = {each.get("id") for each in page.tree.iter() if each.get("id")}
    links = [link.get("href") or "" for link in page.find(".//main//a")]
    assert len(links) > len(PROMISES)
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors
        else:
            assert browser.client.get(link, headers=browser.headers).status_code == 200, link


def test_the_page_tells_all_that_is_not_protected(browser: Browser) -> None:
    protocol = (ROOT / "docs" / "voting-protocol.md").read_text(encoding="utf-8")
    items = protocol.split("\n## Not protected\n")[1].split("\n- ")[1:]
    assert [[begin for begin in TOLD if item.startswith(begin)] for item in items] == [[each] for each in TOLD]
    titles = [str(each.title) for each in LIMITS]
    assert all(any(title.startswith(begin) for title in titles) for begin in TOLD.values())
    assert {title for title in titles if not title.startswith(tuple(TOLD.values()))} == BESIDE
    page = browser.get("pages.secrecy")
    assert all(str(each.title) in page.text and str(each.text) in page.text for each in LIMITS)
    assert "ziet na de telling wie stemde. Nooit wat." in page.text
