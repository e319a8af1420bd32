"""The made-up people of the sample city; every name says that it is one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import grant_role
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.demo.ballots import DEMO

DOMAIN = "voorbeeld.invalid"


@dataclass(frozen=True)
class Person:
    """Somebody in the demo: a name, what the sign-in list calls them, and a role with its area, if any."""

    key: str
    name: str
    label: str
    role: Role | None = None
    area: str = CITY


SIGN_INS = (
    Person("noor", "Noor (voorbeeld)", "bewoner"),
    Person("samira", "Samira (voorbeeld)", "coördinator, hele stad", Role.COORDINATOR),
    Person("joost", "Joost (voorbeeld)", "coördinator, hele stad", Role.COORDINATOR),
    Person("meryem", "Meryem (voorbeeld)", "medewerker stadsdeel West", Role.STAFF, "E"),
    Person("ad", "Ad (voorbeeld)", "beheerder", Role.ADMINISTRATOR),
)
AUTHORS = tuple(
    Person(name.lower(), f"{name} (voorbeeld)", "bewoner")
    for name in ("Aïsha", "Bram", "Chi", "Dunya", "Els", "Faisal", "Gerda", "Hanneke", "Ilse", "Jerome")
)


def add_people(session: Session, *, now: datetime) -> dict[str, User]:
    """Add everyone and return them by key."""
    people = {person.key: _user(person, now=now) for person in (*SIGN_INS, *AUTHORS)}
    session.add_all(people.values())
    session.flush()
    for person in SIGN_INS:
        if person.role:
            user, area = people[person.key], session.get_one(Area, person.area)
            grant_role(session, user, seen=user.version, role=person.role, area=area, by=DEMO, now=now)
    return people


def person_of(session: Session, key: str) -> User | None:
    """Return a person who was added earlier; None once the account was deleted."""
    return session.scalars(select(User).where(User.email == f"{key}@{DOMAIN}")).one_or_none()


def _user(person: Person, *, now: datetime) -> User:
    return User(
        email=f"{person.key}@{DOMAIN}",
        name=person.name,
        pseudonym=f"voorbeeld-{person.key}",
        created_at=now,
        may_publish_at=now,
    )
