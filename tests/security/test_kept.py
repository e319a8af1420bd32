"""Nothing typed is lost: every form on every page, when somebody chooses a language or colours, or something breaks."""

from collections.abc import Collection, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import HeldForm
from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, audience_of
from tests.conftest import Clock
from tests.pages import LABELLED, Browser, Page
from tests.security.conftest import City
from tests.security.talk import see_what_waits
from tests.security.test_access import addresses
from tests.security.test_versions import _stored, whole

assert whole  # a fixture

TYPES = {None, "text", "email", "search", "number", "datetime-local", "date"}
CODE, BOOTH = "takes a secret code", "is of the booth: no row may tie it to a person"
NEVER_KEPT = {
    "accounts.second_factor": CODE,
    "accounts.enrol": CODE,
    "accounts.delete": "asks a second thought, which is thought anew",
    "booth.draw": BOOTH,
    "registry_organiser.request_void": CODE,
    "registry_organiser.confirm_void": CODE,
}
"""Forms of people who signed in that are not kept when their session has ended."""
SECOND = {"registry_organiser.voids", "booth_organiser.opening", "booth_organiser.withdrawal"}
"""Pages with a second form, for codes alone, which nothing takes along."""


def typed_in(form: Element) -> dict[str, str]:
    """Return something to type in each field of a form in which people type."""
    fields = [each for each in form.iter() if each.tag == "textarea" or _is_text(each)]
    return {str(each.get("name")): f"Half {number} é" for number, each in enumerate(fields) if each.get("name")}


def _is_text(field: Element) -> bool:
    return field.tag == "input" and field.get("type") in TYPES


def shown(page: Page) -> dict[str, str]:
    """Return what stands in the fields of a page in which people type."""
    fields = [each for each in page.tree.iter() if each.tag in LABELLED and each.get("name")]
    return {str(each.get("name")): _text(each) for each in fields}


def _text(field: Element) -> str:
    return "".join(field.itertext()).removeprefix("\n") if field.tag == "textarea" else field.get("value") or ""


def pages(
    city: City, browser: Browser, *, of: Collection[Audience] = tuple(Audience), having: str = ""
) -> Iterator[tuple[str, str, Page]]:
    """Yield the endpoint and address of every page of these audiences that opens with this text, and the page."""
    see_what_waits(browser)
    for rule in city.app.url_map.iter_rules():
        if audience_of(city.app, rule.endpoint) not in of:
            continue
        for address in addresses(city, rule) if "GET" in (rule.methods or ()) else ():
            answer = browser.client.get(browser.path(address), headers=browser.headers)
            if answer.status_code == 200 and answer.mimetype == "text/html" and having in answer.text:
                yield rule.endpoint, address, browser._read(answer, 200)
            answer.close()


def forms(page: Page) -> list[Element]:
    """Return the forms of a page in which people type."""
    return [form for form in page.find(".//form[@method='post']") if typed_in(form)]


@pytest.mark.slow  # walks every route
@pytest.mark.parametrize(
    "kind", ["visitor", "author", pytest.param("coordinator", marks=pytest.mark.nightly), "administrator"]
)
def test_a_choice_of_language_or_colours_keeps_the_text_of_every_form(whole: City, kind: str) -> None:
    browser, tried = whole.browser(kind), 0
    for endpoint, address, page in pages(whole, browser):
        found = forms(page)
        if not found:
            continue
        assert endpoint in SECOND or len(found) == 1, address
        form = next((each for each in found if each.get("id") == "formulier"), None)
        assert form is not None, (address, "the form has no id that the buttons know")
        buttons = [each for each in page.find(".//header//button") if each.get("name") in {"taal", "weergave"}]
        assert {(each.get("form"), each.get("formaction")) for each in buttons} == {("formulier", address)}, address
        text = typed_in(form)
        sent = page.filled(form.get("action") or address) | text
        before = _stored(whole.session)
        for choice, html in (({"taal": "en"}, 'lang="en"'), ({"weergave": "donker"}, "bb-scheme-dark")):
            answer = browser.post(address, sent | choice, status=200)
            assert html in answer.html
            assert {name: shown(answer).get(name) for name in text} == text, address
        assert _stored(whole.session) == before, address
        browser.client.delete_cookie("taal")
        tried += 1
    assert tried >= {"visitor": 3, "author": 5, "coordinator": 10, "administrator": 8}[kind]


def test_the_first_button_of_a_form_is_not_a_choice_of_language(whole: City) -> None:
    page = whole.browser("author").get("proposals.edit", proposal_id=whole.concept.id)
    owned = [each for each in page.find(".//button") if each.get("form") == "formulier"]
    assert (owned[0].get("name"), owned[0].get("formnovalidate")) == (None, "")


def test_rows_and_ticks_come_along(whole: City) -> None:
    browser = whole.browser("author")
    path = browser.path("proposals.new", slug=whole.submitting.slug)
    rows = {"lines-0-what": "Hout", "lines-7-what": "Verf", "lines-7-quantity": "37"}
    rows |= dict.fromkeys(("lines-0-unit_cents", "lines-7-unit_cents"), "1")
    page = browser.post(path, browser.get(path).filled(path) | rows | {"title": "Bank", "taal": "en"}, status=200)
    assert {"Hout", "Verf", "37"} <= set(shown(page).values())
    browser.post(path, page.filled(path))


