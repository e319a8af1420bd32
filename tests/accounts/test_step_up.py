"""A weighty act asks for a fresh code, carries its form along, and cannot be had with an old or a used one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.asking import TOKEN
from buurtbegroot.accounts.models import Role, User, UserSession
from buurtbegroot.areas.models import CITY
from buurtbegroot.web.fields import ONCE
from tests.conftest import Clock
from tests.factories.accounts import code_at, person, tie_authenticator
from tests.factories.areas import small_city
from tests.pages import Browser, Page, SignIn

LATER = timedelta(minutes=11)
GRANT = {"role": "coordinator", "place": "Wést & <b>"}


@pytest.fixture
def admin(session: Session) -> User:
    small_city(session)
    user = tie_authenticator(person(session, Role.ADMINISTRATOR, CITY))
    session.commit()
    return user


@pytest.fixture
def browser(admin: User, signed_in: SignIn) -> Browser:
    return signed_in(admin)


@pytest.fixture
def resident(session: Session) -> User:
    user = person(session)
    session.commit()
    return user


def hidden(page: Page) -> dict[str, str]:
    found = page.find(".//main//form//input[@type='hidden']")
    sent = {str(each.get("name")): str(each.get("value")) for each in found}
    assert sent.pop(ONCE)
    return sent


def token_of(browser: Browser) -> str:
    with browser.client.session_transaction() as stored:
        return str(stored[TOKEN])


def test_a_fresh_session_is_not_asked(browser: Browser, resident: User, clock: Clock) -> None:
    clock.now += timedelta(minutes=10)
    browser.send("accounts_organiser.person", {"role": "staff", "place": "E"}, user_id=resident.id)
    assert len(resident.grants) == 1


def test_an_old_session_is_asked_and_the_form_comes_along(browser: Browser, resident: User, clock: Clock) -> None:
    clock.now += LATER
    page = browser.post("accounts_organiser.person", GRANT, user_id=resident.id, status=403)
    assert page.heading == "Laat nog een keer zien dat u het bent"
    assert "meer dan 10 minuten oud" in page.text
    assert hidden(page) == GRANT
    assert page.find(".//main//form[@method='post']")[0].get("action") is None, "it goes back to where it came from"
    assert resident.grants == []


def test_the_act_goes_on_with_what_was_typed(browser: Browser, resident: User, clock: Clock) -> None:
    clock.now += LATER
    typed = {"role": "staff", "place": "E"}
    page = browser.send("accounts_organiser.person", typed, user_id=resident.id, status=403)
    sent = hidden(page) | {"bewijs": code_at(clock.now)}
    browser.post("accounts_organiser.person", sent, user_id=resident.id)
    assert [(grant.role, grant.area_code) for grant in resident.grants] == [(Role.STAFF, "E")]
    browser.send("accounts_organiser.revoke", on="accounts_organiser.person", user_id=resident.id)
    assert resident.grants == [], "the new proof holds for the next act too"


@pytest.mark.parametrize("typed", ["", " ", "000000", "١٢٣٤٥٦", "1" * 30])
def test_a_wrong_code_does_nothing_and_loses_nothing(
    browser: Browser, resident: User, clock: Clock, typed: str
) -> None:
    clock.now += LATER
    page = browser.post("accounts_organiser.person", {**GRANT, "bewijs": typed}, user_id=resident.id, status=422)
    assert page.title.startswith("Fout: ")
    assert page.find(".//*[@role='alert']//a[@href='#bewijs']")
    assert hidden(page) == GRANT
    assert resident.grants == []


def test_a_code_that_was_used_is_refused(browser: Browser, resident: User, clock: Clock, session: Session) -> None:
    clock.now += LATER
    code = code_at(clock.now)
    browser.post("accounts_organiser.sign_out", {"bewijs": code}, user_id=resident.id)
    clock.now += timedelta(seconds=20)
    session.execute(select(UserSession)).scalars().one().second_factor_at = clock.now - LATER
    session.commit()
    browser.post("accounts_organiser.sign_out", {"bewijs": code}, user_id=resident.id, status=422)


def test_the_token_is_new_and_its_end_stays(browser: Browser, resident: User, clock: Clock, session: Session) -> None:
    ends, before = session.scalars(select(UserSession.expires_at)).one(), token_of(browser)
    clock.now += LATER
    browser.post("accounts_organiser.sign_out", {"bewijs": code_at(clock.now)}, user_id=resident.id)
    assert token_of(browser) != before
    assert session.scalars(select(UserSession.expires_at)).one() == ends
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1
    browser.get("accounts_organiser.index")


def test_an_act_that_is_refused_still_uses_the_code_up(
    browser: Browser, resident: User, clock: Clock, session: Session
) -> None:
    clock.now += LATER
    sent = {**GRANT, "bewijs": code_at(clock.now)}
    page = browser.post("accounts_organiser.person", sent, user_id=resident.id, status=422)
    assert "Dit gebied kennen wij niet" in page.text
    browser.get("accounts_organiser.index")
    session.expire_all()
    assert session.scalars(select(UserSession.second_factor_at)).one() == clock.now


def test_who_has_no_authenticator_signs_in_again(signed_in: SignIn, session: Session, clock: Clock) -> None:
    browser = signed_in(person(session))
    browser.get("accounts.devices")
    clock.now += LATER
    answer = browser.post("accounts.devices", {"sessie": "alle"})
    again = answer.response.headers["Location"]
    assert again == "/account/inloggen?verder=/account/apparaten&opnieuw=1"
    assert "Log hiervoor opnieuw in" in browser.get(again).text
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1, "nothing has happened yet"


def test_tying_an_authenticator_takes_a_fresh_sign_in(
    app: Flask, session: Session, signed_in: SignIn, clock: Clock
) -> None:
    small_city(session)
    user = person(session, Role.STAFF)
    browser = signed_in(user)
    browser.get("accounts.enrol")
    clock.now += LATER
    answer = browser.get("accounts.enrol", status=303).response
    assert answer.headers["Location"] == "/account/inloggen?verder=/account/tweede-stap/instellen&opnieuw=1"
    browser.post("accounts.enrol", {"code": "123456"})
    assert user.totp_secret == ""


def test_a_demo_does_not_ask(
    app: Flask, browser: Browser, resident: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)
    clock.now += LATER
    browser.post("accounts_organiser.sign_out", user_id=resident.id)
