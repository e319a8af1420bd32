"""Sessions: a new token at every step up, two ends in time, and copies that die with the original."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.asking import TOKEN, demo_sign_in_path
from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.accounts.models import Role, UserSession
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.pages import Browser, SignIn


def copy_of(browser: Browser) -> Browser:
    """Return a browser with a stolen copy of the other's cookie."""
    other = Browser(browser.app)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    other.client.set_cookie("session", cookie.value)
    return other


def is_in(browser: Browser) -> bool:
    return browser.raw("accounts.show").status_code == 200


def token_of(browser: Browser) -> str:
    with browser.client.session_transaction() as stored:
        return str(stored[TOKEN])


def test_signing_out_ends_a_copied_cookie_too(signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    thief = copy_of(browser)
    assert is_in(thief)
    browser.post("accounts.sign_out")
    assert not is_in(browser)
    assert not is_in(thief)


def test_signing_out_everywhere_ends_all_of_ones_own_sessions_only(
    app: Flask, signed_in: SignIn, session: Session
) -> None:
    user, other = person(session), person(session)
    browsers = [signed_in(user), signed_in(user)]
    stranger = signed_in(other)
    browsers[0].post("accounts.devices", {"sessie": "alle"})
    assert [is_in(browser) for browser in browsers] == [False, False]
    assert is_in(stranger)


def test_a_session_ends_when_nobody_does_anything(signed_in: SignIn, session: Session, clock: Clock) -> None:
    browser = signed_in(person(session))
    for _ in range(3):
        clock.now += timedelta(minutes=119)
        assert is_in(browser)
    clock.now += timedelta(minutes=121)
    assert not is_in(browser)


def test_a_session_ends_however_busy_it_is(signed_in: SignIn, session: Session, clock: Clock) -> None:
    browser = signed_in(person(session))
    for _ in range(11):
        clock.now += timedelta(hours=1)
        assert is_in(browser)
    clock.now += timedelta(hours=1)
    assert not is_in(browser)


def test_a_cookie_that_was_changed_or_made_up_is_nobody(app: Flask, signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    for value in (cookie.value[:-2] + "xx", "x", cookie.value.swapcase()):
        browser.client.set_cookie("session", value)
        assert not is_in(browser)


def test_the_database_does_not_hold_the_token(signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    assert token_of(browser) not in session.scalars(select(UserSession.token_hash)).all()


def test_signing_in_gives_a_new_token_and_keeps_what_a_visitor_chose(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", False)
    monkeypatch.setitem(app.config, "DEMO", True)
    first, second = person(session), person(session)
    session.commit()
    browser = Browser(app)
    browser.get("accounts.sign_in")
    with browser.client.session_transaction() as stored:
        stored["seed"], before = 7, stored["csrf_token"]
    browser.post(demo_sign_in_path(first))
    with browser.client.session_transaction() as stored:
        assert stored["seed"] == 7
        assert stored.get("csrf_token") != before
        token = stored[TOKEN]
    browser.post(demo_sign_in_path(second))
    with browser.client.session_transaction() as stored:
        assert "seed" not in stored, "what one person chose is not the next person's business"
        assert stored[TOKEN] != token
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def test_expired_sessions_are_cleared_away(browser: Browser, signed_in: SignIn, session: Session, clock: Clock) -> None:
    signed_in(person(session))
    clock.now += timedelta(hours=13)
    browser.post("accounts.sign_in", {"email": "mens@example.org"})
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_the_cookie_is_out_of_reach_of_scripts(browser: Browser, session: Session) -> None:
    page = browser.post("accounts.sign_out")
    cookie = SimpleCookie(page.response.headers["Set-Cookie"])["session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_role_that_is_taken_away_is_gone_at_once(signed_in: SignIn, session: Session) -> None:
    small_city(session)
    user = person(session, Role.COORDINATOR)
    browser = signed_in(user)
    browser.get("rounds_organiser.index")
    user.grants.clear()
    session.commit()
    browser.get("rounds_organiser.index", status=404)


def shown_devices(browser: Browser) -> list[str]:
    """Return what the page would send for each device that is signed in."""
    return [str(each.get("value")) for each in browser.get("accounts.devices").find(".//*[@name='sessie']")]


def test_one_other_device_of_ones_own_is_signed_out(signed_in: SignIn, session: Session) -> None:
    user = person(session)
    here, there, third = signed_in(user), signed_in(user), signed_in(user)
    there_hash = hash_token(token_of(there))
    assert there_hash in shown_devices(here)
    here.post("accounts.devices", {"sessie": there_hash})
    assert "Dat apparaat is uitgelogd." in here.get("accounts.devices").text
    assert [is_in(browser) for browser in (here, there, third)] == [True, False, True]
    here.post("accounts.devices", {"sessie": there_hash})
    assert "Dat apparaat was al uitgelogd." in here.get("accounts.devices").text


def test_ones_own_device_is_signed_out_and_no_other(signed_in: SignIn, session: Session) -> None:
    user = person(session)
    here, there = signed_in(user), signed_in(user)
    here.post("accounts.devices", {"sessie": hash_token(token_of(here))})
    assert [is_in(browser) for browser in (here, there)] == [False, True]


@pytest.mark.parametrize("chosen", ["theirs", "", "%", "x" * 10_000])
def test_nobody_signs_out_a_device_of_somebody_else(signed_in: SignIn, session: Session, chosen: str) -> None:
    here, stranger = signed_in(person(session)), signed_in(person(session))
    here.post("accounts.devices", {"sessie": hash_token(token_of(stranger)) if chosen == "theirs" else chosen})
    assert [is_in(browser) for browser in (here, stranger)] == [True, True]
