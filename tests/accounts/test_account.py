"""One's own account: name, language, data and the end of it."""

import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, SignInLink, User, UserSession
from buurtbegroot.accounts.policy import may_be_called
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.models import OutboxMail
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.audit import something_happened
from tests.pages import Browser, SignIn


def test_name_and_language_change(signed_in: SignIn, session: Session) -> None:
    user = person(session)
    browser = signed_in(user)
    assert browser.get("accounts.show").find(".//input[@name='name']")[0].get("value") == user.name
    browser.send("accounts.show", {"name": "  Noor  ", "language": "en"})
    assert (user.name, user.language) == ("Noor", "en")
    assert browser.get("accounts.show").tree.get("lang") == "en"


@pytest.mark.parametrize("data", [{"name": "x" * 81, "language": "nl"}, {"name": "x", "language": "xx"}, {"name": "x"}])
def test_what_cannot_be_kept_is_refused(signed_in: SignIn, session: Session, data: dict[str, str]) -> None:
    browser = signed_in(person(session))
    page = browser.post("accounts.show", data, status=422)
    assert page.title.startswith("Fout: Mijn account")
    assert page.find(".//input[@name='name']")[0].get("value") == data["name"]


def test_html_in_a_name_stays_text(signed_in: SignIn, session: Session) -> None:
    browser = signed_in(person(session))
    browser.send("accounts.show", {"name": "<script>alert(1)</script>", "language": "nl"})
    assert "<script>alert(1)" not in browser.get("accounts.show").html


def test_roles_are_told_in_words(signed_in: SignIn, session: Session) -> None:
    small_city(session)
    assert "Coördinator in West" in signed_in(person(session, Role.COORDINATOR)).get("accounts.show").text


def test_the_export_holds_what_is_kept(signed_in: SignIn, session: Session, now: datetime) -> None:
    small_city(session)
    user = person(session, Role.STAFF)
    something_happened(session, now=now)
    answer = signed_in(user).raw("accounts.export")
    data = json.loads(answer.data)
    account = data["account"]
    assert account["email"] == user.email
    assert account["roles"] == [{"role": "staff", "area": "E", "given_by": ""}]
    assert len(account["signed_in_browsers"]) == 1
    assert data["log"] == []
    assert "totp_secret" not in answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_deleting_asks_twice_and_empties_the_account(signed_in: SignIn, session: Session, now: datetime) -> None:
    user = person(session)
    email = user.email
    mail: dict[str, Any] = {"template": "sign_in", "values": {}, "language": "nl", "now": now}
    enqueue_mail(session, recipient=email, **mail)
    enqueue_mail(session, recipient="other@example.org", **mail)
    session.add(SignInLink(token_hash="x", email=email, expires_at=now))
    browser = signed_in(user)
    assert browser.post("accounts.delete", status=422).title.startswith("Fout: ")
    browser.post("accounts.delete", {"sure": "y"})
    session.expire_all()
    (kept,) = session.scalars(select(User))
    assert (kept.name, kept.totp_secret, kept.deleted_at) == ("", "", now)
    assert email not in kept.email
    assert [mail.recipient for mail in session.scalars(select(OutboxMail))] == ["other@example.org"]
    for table in (UserSession, SignInLink):
        assert session.scalars(select(table)).all() == []
    browser.get("accounts.show", status=303)
    assert person(session).email != email


def test_an_address_can_come_back_as_somebody_new(signed_in: SignIn, browser: Browser, session: Session) -> None:
    user = person(session)
    email = user.email
    signed_in(user).post("accounts.delete", {"sure": "y"})
    browser.post("accounts.sign_in", {"email": email})
    link = session.scalars(select(OutboxMail)).one().values["link"].removeprefix("http://localhost")
    browser.post(link)
    assert email in browser.get("accounts.show").text
    assert len(session.scalars(select(User)).all()) == 2


def test_an_organiser_hands_over_first(signed_in: SignIn, session: Session) -> None:
    small_city(session)
    user = person(session, Role.COORDINATOR)
    page = signed_in(user).post("accounts.delete", {"sure": "y"}, status=422)
    assert "U heeft nog een taak" in page.text
    assert user.deleted_at is None


@pytest.mark.parametrize(
    "name",
    [
        "Stadsdeel Noord (officieel)",
        "gemeente-Amsterdam",
        "Coördinator",
        "S t a d s d e e l",
        "Ѕtаdѕdееl",
        "ＧＥＭＥＥＮＴＥ",
        "StadsdeeI Noord",
        "5tadsdee|",
        "stαdsdεel",
        "ɢᴇᴍᴇᴇɴᴛᴇ",
        "ꓢtadsdeel",
        "stads∂eel",
        "Ɠemeente",
        "🇸🇹🇦🇩🇸🇩🇪🇪🇱",
        "Een аmbtenааr",
        "Moderator",
        "Administrator",
        "City of Amsterdam",
        "Maker van het plan",
    ],
)
def test_only_who_has_a_role_is_called_as_who_decides(session: Session, signed_in: SignIn, name: str) -> None:
    small_city(session)
    resident, organiser = person(session), person(session, Role.COORDINATOR, "E")
    session.commit()
    assert not may_be_called(resident, name)
    assert may_be_called(organiser, name)
    page = signed_in(resident).send("accounts.show", {"name": name, "language": "nl"}, status=422)
    assert "lijkt van het stadsdeel of de gemeente" in page.text


@pytest.mark.parametrize(
    "name",
    [
        "Bewoners Burgemeester Röellstraat",
        "Stad en Groen",
        "Wethouder Verheijpad",
        "Makers van het plein",
        "Groep de Deelstraat",
        "Ömer",
        "Алексей Иванович",
        "محمد عبد الرحمن",
        "Jan 🌳🌳🌳🌳🌳🌳🌳🌳",
    ],
)
def test_names_of_people_and_streets_are_fine(session: Session, name: str) -> None:
    assert may_be_called(person(session), name)


def test_mail_to_others_that_waits_calls_nobody_by_an_address_that_is_gone(
    signed_in: SignIn, session: Session, now: datetime
) -> None:
    user = person(session)
    user.name = ""
    values: dict[str, Any] = {"subject": user.email, "cents": [1], "until": ""}
    mail = enqueue_mail(session, recipient="other@example.org", template="x", values=values, language="nl", now=now)
    session.commit()
    signed_in(user).send("accounts.delete", {"sure": "y"})
    session.refresh(mail)
    assert mail.values == {"subject": user.pseudonym, "cents": [1], "until": ""}
