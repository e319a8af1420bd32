"""Being somebody else, or two people at once: sessions, second factors, demo addresses and letters of an address."""

from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import LinkGoneError, LinkRequest, redeem_sign_in, request_sign_in
from buurtbegroot.accounts.asking import TOKEN, demo_sign_in_path
from buurtbegroot.accounts.models import Role, User, UserSession
from buurtbegroot.acts import ANYONE
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.dual_control.models import State
from buurtbegroot.dual_control.queries import last_request
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from tests.conftest import NOW, Clock
from tests.factories.accounts import SECRET, person, tie_authenticator
from tests.factories.areas import small_city
from tests.factories.dual_control import shown_now
from tests.pages import Browser
from tests.security.conftest import City

SPELLINGS = ["a@example.org", "A@example.org", "a@EXAMPLE.org", " a@example.org ", "a@example.org\u200b"]


def ask_for_link(browser: Browser, email: str, session: Session) -> str:
    """Ask for a link and return its path, as whoever reads the mail would see it."""
    browser.post("accounts.sign_in", {"email": email})
    mail = session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc()).limit(1)).one()
    return str(mail.values["link"]).removeprefix("http://localhost")


def test_every_spelling_of_an_address_is_one_account(app: Flask, session: Session) -> None:
    for spelling in SPELLINGS:
        browser = Browser(app)
        browser.post(ask_for_link(browser, spelling, session))
    assert session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize(
    "email", ["a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "a@b@c", "\x00"]
)
def test_an_address_holds_one_recipient(browser: Browser, session: Session, email: str) -> None:
    browser.post("accounts.sign_in", {"email": email}, status=422)
    assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_a_session_that_a_stranger_prepared_is_worth_nothing(app: Flask, session: Session) -> None:
    stranger, victim = Browser(app), Browser(app)
    with stranger.client.session_transaction() as prepared:
        prepared["code"] = "of a stranger"
    planted = stranger.client.get_cookie("session")
    assert planted is not None
    victim.client.set_cookie("session", planted.value)
    victim.post(ask_for_link(victim, "slachtoffer@example.org", session))
    victim.get("accounts.show")
    stranger.get("accounts.show", status=303)


def test_the_token_changes_with_every_step_up(app: Flask, session: Session, clock: Clock) -> None:
    small_city(session)
    user = person(session, Role.COORDINATOR, "E")
    tie_authenticator(user)
    session.commit()
    browser = Browser(app)
    browser.post(ask_for_link(browser, user.email, session))
    before = _token(browser)
    half = Browser(app)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    half.client.set_cookie("session", cookie.value)
    browser.post("accounts.second_factor", {"code": pyotp.TOTP(SECRET).at(clock.now)})
    assert _token(browser) != before
    browser.get("rounds_organiser.index")
    half.get("accounts.show", status=303)
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def _token(browser: Browser) -> str:
    with browser.client.session_transaction() as stored:
        return str(stored[TOKEN])


def test_a_code_of_the_second_factor_works_once(app: Flask, session: Session, clock: Clock) -> None:
    small_city(session)
    user = person(session, Role.COORDINATOR, "E")
    tie_authenticator(user)
    session.commit()
    code = pyotp.TOTP(SECRET).at(clock.now)
    for status in (303, 422):
        browser = Browser(app)
        browser.post(ask_for_link(browser, user.email, session))
        browser.post("accounts.second_factor", {"code": code}, status=status)


@pytest.mark.parametrize(
    ("step", "path"),
    [(RoundAct.OPEN, "opening-aanvragen"), (RoundAct.CLOSE, "telling/sluiten-aanvragen")],
)
def test_one_person_in_two_browsers_is_one_person(city: City, clock: Clock, step: RoundAct, path: str) -> None:
    round_ = _ready_for(city, clock, step)
    user = city.people["coordinator"]
    assert user is not None
    first, second = (city.browser_of(user).client for _ in range(2))
    confirm = "openen" if step is RoundAct.OPEN else "telling/sluiten"
    asking = shown_now(city.session, OPEN, round_) if step is RoundAct.OPEN else {}
    first.post(f"/werkplek/rondes/{round_.slug}/{path}", data=asking)
    asked = last_request(city.session, step, round_key(round_))
    assert asked is not None
    form = {"gezien": asked.fingerprint, "plannen": "y", "regels": "y"}
    for browser in (first, second):
        assert browser.post(f"/werkplek/rondes/{round_.slug}/{confirm}", data=form).status_code == 303
        city.session.expire_all()
        assert asked.state is State.OPEN


def _ready_for(city: City, clock: Clock, step: RoundAct) -> Round:
    if step is RoundAct.CLOSE:
        clock.now = NOW + timedelta(days=5)
        return city.voting.round
    clock.now = NOW + timedelta(days=20)
    return city.submitting


def test_a_demo_address_opens_nothing_elsewhere(city: City) -> None:
    admin = city.people["administrator"]
    assert admin is not None
    path = demo_sign_in_path(admin)
    key = path.rpartition("/")[2]
    visitor = city.browser("visitor").client
    assert city.app.config["DEMO"] is False
    for method in ("GET", "POST"):
        assert visitor.open(path, method=method).status_code == 404
        assert visitor.open(f"/account/inloggen/{key}", method=method).status_code == 410
    for name in ("session", "__Host-session", "mandje-1", "stemcode-1"):
        visitor.set_cookie(name, key)
    assert visitor.get("/account").status_code == 303
    assert visitor.get(f"/rondes/{city.voting.round.slug}/stemmen").status_code == 200


def test_a_link_that_expired_or_was_used_signs_nobody_in(session: Session) -> None:
    links: list[str] = []
    for minutes in (15, 15):
        request_sign_in(
            session,
            LinkRequest(email="a@example.org", language="nl"),
            link_for=lambda token: links.append(token) or token,  # type: ignore[func-returns-value]
            minutes=minutes,
            by=ANYONE,
            now=NOW,
        )
    redeem_sign_in(session, links[0], language="nl", by=ANYONE, now=NOW)
    for token, moment in ((links[0], NOW), (links[1], NOW + timedelta(minutes=15)), ("", NOW)):
        with pytest.raises(LinkGoneError):
            redeem_sign_in(session, token, language="nl", by=ANYONE, now=moment)
