"""Pages about the site, and the addresses that machines ask for."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from buurtbegroot.pages import views
from tests.pages import Browser


@pytest.mark.parametrize("endpoint", ["pages.help_page", "pages.accessibility", "pages.privacy"])
def test_a_page_about_the_site_opens_with_a_way_to_reach_us(browser: Browser, app: Flask, endpoint: str) -> None:
    assert app.config["CONTACT_EMAIL"] in browser.get(endpoint).text


def test_links_within_the_help_page_have_their_target(browser: Browser) -> None:
    page = browser.get("pages.help_page")
    ids = {element.get("id") for element in page.tree.iter()}
    assert {(link.get("href") or "").removeprefix("#") for link in page.find(".//main//nav//a")} <= ids


def test_privacy_names_what_is_not_protected(browser: Browser) -> None:
    assert browser.get("pages.privacy").find(".//*[@id='grenzen']")


def test_security_txt_has_what_its_standard_asks(browser: Browser) -> None:
    answer = browser.raw("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    assert "Contact: mailto:" in answer.text
    assert "Expires: 2027-05-20T11:00:00Z" in answer.text


def test_robots_stay_out_of_the_booth(browser: Browser) -> None:
    assert "Disallow: /rondes/*/stemmen" in browser.raw("/robots.txt").text


def test_a_process_that_runs_says_ok(browser: Browser) -> None:
    assert browser.raw("/gezond").text == "ok\n"


@pytest.mark.parametrize(("current", "status"), [(True, 200), (False, 503)])
def test_ready_means_migrated(browser: Browser, monkeypatch: pytest.MonkeyPatch, current: bool, status: int) -> None:
    monkeypatch.setattr(views, "is_current", lambda _engine: current)
    assert browser.raw("/klaar").status_code == status


def test_without_a_database_it_is_not_ready(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_engine: object) -> bool:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(views, "is_current", fail)
    answer = browser.raw("/klaar")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
