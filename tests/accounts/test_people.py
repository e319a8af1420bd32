"""The administrator's pages about people, the command for the first administrator, and who may do what where."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts import commands
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.policy import are_independent, may_coordinate, may_view_as_staff
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.database import writing
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.pages import Browser, QueryCount, SignIn


@pytest.fixture
def city(session: Session) -> dict[str, Area]:
    return small_city(session)


@pytest.fixture
def admin(session: Session, city: dict[str, Area], signed_in: SignIn) -> Browser:
    return signed_in(person(session, Role.ADMINISTRATOR, CITY))


def actions(session: Session) -> list[tuple[str, str]]:
    return [(entry.action, entry.object) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]


@pytest.mark.parametrize("role", [None, Role.COORDINATOR, Role.STAFF])
def test_only_administrators_come_here(
    signed_in: SignIn, session: Session, city: dict[str, Area], role: Role | None
) -> None:
    other = signed_in(person(session, role))
    for path in ("/werkplek/mensen", "/werkplek/mensen/1", "/werkplek/mensen/toevoegen"):
        other.get(path, status=404)
    for path in ("/werkplek/mensen/1/intrekken", "/werkplek/mensen/1/tweede-stap", "/werkplek/mensen/1"):
        other.post(path, status=404)


def test_people_are_found_by_name_and_address(admin: Browser, session: Session) -> None:
    for name in ("Noor", "Özlem", "100%"):
        person(session).name = name
    session.commit()
    assert "Noor" in admin.get("accounts_organiser.index").text
    found = admin.get("accounts_organiser.index", zoek="noor")
    assert [link.text for link in found.find(".//tbody/tr/th/a")] == ["Noor"]
    found = admin.get("accounts_organiser.index", zoek="%")
    assert [link.text for link in found.find(".//tbody/tr/th/a")] == ["100%"]
    assert "Niemand gevonden" in admin.get("accounts_organiser.index", zoek="x\x00y").text


def test_a_long_list_comes_in_pages_with_few_queries(admin: Browser, session: Session) -> None:
    counts = []
    for number in (5, 60):
        for _ in range(number):
            person(session, Role.COORDINATOR)
        session.commit()
        session.expire_all()
        with QueryCount() as queries:
            page = admin.get("accounts_organiser.index")
        counts.append(queries.number)
    assert counts[0] == counts[1] <= 8
    assert "50 van 66 mensen" in page.text
    assert len(admin.get("accounts_organiser.index", pagina=2).find(".//tbody/tr")) == 16


def test_giving_and_taking_a_role_is_logged(admin: Browser, session: Session) -> None:
    user = person(session)
    session.commit()
    admin.send("accounts_organiser.person", {"role": "coordinator", "place": "west"}, user_id=user.id)
    session.refresh(user)
    assert [(grant.role, grant.area_code) for grant in user.grants] == [(Role.COORDINATOR, "E")]
    admin.send("accounts_organiser.person", {"role": "coordinator", "place": "E"}, user_id=user.id)
    gone = {"role": "coordinator", "area_code": "E"}
    admin.send("accounts_organiser.revoke", gone, on="accounts_organiser.person", user_id=user.id)
    admin.post("accounts_organiser.revoke", gone, user_id=user.id, status=404)
    session.refresh(user)
    (mail,) = session.scalars(select(OutboxMail).where(OutboxMail.recipient == user.email))
    assert "U kreeg een taak: coördinator, West." in str(compose(mail).get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert user.grants == []
    about = f"person:{user.pseudonym}"
    assert actions(session) == [("accounts.role_granted", about), ("accounts.role_revoked", about)]
    assert user.email not in admin.get("audit.index").text


def test_everybody_can_read_who_gave_which_role_to_whom(admin: Browser, browser: Browser, session: Session) -> None:
    boss, users = session.scalars(select(User)).one(), [person(session) for _ in range(2)]
    session.commit()
    for user in users:
        admin.send("accounts_organiser.person", {"role": "coordinator", "place": "E"}, user_id=user.id)
    session.expire_all()
    assert are_independent(*users), "one administrator may give all roles; the log shows it"
    rows = browser.get("audit.index").find(".//tbody/tr")
    told = [" ".join("".join(row.itertext()).split()) for row in rows]
    for user, line in zip(reversed(users), told, strict=True):
        for part in ("Iemand kreeg een taak: coördinator in West.", f"Beheerder {boss.pseudonym}", user.pseudonym):
            assert part in line


def test_nobody_gives_a_role_to_themselves(admin: Browser, session: Session) -> None:
    boss = session.scalars(select(User)).one()
    assert not admin.get("accounts_organiser.person", user_id=boss.id).find(".//select[@name='role']")
    admin.post("accounts_organiser.person", {"role": "staff", "place": "E"}, user_id=boss.id)
    assert "Niemand geeft zichzelf een rol" in admin.get("accounts_organiser.person", user_id=boss.id).text
    session.refresh(boss)
    assert [grant.role for grant in boss.grants] == [Role.ADMINISTRATOR]
    assert actions(session) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"role": "", "place": "E"}, "role"),
        ({"role": "king", "place": "E"}, "role"),
        ({"role": "staff", "place": ""}, "place"),
        ({"role": "staff", "place": "Atlantis"}, "place"),
        ({"role": "staff", "place": "x" * 200}, "place"),
        ({}, "role"),
    ],
)
def test_a_role_that_cannot_be_given(admin: Browser, session: Session, data: dict[str, str], field: str) -> None:
    user = person(session)
    session.commit()
    page = admin.post("accounts_organiser.person", data, user_id=user.id, status=422)
    assert page.title.startswith("Fout: ")
    assert page.find(f".//*[@role='alert']//a[@href='#{field}']")
    assert page.find(".//input[@name='place']")[0].get("value") == data.get("place", "")


def test_a_name_of_two_areas_asks_for_the_code(admin: Browser, session: Session, city: dict[str, Area]) -> None:
    city["KA"].search = "west"
    session.commit()
    user = person(session)
    session.commit()
    page = admin.post("accounts_organiser.person", {"role": "staff", "place": "West"}, user_id=user.id, status=422)
    assert "E (stadsdeel), KA (wijk)" in page.text


def test_an_administrator_is_one_of_the_whole_city(admin: Browser, session: Session) -> None:
    user = person(session)
    session.commit()
    admin.send("accounts_organiser.person", {"role": "administrator", "place": "E"}, user_id=user.id)
    session.refresh(user)
    assert [grant.area_code for grant in user.grants] == [CITY]


def test_the_last_administrator_stays(admin: Browser, session: Session) -> None:
    boss = session.scalars(select(User)).one()
    data = {"role": "administrator", "area_code": CITY}
    admin.send("accounts_organiser.revoke", data, on="accounts_organiser.person", user_id=boss.id)
    session.refresh(boss)
    assert boss.is_administrator
    assert "laatste beheerder" in admin.get("accounts_organiser.index").text


def test_who_gives_up_her_own_task_comes_where_she_still_may(admin: Browser, session: Session) -> None:
    me = session.scalars(select(User)).one()
    person(session, Role.ADMINISTRATOR, CITY)
    session.commit()
    data = {"role": "administrator", "area_code": CITY}
    page = admin.send("accounts_organiser.revoke", data, on="accounts_organiser.person", user_id=me.id)
    assert "De taak is ingetrokken" in admin.get(page.response.headers["Location"], status=200).text


def test_somebody_without_an_account_can_be_added(admin: Browser, session: Session) -> None:
    assert admin.post("accounts_organiser.add", {"email": "x"}, status=422).title.startswith("Fout: ")
    page = admin.post("accounts_organiser.add", {"email": "New@Example.org"})
    assert "new@example.org" in admin.get(page.response.headers["Location"]).heading
    again = admin.post("accounts_organiser.add", {"email": "new@example.org"})
    assert again.response.headers["Location"] == page.response.headers["Location"]


def test_an_administrator_signs_somebody_out_everywhere(admin: Browser, session: Session, signed_in: SignIn) -> None:
    user, other = person(session, Role.STAFF), person(session)
    browsers = [signed_in(user), signed_in(user)]
    assert "Ingelogd op 2 apparaten" in admin.get("accounts_organiser.person", user_id=user.id).text
    bystander = signed_in(other)
    admin.post("accounts_organiser.sign_out", user_id=user.id)
    for browser in browsers:
        browser.get("accounts.show", status=303)
    bystander.get("accounts.show")
    assert actions(session) == [("accounts.sessions_ended", f"person:{user.pseudonym}")]


@pytest.mark.parametrize("path", ["/werkplek/mensen/0", "/werkplek/mensen/" + "9" * 30, "/werkplek/mensen/x"])
def test_an_unknown_person_is_not_found(admin: Browser, path: str) -> None:
    admin.get(path, status=404)


@pytest.mark.parametrize(
    ("role", "where", "area", "coordinates", "sees"),
    [
        (None, "", "E", False, False),
        (Role.COORDINATOR, "E", "E", True, True),
        (Role.COORDINATOR, "E", "EA01", True, True),
        (Role.COORDINATOR, "E", "K", False, False),
        (Role.COORDINATOR, "E", "0363", False, False),
        (Role.COORDINATOR, "EA", "EA01", True, True),
        (Role.COORDINATOR, "EA", "E", False, False),
        (Role.COORDINATOR, "0363", "KA03", True, True),
        (Role.STAFF, "E", "EA01", False, True),
        (Role.STAFF, "K", "EA01", False, False),
        (Role.ADMINISTRATOR, "0363", "EA01", True, True),
    ],
)
def test_roles_hold_in_an_area_and_all_within_it(
    session: Session, city: dict[str, Area], role: Role | None, where: str, area: str, coordinates: bool, sees: bool
) -> None:
    user = person(session, role, where)
    assert (may_coordinate(user, city[area]), may_view_as_staff(user, city[area])) == (coordinates, sees)


def test_a_gebied_counts_too(session: Session, city: dict[str, Area]) -> None:
    user = person(session, Role.COORDINATOR, "KA")
    city["EA01"].gebied_code = "KA"
    assert may_coordinate(user, city["EA01"])


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    with writing():
        result = app.test_cli_runner().invoke(commands.group, ["grant", *arguments])
    return result.exit_code, result.output


def test_the_command_makes_the_first_administrator(app: Flask, session: Session, city: dict[str, Area]) -> None:
    assert run(app, "Boss@Example.org", "administrator", "0363") == (
        0,
        "boss@example.org is administrator in Amsterdam\n",
    )
    boss = session.scalars(select(User)).one()
    assert boss.is_administrator
    assert actions(session) == [("accounts.role_granted", f"person:{boss.pseudonym}")]


@pytest.mark.parametrize(
    "arguments", [("nobody", "staff", "E"), ("a@example.org", "king", "E"), ("a@example.org", "staff", "Atlantis")]
)
def test_the_command_refuses_nonsense(
    app: Flask, session: Session, city: dict[str, Area], arguments: tuple[str, ...]
) -> None:
    code, said = run(app, *arguments)
    assert code == 2
    assert "Invalid value" in said
    assert session.scalars(select(User)).all() == []
