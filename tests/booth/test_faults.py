"""A database that cannot serve: the ballot is not acknowledged, and the same form later succeeds."""

import re
import sqlite3
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, NullPool, create_engine, delete, event, func, select
from sqlalchemy.exc import OperationalError

from buurtbegroot.box.domain import ballots as ballots_domain
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.envelope import CastMaterial, cast_material
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.factories.voting import OpenVote


class Voter:
    """Somebody at the review page with a code and one plan."""

    def __init__(self, app: Flask, vote: OpenVote, slug: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.url = f"/rondes/{slug}/stemmen/controleren"
        with app.app_context():
            plan = db.session.scalars(select(Proposal.id)).first()
        self.client.post(f"/rondes/{slug}/stemmen/code", data={"stemcode": vote.codes[0]})
        self.client.post(f"/rondes/{slug}/stemmen", data={"kies": plan})
        page = self.client.get(self.url).get_data(as_text=True)
        value = re.search(r'name="formulier" value="(\w+)"', page)
        assert value
        self.form = {"formulier": value[1], "vervangt": "0", "keuze": [str(plan)]}

    def send(self) -> int:
        return self.client.post(self.url, data=self.form).status_code


@pytest.fixture
def voter(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> tuple[Flask, Voter]:
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=1, derive=derive_key)
        slug = vote.round.slug
    return app, Voter(app, vote, slug)


def ballots(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SealedBallot)) or 0


def test_a_ballot_is_sealed_before_anything_is_locked(
    voter: tuple[Flask, Voter], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, somebody = voter
    busy = []

    def look(*arguments: object, **more: object) -> CastMaterial:
        busy.append(db.session().in_transaction())
        return cast_material(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ballots_domain, "cast_material", look)
    assert somebody.send() == 303
    assert (busy, ballots(app)) == ([False], 1)


def test_nothing_is_acknowledged_when_commit_fails(voter: tuple[Flask, Voter]) -> None:
    app, somebody = voter

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail)
    assert somebody.send() == 503
    event.remove(engine, "commit", fail)
    assert ballots(app) == 0
    assert somebody.send() == 303
    assert ballots(app) == 1


def test_a_commit_that_fails_holds_no_lock(own_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    app = own_app()
    with app.app_context(), writing():
        with monkeypatch.context() as patched:
            driver = db.engine.dialect.loaded_dbapi
            patched.setattr(db.engine.dialect, "do_commit", Mock(side_effect=driver.OperationalError("disk I/O error")))
            db.session.connection()
            with pytest.raises(OperationalError):
                db.session.commit()
            db.session.remove()
        unpooled = create_engine(db.engine.url, poolclass=NullPool)
        with db.engine.connect() as pooled, unpooled.begin() as other:
            pooled.rollback()
            other.execute(delete(SealedBallot))


@pytest.mark.slow
def test_a_locked_database_asks_to_try_again(voter: tuple[Flask, Voter]) -> None:
    app, somebody = voter
    with app.app_context():
        path = db.engine.url.database or ""
        if db.engine.dialect.name != "sqlite":
            pytest.skip("only SQLite has one lock for all writing")
        event.listen(db.engine, "checkout", _impatient)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert somebody.send() == 503
    other.execute("ROLLBACK")
    other.close()
    assert ballots(app) == 0
    assert somebody.send() == 303


def _impatient(connection: sqlite3.Connection, *_: object) -> None:
    connection.execute("PRAGMA busy_timeout=100")
