"""Signing in by a mailed link: asking, pressing, and everything that may go wrong with it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import find_or_add_user
from buurtbegroot.accounts.asking import demo_sign_in_path
from buurtbegroot.accounts.models import SignInLink, User, UserSession
from buurtbegroot.extensions import db
from buurtbegroot.mail.models import OutboxMail
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.pages import Browser, SignIn


def ask(browser: Browser, email: str, **values: Any) -> str:
    """Ask for a link and return the path that was mailed."""
    browser.post("accounts.sign_in", {"email": email}, **values)
    return mailed_path()


def mailed_path() -> str:
    link: str = latest_mail().values["link"]
    return link.removeprefix("http://localhost")


def latest_mail() -> OutboxMail:
    found = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
    assert found is not None
    return found


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_newcomer_gets_an_account_by_the_first_link(browser: Browser, session: Session) -> None:
    path = ask(browser, "  Nieuw.Mens@Example.ORG ", verder="/plannen")
    assert count(session, User) == 0
    page = browser.get(path)
    assert "nieuw.mens@example.org" in page.text
    assert count(session, User) == 0, "opening the link, as mail scanners do, changes nothing"
    welcome = browser.post(path).response.headers["Location"]
    assert welcome == "/account/welkom?verder=/plannen"
    assert "Welkom" in browser.get(welcome).heading
    assert browser.send(welcome, {"name": " Noor "}).response.headers["Location"] == "/plannen"
    assert session.scalars(select(User)).one().name == "Noor"
    assert "nieuw.mens@example.org" in browser.get("accounts.show").text


def test_known_and_unknown_addresses_get_the_same_answer(app: Flask, session: Session) -> None:
    known = person(session)
    answers = []
    for email in (known.email, "nobody@example.org"):
        browser = Browser(app)
        sent = browser.post("accounts.sign_in", {"email": email})
        answers.append((sent.html, sent.response.headers["Location"], browser.get("accounts.link_sent").text))
    assert answers[0] == answers[1]
    assert count(session, OutboxMail) == 2


def test_the_database_keeps_only_a_hash_of_the_token(browser: Browser, session: Session) -> None:
    token = ask(browser, "mens@example.org").rsplit("/", 1)[1]
    link = session.scalars(select(SignInLink)).one()
    assert token not in (link.token_hash, link.email, link.next_path)


def test_a_link_works_once(app: Flask, browser: Browser, session: Session) -> None:
    path = ask(browser, "mens@example.org")
    browser.post(path)
    other = Browser(app)
    assert other.get(path, status=410).heading == "Deze link werkt niet meer"
    assert other.post(path, status=410).find(".//a[@href='/account/inloggen']")
    other.get("accounts.show", status=303)


def test_a_link_expires(browser: Browser, session: Session, clock: Clock) -> None:
    path = ask(browser, "mens@example.org")
    clock.now += timedelta(minutes=15)
    browser.get(path, status=410)
    browser.post(path, status=410)


def test_a_made_up_link_is_gone(browser: Browser) -> None:
    browser.get("/account/inloggen/verzonnen", status=410)
    browser.post("/account/inloggen/" + "x" * 5000, status=410)


@pytest.mark.parametrize(
    "typed", ["", "  ", "mens", "mens@", "@example.org", "a@b@c.nl", "mens@example", "x" * 250 + "@example.org",
              "mens@example.org\nBcc: other@example.org", "<script>@example.org", "mens@exa mple.org"]
)  # fmt: skip
def test_what_is_no_address_is_refused_beside_the_field(browser: Browser, session: Session, typed: str) -> None:
    page = browser.post("accounts.sign_in", {"email": typed}, status=422)
    assert page.title.startswith("Fout: Inloggen")
    assert page.find(".//*[@role='alert']//a[@href='#email']")
    field = page.find(".//input[@name='email']")[0]
    assert field.get("aria-invalid") == "true"
    assert (field.get("value") or "").strip() == " ".join(typed.split("\n")).strip() or "\n" in typed
    assert count(session, OutboxMail) == 0


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:1", "x" * 600]
)
def test_next_never_leads_away(browser: Browser, session: Session, target: str) -> None:
    path = ask(browser, "mens@example.org", verder=target)
    assert browser.post(path).response.headers["Location"] == "/account/welkom"
    page = browser.get("accounts.welcome", verder=target)
    assert [a for a in page.find(".//main//a") if a.get("href") == target] == []
    assert browser.send("accounts.welcome", verder=target).response.headers["Location"] == "/account"


def test_a_name_has_at_most_eighty_characters(signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    page = browser.post("accounts.welcome", {"name": "x" * 81}, status=422)
    assert page.find(".//input[@name='name']")[0].get("value") == "x" * 81
    assert "80" in page.text_of(".//*[@role='alert']")


def test_expired_links_are_cleared_away(browser: Browser, session: Session, clock: Clock) -> None:
    for _ in range(2):
        browser.post("accounts.sign_in", {"email": "mens@example.org"})
        clock.now += timedelta(minutes=16)
    assert count(session, SignInLink) == 1


def test_the_mail_is_in_the_language_of_the_account(app: Flask, session: Session) -> None:
    known = person(session)
    known.language = "en"
    Browser(app).post("accounts.sign_in", {"email": known.email})
    assert latest_mail().language == "en"


def test_someone_signed_in_needs_no_link(signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    assert browser.get("accounts.sign_in", status=303, verder="/plannen").response.headers["Location"] == "/plannen"


def test_a_page_for_residents_comes_back_after_signing_in(browser: Browser, session: Session) -> None:
    sign_in = browser.get("accounts.export", status=303).response.headers["Location"]
    assert sign_in == "/account/inloggen?verder=/account/gegevens.json"
    browser.post(sign_in, {"email": "mens@example.org"})
    assert browser.post(mailed_path()).response.headers["Location"].endswith("verder=/account/gegevens.json")


def test_two_links_for_one_new_address_make_one_account(session: Session, now: datetime) -> None:
    first = find_or_add_user(session, "mens@example.org", language="nl", by=PROGRAM, now=now)
    assert find_or_add_user(session, "mens@example.org", language="nl", by=PROGRAM, now=now) is first
    assert re.fullmatch(r"[0-9a-f]{16}", first.pseudonym)


def test_the_demo_signs_in_with_one_press(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    user, browser = person(session), Browser(app)
    session.commit()
    path = demo_sign_in_path(user)
    browser.get(path, status=404)
    browser.post(path, status=404)
    monkeypatch.setitem(app.config, "DEMO", True)
    assert user.name in browser.get(path).heading
    assert count(session, UserSession) == 0
    browser.post(path)
    assert user.email in browser.get("accounts.show").text
    browser.get(path + "x", status=404)
    browser.post("/account/demo/WzFd.x", status=404)
    user.deleted_at = datetime.now(UTC)
    session.commit()
    browser.get(path, status=404)
