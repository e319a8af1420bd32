"""The second factor of organisers: tying an authenticator, passing with it, and codes that must not work."""

from datetime import timedelta

import pyotp
import pytest
from flask import Flask, current_app
from flask import session as cookie
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import pass_second_factor
from buurtbegroot.accounts.asking import TOKEN, start_session
from buurtbegroot.accounts.domain import Vault
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.extensions import db
from tests.conftest import Clock
from tests.factories.accounts import SECRET, person, tie_authenticator
from tests.factories.areas import small_city
from tests.pages import Browser


@pytest.fixture
def organiser(session: Session) -> User:
    small_city(session)
    user = person(session, Role.COORDINATOR)
    session.commit()
    return user


def halfway(app: Flask, user: User) -> Browser:
    """Return a browser that came in by the mailed link only."""
    browser = Browser(app)
    with app.test_request_context():
        start_session(user)
        db.session.commit()
        values = dict(cookie)
    with browser.client.session_transaction() as stored:
        stored.update(values)
    return browser


def enrolled(user: User, session: Session) -> User:
    tie_authenticator(user)
    session.commit()
    return user


def code_at(clock: Clock, **passed: int) -> str:
    return pyotp.TOTP(SECRET).at(clock.now + timedelta(**passed))


def test_without_a_second_factor_an_organiser_is_sent_to_it(app: Flask, session: Session, organiser: User) -> None:
    browser = halfway(app, enrolled(organiser, session))
    page = browser.get("rounds_organiser.index", status=303)
    assert page.response.headers["Location"] == "/account/tweede-stap?verder=/werkplek"
    assert browser.post("accounts_organiser.index", status=405)
    assert "Tweede stap" in browser.get("accounts.second_factor", verder="/werkplek").heading
    browser.get("accounts.show")


def test_an_organiser_ties_an_authenticator(app: Flask, session: Session, organiser: User, clock: Clock) -> None:
    browser = halfway(app, organiser)
    address = browser.get("accounts.second_factor", status=303, verder="/werkplek").response.headers["Location"]
    page = browser.get(address)
    secret = page.text_of(".//p[@class='bb-code']").replace(" ", "")
    assert len(secret) == 32
    assert page.find(".//div[@role='img']/*")
    assert f"secret={secret}" in page.html
    again = browser.get(address)
    assert again.text_of(".//p[@class='bb-code']").replace(" ", "") == secret, "a reload keeps the secret"
    wrong = browser.post(address, {"code": "000000"}, status=422)
    assert wrong.title.startswith("Fout: ")
    before = token_of(browser)
    answer = browser.post(address, {"code": pyotp.TOTP(secret).at(clock.now)})
    assert answer.response.headers["Location"] == "/werkplek"
    assert token_of(browser) != before, "a step up gives a new token"
    browser.get("rounds_organiser.index")
    assert session.scalars(select(AuditEntry.action)).all() == ["accounts.second_factor_enrolled"]
    browser.get("accounts.enrol", status=303)


def token_of(browser: Browser) -> str:
    with browser.client.session_transaction() as stored:
        return str(stored[TOKEN])


def test_a_code_lets_in_once(app: Flask, session: Session, organiser: User, clock: Clock) -> None:
    enrolled(organiser, session)
    first, second = halfway(app, organiser), halfway(app, organiser)
    answer = first.post("accounts.second_factor", {"code": code_at(clock)}, verder="/werkplek")
    assert answer.response.headers["Location"] == "/werkplek"
    first.get("rounds_organiser.index")
    refused = second.post("accounts.second_factor", {"code": code_at(clock)}, status=422)
    assert "al gebruikt" in refused.text
    assert second.post("accounts.second_factor", {"code": code_at(clock, seconds=-30)}, status=422)
    clock.now += timedelta(seconds=30)
    second.post("accounts.second_factor", {"code": code_at(clock)})


@pytest.mark.parametrize("typed", ["", " ", "000000", "12345", "abcdef", "１２３４５６", "1" * 21, "<b>"])
def test_a_wrong_code_is_refused_beside_the_field(app: Flask, session: Session, organiser: User, typed: str) -> None:
    browser = halfway(app, enrolled(organiser, session))
    page = browser.post("accounts.second_factor", {"code": typed}, status=422)
    assert page.title.startswith("Fout: Tweede stap")
    assert page.find(".//*[@role='alert']//a[@href='#code']")
    browser.get("rounds_organiser.index", status=303)


def test_spaces_and_a_clock_half_a_minute_off_are_fine(
    app: Flask, session: Session, organiser: User, clock: Clock
) -> None:
    enrolled(organiser, session)
    late = code_at(clock, seconds=-30)
    halfway(app, organiser).post("accounts.second_factor", {"code": f" {late[:3]} {late[3:]} "})
    halfway(app, organiser).post("accounts.second_factor", {"code": code_at(clock, seconds=30)})
    clock.now += timedelta(minutes=5)
    page = halfway(app, organiser).post("accounts.second_factor", {"code": code_at(clock, seconds=-60)}, status=422)
    assert page.find(".//*[@role='alert']")


def test_the_same_code_in_two_requests_at_once_counts_once(session: Session, organiser: User, clock: Clock) -> None:
    enrolled(organiser, session)
    vault = Vault.from_config(current_app.config)
    answers = [
        pass_second_factor(session, organiser, code=code_at(clock), vault=vault, by=organiser, now=clock.now)
        for _ in "12"
    ]
    assert answers == [True, False]


def test_residents_need_no_second_factor(app: Flask, session: Session) -> None:
    browser = halfway(app, person(session))
    for endpoint in ("accounts.second_factor", "accounts.enrol"):
        assert browser.get(endpoint, status=303)
    browser.get("accounts.show")


def test_an_authenticator_cannot_be_replaced_by_whoever_has_the_mail(
    app: Flask, session: Session, organiser: User
) -> None:
    browser = halfway(app, enrolled(organiser, session))
    browser.get("accounts.enrol", status=303)
    before = organiser.totp_secret
    browser.post("accounts.enrol", {"code": "123456"})
    assert organiser.totp_secret == before
