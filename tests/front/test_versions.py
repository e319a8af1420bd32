"""The version of a stored thing: it counts every change, and nothing is written over one that was not read."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ChangedSinceError, NotAllowedError
from buurtbegroot.database import lock_as_seen
from buurtbegroot.web.versions import Seen, read_seen
from tests.factories.accounts import person
from tests.factories.guards import unguarded

MOMENT = '"2026-11-21T11:00:00+00:00"'


@pytest.fixture
def user(session: Session) -> User:
    return person(session)


def test_each_change_is_a_version(session: Session, user: User) -> None:
    assert user.version == 1
    user.name = "Noor"
    session.flush()
    assert user.version == 2
    session.flush()
    assert user.version == 2, "nothing changed"


def test_whoever_takes_the_lock_makes_a_version_also_of_parts_alone(session: Session, user: User) -> None:
    for seen in (1, 2):
        lock_as_seen(session, user, seen=seen)
        session.flush()
    assert user.version == 3


@pytest.mark.parametrize("seen", [-1, 0, 2, 10**30])
def test_another_version_is_refused(session: Session, user: User, seen: int) -> None:
    with pytest.raises(ChangedSinceError):
        lock_as_seen(session, user, seen=seen)
    session.flush()
    assert user.version == 1


def test_the_lock_sees_what_others_wrote(session: Session, user: User) -> None:
    _behind_its_back(session, user)
    assert (user.name, user.version) != ("Iemand anders", 7)
    with pytest.raises(ChangedSinceError):
        lock_as_seen(session, user, seen=1)
    lock_as_seen(session, user, seen=7)
    assert user.name == "Iemand anders"


def test_what_is_gone_is_not_found(session: Session, user: User) -> None:
    with unguarded(session):
        session.execute(User.__table__.delete().where(User.id == user.id))  # type: ignore[attr-defined]
    with pytest.raises(NotAllowedError):
        lock_as_seen(session, user, seen=1)


def test_who_forgets_the_lock_writes_over_nobody(app: Flask, session: Session, user: User) -> None:
    session.commit()
    _behind_its_back(session, user)
    user.name = "Noor"
    with pytest.raises(StaleDataError) as refusal:
        session.flush()
    with app.test_request_context():
        answer = app.make_response(app.handle_user_exception(refusal.value))
    assert answer.status_code == 409
    assert "veranderd nadat u de pagina opende" in answer.get_data(as_text=True)


def _behind_its_back(session: Session, user: User) -> None:
    change = update(User).where(User.id == user.id).values(name="Iemand anders", version=7)
    session.execute(change, execution_options={"synchronize_session": False})


def test_what_a_page_showed_comes_back_as_it_was(now: datetime) -> None:
    seen = Seen(3, now, {"title": ['Een "plan" <b>'], "lines": [{"what": ["Hout"], "yearly": []}], "points": []})
    assert read_seen(str(seen)) == seen


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "null", "[]", "{}", "[1,2,3]", '["1",null,{}]', '[1,"gisteren",{}]', '[1,"2026-11-21",[]]'),
        *("[" * 99_999, f"[1{'0' * 9_999},{MOMENT},{{}}]", f"[1e999,{MOMENT},{{}}]", f"[NaN,{MOMENT},{{}}]"),
        *('[1,"2026-11-21",{}]', '[1,"2026-11-21T11:00:00",{}]', '[1,"1999-12-31T11:00:00+00:00",{}]'),
        *('[1,"9999-12-31T23:59:59-23:59",{}]', '[1,"0001-01-01T00:00:00+23:59",{}]'),
        *(f'[1,{MOMENT},{{"name":["\\ud800"]}}]', f'[1,{MOMENT},{{"\\udfff":[]}}]', f'[1,{MOMENT},{{"name":5}}]'),
    ],
)
def test_what_was_tampered_with_is_nothing_seen(text: str) -> None:
    assert read_seen(text) == Seen()
