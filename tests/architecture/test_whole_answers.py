"""No answer is made while somebody reads it: what a view yields is read to its end before the request ends."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request_finished, send_file
from sqlalchemy import select
from sqlalchemy.pool import QueuePool

from buurtbegroot.app import create_app
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Model, engine_options, writing
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from tests.databases import fresh_uri
from tests.factories.areas import small_city

PACKAGE = Path(__file__).parents[2] / "buurtbegroot"
AROUND_IT = r"stream_with_context|stream_template|copy_current_request_context|direct_passthrough = True|call_on_close"


@admits(Audience.EVERYONE)
def rows() -> Response:
    found = db.session.scalars(select(Area.code).execution_options(yield_per=1))
    return Response(f"{code}\n" for code in found)


@admits(Audience.EVERYONE)
def broken() -> Response:
    def halfway() -> Iterator[str]:
        yield "one"
        db.session.scalar(select(Area.code))
        raise ValueError

    return Response(halfway())


@admits(Audience.EVERYONE)
def file() -> Response:
    return send_file(__file__)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An app whose only connection would be missed."""
    uri = fresh_uri(tmp_path)
    options = {**engine_options(uri), "pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01}
    found = create_app(
        {
            "INSTANCE": str(tmp_path),
            "SECRET_KEY": "test",
            "SQLALCHEMY_DATABASE_URI": uri,
            "SQLALCHEMY_ENGINE_OPTIONS": options,
        }
    )
    for view in (rows, broken, file):
        found.add_url_rule(f"/{view.__name__}", view.__name__, view)
    with found.app_context(), writing():
        Model.metadata.create_all(db.engine)
        small_city(db.session())
        db.session.commit()
    yield found
    with found.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("path", "status"), [("/rows", 200), ("/broken", 500), ("/file", 200)])
def test_an_answer_is_whole_and_nothing_is_held_for_it(app: Flask, path: str, status: int) -> None:
    answers: list[Response] = []

    def look(_app: Flask, response: Response, **_more: Any) -> None:
        answers.append(response)

    with request_finished.connected_to(look, app), app.test_client() as client:
        unread = client.get(path, buffered=False)
    assert (unread.status_code, [each.is_streamed for each in answers]) == (status, [False])
    with app.app_context():
        assert isinstance(db.engine.pool, QueuePool)
        assert db.engine.pool.checkedout() == 0


def test_who_cannot_have_a_connection_is_told_to_come_back(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/gezond").status_code == 200
    with app.app_context(), db.engine.connect():
        page, health, ready = client.get("/rondes"), client.get("/gezond"), client.get("/klaar")
    assert [each.status_code for each in (page, health, ready)] == [503] * 3
    assert page.headers["Retry-After"]
    assert health.text == "no connection to the database\n"


def test_nothing_gets_around_it() -> None:
    found = [path.name for path in PACKAGE.rglob("*.py") if re.search(AROUND_IT, path.read_text(encoding="utf-8"))]
    assert found == []
