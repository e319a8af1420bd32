"""A round that takes plans, a resident in it and the coordinator of its stadsdeel."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.pages import Browser, SignIn


class SettledBrowser(Browser):
    """A browser before whose every request the test's own rows are committed: a GET rolls back what is not."""

    def path(self, endpoint: str, **values: Any) -> str:
        db.session.commit()
        return super().path(endpoint, **values)


@pytest.fixture
def browser(app: Flask, session: Session) -> Browser:
    return SettledBrowser(app)


@pytest.fixture
def signed_in(app: Flask, session: Session) -> SignIn:
    def start(user: User) -> Browser:
        browser = SettledBrowser(app)
        browser.sign_in(user)
        return browser

    return start


@pytest.fixture
def city(session: Session) -> dict[str, Area]:
    return small_city(session)


@pytest.fixture
def round_(session: Session, city: dict[str, Area], now: datetime) -> Round:
    return round_in(session, Phase.SUBMISSION, areas=city, now=now)


@pytest.fixture
def resident(session: Session, city: dict[str, Area]) -> User:
    return person(session)


@pytest.fixture
def coordinator(session: Session, city: dict[str, Area]) -> User:
    return person(session, Role.COORDINATOR, "E")
