"""An open vote over three plans of € 400, € 500 and € 700 with € 1.000 to choose."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.app import create_app
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, open_vote_in
from tests.live import ready_uri


@pytest.fixture
def round_(session: Session, now: datetime) -> Round:
    return round_in(session, Phase.VOTING, areas=small_city(session), now=now)


@pytest.fixture
def plans(session: Session, round_: Round, now: datetime) -> list[Proposal]:
    return [plan(session, round_, now=now, cents=cents) for cents in (40_000, 50_000, 70_000)]


@pytest.fixture
def vote(app: Flask, session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path) -> OpenVote:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, spares=2)
    session.commit()
    return opened


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Return a maker of an app with a database of its own, in which commits are real."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        base = {"TESTING": True, "SECRET_KEY": "test", "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
        place = {"INSTANCE": str(tmp_path), "SQLALCHEMY_DATABASE_URI": ready_uri(tmp_path), "CLOCK": lambda: NOW}
        place |= {"SESSION_COOKIE_SECURE": False}
        app = create_app(base | place | {"KEY_DIRECTORY": str(tmp_path / "keys")} | settings)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def own_vote(tmp_path: Path) -> Callable[..., OpenVote]:
    """Return a maker of an open vote of three plans in an app of its own; call it in its context."""

    def make(**choices: Any) -> OpenVote:
        with writing():
            session = db.session()
            round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=NOW)
            for cents in (40_000, 50_000, 70_000):
                plan(session, round_, now=NOW, cents=cents)
            opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=NOW, **choices)
            session.commit()
        return opened

    return make
