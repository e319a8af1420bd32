"""Requests that another site makes a browser send: without a token, with a stale one, from elsewhere, by GET."""

import re

import pytest
from flask import Flask

from buurtbegroot.extensions import csrf
from tests.pages import QueryCount
from tests.security.conftest import City
from tests.security.test_access import requests, send

pytestmark = pytest.mark.slow  # walks every route

WRITES = ("INSERT", "UPDATE", "DELETE")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def guarded(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setitem(city.app.config, "WTF_CSRF_ENABLED", True)
    return city


@pytest.mark.parametrize("kind", ["visitor", "resident", "coordinator", "administrator"])
def test_no_form_is_taken_without_its_token(guarded: City, kind: str) -> None:
    client = guarded.browser(kind).client
    sent = 0
    for _rule, method, address in requests(guarded):
        if method == "GET":
            continue
        with QueryCount() as queries:
            answer = send(client, method, address)
        assert answer.status_code == 400, (address, answer.status_code)
        assert [text for text in queries.statements if text.startswith(WRITES)] == []
        sent += 1
    assert sent > 50


@pytest.mark.parametrize("site", ["same-origin", "cross-site"])
def test_what_needs_no_token_only_sets_its_cookie(guarded: City, site: str) -> None:
    client = guarded.browser("coordinator").client
    form = {"taal": "en", "weergave": "donker", "title": "Van elders", "owner": "E"}
    with QueryCount() as queries:
        answer = client.post("/werkplek/rondes/nieuw", data=form, headers={"Sec-Fetch-Site": site})
    assert {line.split("=")[0] for line in answer.headers.getlist("Set-Cookie")} - {"session"} == {"taal", "weergave"}
    assert [text for text in queries.statements if text.startswith(WRITES)] == []
    assert ("Van elders" in answer.text) == (site == "same-origin")
    assert csrf._exempt_views == set()


def test_a_token_is_good_for_its_own_session_only(guarded: City) -> None:
    mine, theirs = guarded.browser("coordinator").client, guarded.browser("resident").client
    found = TOKEN.search(theirs.get("/account").text)
    assert found is not None
    slug = guarded.submitting.slug
    answer = mine.post(f"/werkplek/rondes/{slug}/opening-aanvragen", data={"csrf_token": found[1]})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [{}, {"Referer": "https://evil.example/"}, {"Referer": "https://localhost.evil.example/"}, {"Referer": "http://x"}],
)
def test_under_tls_a_form_from_elsewhere_is_refused(guarded: City, app: Flask, headers: dict[str, str]) -> None:
    client, base = app.test_client(), "https://localhost"
    found = TOKEN.search(client.get("/account/inloggen", base_url=base).text)
    assert found is not None
    form = {"csrf_token": found[1], "email": "iemand@example.org"}
    assert client.post("/account/inloggen", data=form, base_url=base, headers=headers).status_code == 400
    own = {"Referer": "https://localhost/account/inloggen"}
    assert client.post("/account/inloggen", data=form, base_url=base, headers=own).status_code == 303


def test_other_methods_change_nothing(guarded: City) -> None:
    client = guarded.browser("coordinator").client
    for rule, _method, address in requests(guarded):
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            assert client.open(address, method=method).status_code in {400, 404, 405}, (rule.endpoint, method)
    disguised = client.get("/account/uitloggen", headers={"X-HTTP-Method-Override": "POST"})
    assert disguised.status_code in {404, 405}
