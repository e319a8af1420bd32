"""What two administrators do together: taking off an authenticator, and erasing what the log says."""

from datetime import datetime

import pytest
from buurtbegroot.accounts.key_acts import (
    KeyActFault,
    KeyActRefusedError,
    confirm_key_act,
    request_key_act,
    withdraw_key_act,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import KeyAct, KeyRequest, Role, User
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.audit.queries.verification import verify_log
from tests.factories.accounts import person, tie_authenticator
from tests.factories.areas import small_city
from tests.factories.audit import something_happened
from tests.pages import Browser, QueryCount, SignIn


@pytest.fixture
def admins(session: Session) -> list[User]:
    small_city(session)
    return [person(session, Role.ADMINISTRATOR, CITY) for _ in range(2)]


def logged(session: Session) -> list[tuple[str, str]]:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq))
    return [(entry.action, entry.actor) for entry in entries]


def test_a_lost_phone_takes_two_administrators(admins: list[User], session: Session, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in admins)
    user = tie_authenticator(person(session, Role.STAFF))
    theirs = signed_in(user)
    first.post("accounts_organiser.request_reset", user_id=user.id)
    asked = {"handeling": "reset_second_factor", "over": f"person:{user.pseudonym}"}
    assert "Een andere beheerder moet het bevestigen" in first.get("accounts_organiser.requests").text
    first.post("accounts_organiser.confirm", asked)
    assert "U heeft dit zelf aangevraagd" in first.get("accounts_organiser.requests").text
    assert user.totp_secret
    theirs.get("accounts.show")
    page = second.get("accounts_organiser.requests")
    assert f"Wis de tweede stap van {user.name}" in page.text
    second.post("accounts_organiser.confirm", asked)
    session.refresh(user)
    assert (user.totp_secret, user.totp_last_step) == ("", 0)
    theirs.get("accounts.show", status=303)
    assert "Er staat niets open" in second.get("accounts_organiser.requests").text
    assert logged(session) == [
        ("accounts.key_act_requested", admins[0].pseudonym),
        ("accounts.key_act_confirmed", admins[1].pseudonym),
        ("accounts.second_factor_reset", admins[1].pseudonym),
    ]


def test_erasing_takes_two_administrators(
    admins: list[User], session: Session, signed_in: SignIn, browser: Browser, now: datetime
) -> None:
    something_happened(session, now=now)
    session.commit()
    first, second = (signed_in(user) for user in admins)
    assert first.get("audit.show", seq=1).find(".//a[@href='/werkplek/mensen/logboek/1/wissen']")
    assert not browser.get("audit.show", seq=1).find(".//a[@href='/werkplek/mensen/logboek/1/wissen']")
    assert first.post("accounts_organiser.request_erasure", {"reason": " "}, seq=1, status=422).title.startswith("Fout")
    assert "300" in first.post("accounts_organiser.request_erasure", {"reason": "x" * 301}, seq=1, status=422).text
    first.post("accounts_organiser.request_erasure", {"reason": "Er stond een naam in."}, seq=1)
    assert session.get(AuditPayload, 1) is not None
    assert "Er stond een naam in." in second.get("accounts_organiser.requests").text
    second.post("accounts_organiser.confirm", {"handeling": "erase_payload", "over": "log:1"})
    assert session.get(AuditPayload, 1) is None
    page = browser.get("audit.index")
    assert "De gegevens van deze regel zijn gewist." in page.text
    assert "Reden: Er stond een naam in." in page.text
    found = verify_log(session)
    assert (found.entries, found.erased, found.problem) == (4, 1, None)
    first.get("accounts_organiser.request_erasure", seq=1, status=303)
    first.get("accounts_organiser.request_erasure", seq=99, status=404)


def test_asking_twice_and_taking_back(admins: list[User], session: Session, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in admins)
    user = tie_authenticator(person(session, Role.STAFF))
    session.commit()
    for browser in (first, second):
        browser.post("accounts_organiser.request_reset", user_id=user.id)
    assert "Dit is al aangevraagd" in second.get("accounts_organiser.requests").text
    asked = {"handeling": "reset_second_factor", "over": f"person:{user.pseudonym}"}
    second.post("accounts_organiser.withdraw", asked)
    second.post("accounts_organiser.confirm", asked)
    assert "Deze aanvraag is er niet meer" in second.get("accounts_organiser.requests").text
    assert user.totp_secret
    first.post("accounts_organiser.confirm", {"handeling": "iets", "over": "person:x"}, status=404)


def test_who_owes_the_role_to_the_asker_is_no_second_person(
    admins: list[User], session: Session, now: datetime
) -> None:
    first, second = admins
    second.grants[0].granted_by = first.pseudonym
    request_key_act(session, KeyAct.RESET_SECOND_FACTOR, "person:x", reason="", by=first, now=now)
    with pytest.raises(KeyActRefusedError) as refused:
        confirm_key_act(session, KeyAct.RESET_SECOND_FACTOR, "person:x", by=second, now=now)
    assert refused.value.fault is KeyActFault.NOT_INDEPENDENT


@pytest.mark.parametrize(
    ("act", "object_"), [(KeyAct.RESET_SECOND_FACTOR, "person:x"), (KeyAct.ERASE_PAYLOAD, "log:1")]
)
def test_what_is_gone_already_is_refused(
    admins: list[User], session: Session, now: datetime, act: KeyAct, object_: str
) -> None:
    first, second = admins
    something_happened(session, now=now)
    session.delete(session.get_one(AuditPayload, 1))
    session.flush()
    request_key_act(session, act, object_, reason="Daarom.", by=first, now=now)
    with pytest.raises(KeyActRefusedError) as refused:
        confirm_key_act(session, act, object_, by=second, now=now)
    assert refused.value.fault is KeyActFault.NOTHING_LEFT
    withdraw_key_act(session, act, object_, by=second, now=now)
    assert session.scalar(select(func.count()).select_from(KeyRequest)) == 0


def test_the_list_takes_few_queries(admins: list[User], session: Session, signed_in: SignIn, now: datetime) -> None:
    browser, counts = signed_in(admins[0]), []
    for number in (2, 20):
        for _ in range(number):
            name = f"person:{person(session, Role.STAFF).pseudonym}"
            request_key_act(session, KeyAct.RESET_SECOND_FACTOR, name, reason="", by=admins[1], now=now)
        session.commit()
        with QueryCount() as queries:
            browser.get("accounts_organiser.requests")
        counts.append(queries.number)
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize("role", [None, Role.COORDINATOR, Role.STAFF])
def test_nobody_else_asks_or_confirms(session: Session, signed_in: SignIn, now: datetime, role: Role | None) -> None:
    small_city(session)
    something_happened(session, now=now)
    other = signed_in(person(session, role))
    other.get("accounts_organiser.request_erasure", seq=1, status=404)
    other.get("accounts_organiser.requests", status=404)
    for name in ("confirm", "withdraw"):
        other.post(f"accounts_organiser.{name}", {"handeling": "erase_payload", "over": "log:1"}, status=404)
