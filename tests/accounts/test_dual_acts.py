"""What two administrators do together: taking off an authenticator, and erasing what the log says."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import confirm_erasure, confirm_reset, delete_account
from buurtbegroot.accounts.dual_acts import ERASE_PAYLOAD, RESET_SECOND_FACTOR, person_key
from buurtbegroot.accounts.events import SecondFactorReset
from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.accounts.policy import are_independent
from buurtbegroot.acts import RefusedError
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.dual_control.actions import DualFault, request_act
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import Act
from buurtbegroot.guards import drop_guards
from buurtbegroot.house import ROOMS
from buurtbegroot.rooms import Register
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import PURGE
from tests.factories.accounts import person, tie_authenticator
from tests.factories.areas import small_city
from tests.factories.audit import something_happened
from tests.factories.dual_control import seen_on
from tests.pages import Browser, QueryCount, SignIn

KEPT = Register(ROOMS).kept


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
    assert f"{user.name}: wis de tweede stap" in page.text
    assert user.email in page.text
    second.post("accounts_organiser.confirm", asked | seen_on(page))
    session.refresh(user)
    assert (user.totp_secret, user.totp_last_step) == ("", 0)
    theirs.get("accounts.show", status=303)
    assert "Er staat niets open" in second.get("accounts_organiser.requests").text
    assert logged(session) == [
        ("dual_control.requested", admins[0].pseudonym),
        ("dual_control.confirmed", admins[1].pseudonym),
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
    page = second.get("accounts_organiser.requests")
    assert "Er stond een naam in." in page.text
    assert second.get("audit.show", seq=1).text_of(".//p[@class='bb-lead']") in page.text
    second.post("accounts_organiser.confirm", {"handeling": "erase_payload", "over": "log:1"} | seen_on(page))
    assert session.get(AuditPayload, 1) is None
    assert job_of(session, PURGE) is not None
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
    assert "Niemand vroeg dit aan" in second.get("accounts_organiser.requests").text
    assert user.totp_secret
    first.post("accounts_organiser.confirm", {"handeling": "iets", "over": "person:x"}, status=404)


def test_who_owes_the_role_to_the_asker_is_no_second_person(
    admins: list[User], session: Session, now: datetime
) -> None:
    first, second = admins
    user = tie_authenticator(person(session, Role.STAFF))
    second.grants[0].granted_by = first.pseudonym
    seen = request_act(session, RESET_SECOND_FACTOR, user, by=first, now=now).fingerprint
    with pytest.raises(RefusedError) as refused:
        confirm_reset(session, user, seen=seen, by=second, now=now)
    assert refused.value.fault is DualFault.NOT_INDEPENDENT


def test_a_role_of_ones_own_making_makes_no_second_person(admins: list[User], session: Session) -> None:
    first, second = admins
    second.grants[0].granted_by = first.pseudonym
    second.grants.append(RoleGrant(role=Role.STAFF, area_code="E", granted_by=second.pseudonym))
    assert not are_independent(first, second)
    assert not are_independent(second, first)
    second.grants.append(RoleGrant(role=Role.COORDINATOR, area_code="E", granted_by=person(session).pseudonym))
    assert are_independent(first, second)


def test_what_is_gone_already_cannot_be_asked(admins: list[User], session: Session, now: datetime) -> None:
    entry = something_happened(session, now=now)
    drop_guards(session.connection())
    session.delete(session.get_one(AuditPayload, 1))
    session.flush()
    user = person(session, Role.STAFF)
    asked: list[tuple[Act[Any], Any]] = [(RESET_SECOND_FACTOR, user), (ERASE_PAYLOAD, entry)]
    for act, thing in asked:
        with pytest.raises(RefusedError) as refused:
            request_act(session, act, thing, by=admins[0], now=now)
        assert refused.value.fault is DualFault.NOT_NOW


def test_what_went_meanwhile_cannot_be_confirmed(admins: list[User], session: Session, now: datetime) -> None:
    first, second = admins
    entry, user = something_happened(session, now=now), tie_authenticator(person(session, Role.STAFF))
    erasing = request_act(session, ERASE_PAYLOAD, entry, by=first, now=now, reason="Daarom.")
    resetting = request_act(session, RESET_SECOND_FACTOR, user, by=first, now=now)
    user.totp_secret = ""
    record(session, SecondFactorReset(object=person_key(user)), by=first, now=now)
    assert (resetting.state, erasing.state) == (State.LAPSED, State.OPEN)
    drop_guards(session.connection())
    session.delete(session.get_one(AuditPayload, 1))
    session.flush()
    with pytest.raises(RefusedError) as refused:
        confirm_reset(session, user, seen=resetting.fingerprint, by=second, now=now)
    assert refused.value.fault is DualFault.CHANGED
    with pytest.raises(RefusedError) as refused:
        confirm_erasure(session, entry, seen=erasing.fingerprint, by=second, now=now)
    assert refused.value.fault is DualFault.NOT_NOW


def test_what_two_people_agreed_on_is_done_once(admins: list[User], session: Session, now: datetime) -> None:
    first, second = admins
    user = tie_authenticator(person(session, Role.STAFF))
    asked = request_act(session, RESET_SECOND_FACTOR, user, by=first, now=now)
    confirm_reset(session, user, seen=asked.fingerprint, by=second, now=now)
    tie_authenticator(user)
    session.flush()
    for by in admins:
        with pytest.raises(RefusedError) as refused:
            confirm_reset(session, user, seen=asked.fingerprint, by=by, now=now)
        assert refused.value.fault is DualFault.ALREADY_CONFIRMED
    assert user.totp_secret


def test_what_is_to_be_erased_is_not_kept_in_the_request(admins: list[User], session: Session, now: datetime) -> None:
    entry = something_happened(session, now=now)
    asked = request_act(session, ERASE_PAYLOAD, entry, by=admins[0], now=now, reason="Daarom.")
    assert entry.details is not None
    assert entry.details.payload["reason"] not in str(asked.shown)


def test_whose_account_ends_is_in_no_request_any_more(admins: list[User], session: Session, now: datetime) -> None:
    user = tie_authenticator(person(session, Role.STAFF))
    asked = request_act(session, RESET_SECOND_FACTOR, user, by=admins[0], now=now)
    confirm_reset(session, user, seen=asked.fingerprint, by=admins[1], now=now)
    assert user.email in str(asked.shown)
    email, user.grants = user.email, []
    delete_account(session, user, kept=KEPT, by=user, now=now)
    session.expire_all()
    assert email not in str([request.shown for request in session.scalars(select(DualRequest))])


def test_the_list_takes_few_queries(admins: list[User], session: Session, signed_in: SignIn, now: datetime) -> None:
    browser, counts = signed_in(admins[0]), []
    for number in (2, 20):
        for _ in range(number):
            request_act(
                session, RESET_SECOND_FACTOR, tie_authenticator(person(session, Role.STAFF)), by=admins[1], now=now
            )
        session.commit()
        with QueryCount() as queries:
            browser.get("accounts_organiser.requests")
        counts.append(queries.number)
    assert counts[0] == counts[1] <= 10  # two of the menu of the workplace, which counts what waits


@pytest.mark.parametrize("role", [None, Role.COORDINATOR, Role.STAFF])
def test_nobody_else_asks_or_confirms(session: Session, signed_in: SignIn, now: datetime, role: Role | None) -> None:
    small_city(session)
    something_happened(session, now=now)
    other = signed_in(person(session, role))
    other.get("accounts_organiser.request_erasure", seq=1, status=404)
    other.get("accounts_organiser.requests", status=404)
    for name in ("confirm", "withdraw"):
        other.post(f"accounts_organiser.{name}", {"handeling": "erase_payload", "over": "log:1"}, status=404)