def test_a_choice_after_the_session_ended_keeps_the_text_too(whole: City, clock: Clock) -> None:
    browser = whole.browser("author")
    path = browser.path("proposals.new", slug=whole.submitting.slug)
    form = browser.get(path).filled(path) | {"title": "Half een bank"}
    with browser.client.session_transaction() as cookie:
        cookie["seen"] = 0
    page = browser.post(path, form | {"taal": "en"})
    assert page.response.location == f"/account/inloggen?verder={path}"
    browser.sign_in(whole.people["author"])  # type: ignore[arg-type]  # there is one
    assert shown(browser.get(path))["title"] == "Half een bank"


def test_a_choice_while_two_texts_clash_shows_both_again(whole: City) -> None:
    browser = whole.browser("author")
    path = browser.path("proposals.edit", proposal_id=whole.concept.id)
    form = browser.get(path).filled(path)
    browser.post(path, form | {"title": "Zwembad"})
    page = browser.post(path, form | {"title": "Bankje"}, status=409)
    again = browser.client.post(path, data=page.filled(path) | {"taal": "en"}, headers=browser.headers)
    assert "Zwembad" in again.text
    assert "Bankje" in again.text
    assert 'lang="en"' in again.text


def test_a_phase_that_ends_gives_the_text_back_and_keeps_it(whole: City, clock: Clock) -> None:
    browser = whole.browser("author")
    path = browser.path("proposals.new", slug=whole.submitting.slug)
    form = browser.get(path).filled(path) | {"title": "Half een bank", "lines-0-what": "Hout"}
    window = next(each for each in whole.submitting.windows if each.phase is Phase.SUBMISSION)
    window.ends_at = clock.now
    whole.session.commit()
    page = browser.post(path, form, status=409)
    for answer in (page, browser.post(path, page.filled(path) | {"taal": "en"}, status=409)):
        assert {shown(answer)["title"], shown(answer)["lines-0-what"]} == {"Half een bank", "Hout"}


def _full(*_: Any) -> None:
    raise OperationalError("INSERT", None, type("OperationalError", (Exception,), {})("database or disk is full"))


@pytest.mark.slow  # walks every route
@pytest.mark.parametrize("kind", ["author", pytest.param("coordinator", marks=pytest.mark.nightly), "administrator"])
def test_a_full_disk_gives_every_text_back(
    app: Flask, session: Session, whole: City, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = whole.browser(kind)
    for _endpoint, address, page in list(pages(whole, browser)):
        form = next((each for each in forms(page) if each.get("id") == "formulier"), None)
        if form is None:
            continue
        path, text = form.get("action") or address, typed_in(form)
        with monkeypatch.context() as patch:
            patch.setattr(app, "dispatch_request", _full)
            broken = browser.post(path, page.filled(path) | text, status=503)
        assert {name: shown(broken).get(name) for name in text} == text, address
        back = broken.find(".//form[@id='formulier']")[0].get("action") or ""
        again = browser.post(back, broken.filled(back) | {"terug": "ja"}, status=200)
        assert {name: shown(again).get(name) for name in text} == text, address
        db.session.rollback()


def test_what_is_sent_after_the_session_ended_is_kept_but_for_secrets(whole: City) -> None:
    browser, kept = whole.browser("administrator"), set[str]()
    sent = {"reason": "Half é", "bewijs": "123456", "csrf_token": "x"}
    for rule in whole.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or audience_of(whole.app, rule.endpoint) is Audience.EVERYONE:
            continue
        _end_session(browser)
        answer = browser.post(addresses(whole, rule)[0], sent).response
        found = whole.session.scalars(select(HeldForm)).one_or_none()
        assert (found is None) == (rule.endpoint in NEVER_KEPT), rule.endpoint
        if found is not None:
            assert found.fields == [["reason", "Half é"]]
            assert answer.location == f"/account/inloggen?verder={found.path}"
            assert whole.app.url_map.bind("localhost").test(found.path, method="GET")
            whole.session.delete(found)
            whole.session.commit()
            kept.add(rule.endpoint)
    assert len(kept) > 30
    _end_session(browser)
    browser.post("/werkplek/rondes/x/opening-aanvragen", {"csrf_token": "x", "gezien": "x", "eenmalig": "x"})
    assert not whole.session.scalars(select(HeldForm)).all(), "a button is no text"


@pytest.mark.slow  # walks every route
@pytest.mark.parametrize(
    ("kind", "of", "number"),
    [
        ("author", Audience.RESIDENT, 4),
        ("coordinator", Audience.ORGANISER, 7),
        ("administrator", Audience.ADMINISTRATOR, 5),
    ],
)
def test_what_was_typed_comes_back_after_signing_in(whole: City, kind: str, of: Audience, number: int) -> None:
    browser, user, tried = whole.browser(kind), whole.people[kind], set[str]()
    assert user is not None
    for endpoint, address, page in list(pages(whole, browser, of={of})):
        for form in forms(page):
            path, text = form.get("action") or address, typed_in(form)
            target = whole.app.url_map.bind("localhost").match(path, method="POST")[0]
            if target in {*NEVER_KEPT, *tried}:
                continue
            _end_session(browser)
            browser.post(path, page.filled(path) | text)
            browser.sign_in(user)
            answer = browser.get(address)
            assert {name: shown(answer).get(name) for name in text} == text, (endpoint, path)
            tried.add(target)
    assert len(tried) >= number, tried


def _end_session(browser: Browser) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["seen"] = 0
