"""Error pages stand by themselves: with the database gone, the frame broken or a catalog damaged they tell why."""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import flask_babel
import pytest
from flask import Flask, abort
from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from sqlalchemy.exc import OperationalError

from buurtbegroot.accounts.asking import SEEN, TOKEN
from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.app import create_app
from buurtbegroot.extensions import db
from buurtbegroot.texts import Text
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.errors import PAGES
from buurtbegroot.web.refusals import say_refusals
from tests.pages import Browser, Page

STATUSES = sorted(PAGES | {418})
NOWHERE = {"sqlite": "sqlite:////nowhere/at/all.sqlite", "postgresql": "postgresql://nobody@127.0.0.1:1/nothing"}
HEADINGS = {"nl": "Deze pagina is er niet", "en": "This page does not exist"}
REASON = "De <b>stemming</b> is dicht."


class Closed(Fault):
    """Why nothing was done."""

    VOTE = "vote"


@admits(Audience.EVERYONE)
def fail(status: int) -> NoReturn:
    abort(status)


@admits(Audience.EVERYONE)
def refuse() -> NoReturn:
    raise RefusedError(Closed.VOTE)


def app_on(uri: str, folder: Path) -> Flask:
    app = create_app({"INSTANCE": str(folder), "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": uri})
    app.add_url_rule("/fout/<int:status>", "fout", fail)
    app.add_url_rule("/geweigerd", "geweigerd", refuse)
    say_refusals(app, {Closed.VOTE: Text(REASON)})
    return app


def signed_in(app: Flask, language: str) -> Browser:
    """Return a browser with a session: to find out whose it is takes the database."""
    browser = Browser(app, **{"Accept-Language": language})
    with browser.client.session_transaction() as session:
        session[TOKEN], session[SEEN] = "a token", 0.0
    return browser


@pytest.fixture(params=NOWHERE)
def lost(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app whose database is gone."""
    app = app_on(NOWHERE[request.param], tmp_path)
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Flask]:
    """An app of its own, to break; these pages ask nothing of its database."""
    app = app_on("sqlite://", tmp_path)
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.mark.parametrize("language", HEADINGS)
def test_without_a_database_each_status_has_its_page(lost: Flask, language: str) -> None:
    browser = signed_in(lost, language)
    pages = {status: browser.get(f"/fout/{status}", status=status) for status in STATUSES}
    assert {page.tree.get("lang") for page in pages.values()} == {language}
    assert len({page.heading for page in pages.values()}) == len(STATUSES)
    assert pages[404].heading == HEADINGS[language]
    assert browser.get("/bestaat-niet", status=404).heading == HEADINGS[language]


@pytest.mark.parametrize("path", ["/", "/rondes", "/account", "/hulp"])
def test_without_a_database_a_page_says_that_it_will_be_back(lost: Flask, path: str) -> None:
    page = signed_in(lost, "nl").get(path, status=503)
    assert page.heading == "Het lukt nu even niet"
    assert page.response.headers["Retry-After"]


def test_an_error_page_asks_the_database_nothing(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object, **__: object) -> NoReturn:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(db.session, "execute", ask)
    monkeypatch.setattr(db.session, "get", ask)
    assert signed_in(sound, "nl").get("/fout/410", status=410).heading == "Dit is er niet meer"


@pytest.mark.parametrize("template", ["layout.html", "components/site.html"])
def test_with_a_broken_frame_a_page_says_that_it_is_our_fault(sound: Flask, template: str) -> None:
    whole = sound.jinja_env.loader
    assert isinstance(whole, BaseLoader)
    sound.jinja_env.loader = ChoiceLoader([DictLoader({template: "{% block"}), whole])
    page = Browser(sound).get("/hulp", status=500)
    assert page.heading == "Er ging iets mis bij ons"
    assert sound.config["CONTACT_PHONE"] in page.text


@pytest.mark.parametrize("language", HEADINGS)
def test_with_a_damaged_catalog_it_is_said_in_dutch(
    sound: Flask, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def damaged(_domain: object) -> NoReturn:
        raise OSError("Bad magic number")

    monkeypatch.setattr(flask_babel.Domain, "get_translations", damaged)
    browser = Browser(sound, **{"Accept-Language": language})
    for status in STATUSES:
        assert browser.get(f"/fout/{status}", status=status).tree.get("lang") == "nl"
    assert browser.get("/hulp", status=500).heading == "Er ging iets mis bij ons"


def test_a_translation_with_a_wrong_gap_spoils_no_error_page(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flask_babel.support.Translations, "ugettext", lambda _catalog, _text: "%(gap)s")
    page = Browser(sound, **{"Accept-Language": "en"}).get("/fout/500", status=500)
    assert (page.heading, page.tree.get("lang")) == ("Er ging iets mis bij ons", "nl")


def read(app: Flask, language: str, **cookies: str) -> Page:
    browser = Browser(app, **{"Accept-Language": language})
    for name, value in cookies.items():
        browser.client.set_cookie(name, value)
    return browser.get("/fout/404", status=404)


def test_the_language_is_that_of_the_cookie_else_of_the_browser(sound: Flask) -> None:
    assert read(sound, "en", taal="nl").heading == HEADINGS["nl"]
    assert read(sound, "nl", taal="en").heading == HEADINGS["en"]
    assert read(sound, "fr", taal="fr").heading == HEADINGS["nl"]


def test_the_colours_are_those_chosen(sound: Flask) -> None:
    assert "bb-scheme-dark" in read(sound, "nl", weergave="donker").tree.get("class", "")
    assert "bb-scheme-auto" in read(sound, "nl").tree.get("class", "")


def test_a_reason_is_shown_as_the_text_that_it_is(sound: Flask) -> None:
    page = Browser(sound).get("/geweigerd", status=409)
    assert REASON in page.text


def test_a_way_on_is_offered(browser: Browser) -> None:
    links = [link.get("href") or "" for link in browser.get("/bestaat-niet", status=404).find(".//a")]
    assert len(links) >= 4
    for link in links:
        if not link.startswith("tel:"):
            browser.get(link)


def test_what_was_to_be_said_waits_for_a_page_with_a_frame(sound: Flask) -> None:
    browser = Browser(sound)
    with browser.client.session_transaction() as session:
        session["_flashes"] = [("success", "Uw plan is bewaard.")]
    assert "bewaard" not in browser.get("/fout/404", status=404).text
    assert "Uw plan is bewaard." in browser.get("/hulp").text
