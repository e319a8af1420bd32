"""What must not be found afterwards: a code, its key, an address or a browser, in database, log or answer."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import format_code, locator
from buurtbegroot.extensions import db
from tests.booth.test_booth import Booth
from tests.factories.voting import OpenVote
from tests.pages import Browser

ADDRESS = "203.0.113.77"
AGENT = "Kanarie/77.0 (zoek-mij)"


@pytest.fixture
def canary(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> tuple[Flask, OpenVote]:
    app = own_app(TRUSTED_PROXIES=1)
    with app.app_context():
        vote = own_vote(codes=2, derive=derive_key)
        db.session.refresh(vote.round)
        _ = vote.round.slug, vote.booth.salt
        db.session.expunge_all()
    return app, vote


def stored(app: Flask, tmp_path: Path) -> bytes:
    """Everything that the database would show a thief: its files, or every row of every table."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return b"".join(path.read_bytes() for path in sorted(tmp_path.glob("test.sqlite*")))
        with db.engine.connect() as connection:
            tables = db.metadata.sorted_tables
            return b"".join(repr(tuple(row)).encode() for table in tables for row in connection.execute(table.select()))


def walk_through(app: Flask, vote: OpenVote) -> None:
    """Vote twice, with every mistake on the way."""
    browser = Browser(app, **{"User-Agent": AGENT, "X-Forwarded-For": ADDRESS})
    booth, code = Booth(browser, vote), vote.codes[0]
    [plan, *_] = booth.get("choose").find(".//button[@name='kies']")
    chosen = {"kies": plan.get("value")}
    booth.enter(code[:15] + ("0" if code[15] != "0" else "1"), status=422)
    booth.enter("0" * 16, status=422)
    booth.enter(format_code(code))
    browser.post("booth.change", chosen, slug=booth.slug)
    booth.send(booth.get("review"), status=422, keuze=[plan.get("value")] * 2)
    for _ in range(2):
        browser.post("booth.change", chosen, slug=booth.slug)
        booth.send(booth.get("review"))
        browser.post("booth.again", slug=booth.slug)
    booth.get("done")
    browser.get("/bestaat-niet", status=404)


def test_nothing_that_leads_to_a_voter_is_kept(
    canary: tuple[Flask, OpenVote], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app, vote = canary
    caplog.set_level(logging.DEBUG)
    with app.app_context():
        walk_through(app, vote)
    code = vote.codes[0]
    k = derive_key(code, vote.booth.salt)
    found = stored(app, tmp_path)
    place = locator(vote.keys.load(vote.booth.round_id).link_key, k)
    assert place in found or repr(place).encode() in found  # what is looked for would be seen
    logged = caplog.text.encode()
    secrets = [code, format_code(code), k.hex(), ADDRESS, AGENT, "Kanarie"]
    for secret in [*(text.encode() for text in secrets), k]:
        assert secret not in found
        assert secret not in logged


def test_the_cookies_of_a_site_under_https(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    app = own_app(SESSION_COOKIE_SECURE=True)
    with app.app_context():
        vote = own_vote(codes=1, derive=derive_key)
        slug, round_id, code = vote.round.slug, vote.round.id, vote.codes[0]
    client = app.test_client()
    answer = client.post(f"/rondes/{slug}/stemmen/code", data={"stemcode": code}, base_url="https://localhost")
    [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if "stemcode" in line]
    assert cookie.startswith(f"__Host-stemcode-{round_id}=")
    parts = {part.strip() for part in cookie.split(";")}
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_a_code_of_one_round_does_nothing_in_another(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=1, derive=derive_key)
        slug, round_id, code = vote.round.slug, vote.round.id, vote.codes[0]
    client = app.test_client()
    client.post(f"/rondes/{slug}/stemmen/code", data={"stemcode": code})
    value = client.get_cookie(f"stemcode-{round_id}")
    assert value is not None
    other = app.test_client()
    other.set_cookie(f"stemcode-{round_id + 1}", value.value)
    with other:
        page = other.get(f"/rondes/{slug}/stemmen/klaar")
    assert page.status_code == 303
