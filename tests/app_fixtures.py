"""Fixtures of the whole app: on the database under test, a session that rolls back, a strict client.

`tests/conftest.py` loads them for the rooms that need them; pure code is tested without.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.app import create_app
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.domain.keys import ANCHORS_FILE, site_keys
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.live import ready_uri
from tests.pages import Browser, SignIn
from tests.templates import keep_compiled

keep_compiled()


@pytest.fixture(scope="session")
def empty_app() -> Iterator[Flask]:
    """One app for the whole run, on an empty database with every table."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "TESTING": True,
                "INSTANCE": folder,
                "KEY_DIRECTORY": f"{folder}/keys",
                "SECRET_KEY": "test",
                "SESSION_COOKIE_SECURE": False,
                "SQLALCHEMY_DATABASE_URI": ready_uri(Path(folder)),
                "RATELIMIT_ENABLED": False,
                "WTF_CSRF_ENABLED": False,
                "SERVER_NAME": "localhost",
                "SITE_URL": "http://localhost",
            }
        )
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(empty_app: Flask, clock: Clock) -> Iterator[Flask]:
    """The app with its clock under control, inside an app context."""
    empty_app.config["CLOCK"] = clock
    with empty_app.app_context():
        yield empty_app


@pytest.fixture
def session(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session whose every commit is undone after the test, and what was signed; views use the same one."""
    with writing(), db.engine.connect() as connection:
        outer = connection.begin()
        maker = sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        scope = scoped_session(maker, scopefunc=lambda: 0)
        monkeypatch.setattr(db, "session", scope)
        monkeypatch.setattr(app, "teardown_appcontext_funcs", [])
        signed = site_keys(scope()).directory / ANCHORS_FILE
        yield scope()
        scope.remove()
        outer.rollback()
        signed.unlink(missing_ok=True)


@pytest.fixture
def areas(session: Session) -> dict[str, Area]:
    """The areas of a small city, by code."""
    return small_city(session)


@pytest.fixture
def browser(app: Flask, session: Session) -> Browser:
    """A browser that reads every page strictly; nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, session: Session) -> SignIn:
    """Return a browser in which this person is signed in, with the second factor where the role asks for it."""

    def start(user: User) -> Browser:
        browser = Browser(app)
        browser.sign_in(user)
        return browser

    return start


@pytest.fixture
def desk(session: Session, areas: dict[str, Area], signed_in: SignIn) -> Browser:
    """The pages as a coordinator of the whole of stadsdeel E sees them."""
    user = person(session, Role.COORDINATOR, "E")
    session.commit()
    return signed_in(user)
