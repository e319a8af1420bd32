"""Guessing and mailing are slowed down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import session as cookie
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits.models import Attempt
from buurtbegroot.mail.models import OutboxMail
from tests.conftest import Clock
from tests.factories.accounts import person, tie_authenticator
from tests.factories.areas import small_city
from tests.live import live
from tests.pages import Browser

LIMITED = {"RATELIMIT_ENABLED": True, "SIGN_IN_TRIES": "3 per minute", "WTF_CSRF_ENABLED": False}


def test_asking_for_links_is_slowed_down_and_the_page_says_so(tmp_path: Path) -> None:
    with live(tmp_path, **LIMITED) as app:
        browser = Browser(app)
        for _ in range(3):
            browser.post("/account/inloggen", {"email": "x"}, status=422)
        page = browser.post("/account/inloggen", {"email": "x"}, status=429)
        assert "Even wachten" in page.heading
        with app.app_context():
            browser.get("/account/inloggen")


@pytest.mark.parametrize("path", ["/account/tweede-stap", "/account/tweede-stap/instellen"])
def test_guessing_codes_is_slowed_down_for_each_person(tmp_path: Path, path: str) -> None:
    with live(tmp_path, **LIMITED) as app:
        first, second = (_organiser(Browser(app), has_secret="instellen" not in path) for _ in range(2))
        for _ in range(3):
            first.post(path, {"code": "1"}, status=422)
        first.post(path, {"code": "1"}, status=429)
        second.post(path, {"code": "1"}, status=422)


def test_tries_count_together_wherever_a_code_is_asked(tmp_path: Path) -> None:
    late = lambda: datetime.now(UTC) + timedelta(minutes=20)  # noqa: E731 - the proof of signing in is old by then
    with live(tmp_path, **{**LIMITED, "SIGN_IN_TRIES": "3 per hour"}) as app:
        browser = _organiser(Browser(app), has_secret=True)
        for _ in range(2):
            browser.post("/account/tweede-stap", {"code": "1"}, status=422)
        app.config["CLOCK"] = late
        browser.post("/account/apparaten", {"bewijs": "1"}, status=422)
        browser.post("/account/apparaten", {"bewijs": "1"}, status=429)
        browser.post("/account/apparaten", {}, status=403)
        browser.post("/account/tweede-stap", {"code": "1"}, status=429)


@pytest.fixture
def limited(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    settings = {"RATELIMIT_ENABLED": True, "MAILBOX_LINKS": "2 per hour", "NEW_ACCOUNTS": "1 per hour"}
    for name, value in settings.items():
        monkeypatch.setitem(browser.app.config, name, value)
    return browser


def mails(session: Session) -> list[str]:
    return [mail.values["link"].removeprefix("http://localhost") for mail in session.scalars(select(OutboxMail))]


def test_labels_and_dots_lead_to_one_mailbox(limited: Browser, session: Session) -> None:
    for email in ("karin.de.vries@gmail.com", "karindevries+a@googlemail.com"):
        limited.post("accounts.sign_in", {"email": email})
    page = limited.post("accounts.sign_in", {"email": "karindevries+b@gmail.com"}, status=429)
    assert "Over 60 minuten kunt u een nieuwe link vragen" in page.text
    assert page.response.headers["Retry-After"] == "3600"
    assert len(mails(session)) == 2


def test_a_link_that_is_used_leaves_no_row_but_a_new_account_does(limited: Browser, session: Session) -> None:
    def rows() -> int:
        return session.scalar(select(func.count()).select_from(Attempt)) or 0

    limited.post("accounts.sign_in", {"email": "nieuw@example.org"})
    assert rows() == 2
    limited.post(mails(session)[-1])
    assert rows() == 1
    known = person(session)
    session.commit()
    limited.post("accounts.sign_out")
    for _ in range(3):
        limited.post("accounts.sign_in", {"email": known.email})
        limited.post(mails(session)[-1])
        limited.post("accounts.sign_out")
    assert rows() == 1


def test_one_network_makes_few_accounts_and_the_link_stays_good(
    limited: Browser, session: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limited.app.config, "SIGN_IN_MINUTES", 90)
    for number in range(2):
        limited.post("accounts.sign_in", {"email": f"nieuw{number}@example.org"})
    first, second = mails(session)
    limited.post(first)
    limited.post("accounts.sign_out")
    assert "Over 60 minuten kunt u er weer een maken" in limited.post(second, status=429).text
    clock.now += timedelta(hours=1)
    limited.post(second)


def _organiser(browser: Browser, *, has_secret: bool) -> Browser:
    """Let a new organiser come in by the mailed link only."""
    with browser.app.app_context(), writing():
        if not db.session.query(User).count():
            small_city(db.session())
        user = person(db.session(), Role.COORDINATOR)
        if has_secret:
            tie_authenticator(user)
        db.session.commit()
        user_id = user.id
    with browser.client.session_transaction() as stored, browser.app.test_request_context(), writing():
        start_session(db.session.get_one(User, user_id))
        db.session.commit()
        stored.update(cookie)
    return browser
