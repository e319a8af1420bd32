"""Twenty people submit at the same moment over HTTP: all are served, and no number is given twice."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from buurtbegroot.app import create_app
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.actions import start_proposal
from buurtbegroot.proposals.models import Proposal
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import draft
from tests.factories.rounds import round_in
from tests.pages import Browser

PEOPLE = 20


@pytest.mark.race
def test_twenty_submits_at_once_over_http(tmp_path: Path, now: datetime) -> None:
    app = create_app(
        {
            "TESTING": True,
            "INSTANCE": str(tmp_path),
            "SECRET_KEY": "test",
            "SESSION_COOKIE_SECURE": False,
            "SQLALCHEMY_DATABASE_URI": fresh_uri(tmp_path),
            "RATELIMIT_ENABLED": False,
            "WTF_CSRF_ENABLED": False,
            "SERVER_NAME": "localhost",
            "CLOCK": lambda: now,
        }
    )
    with app.app_context(), writing():
        Model.metadata.create_all(db.engine)
        round_ = round_in(db.session(), Phase.SUBMISSION, areas=small_city(db.session()), now=now)
        people = [person(db.session()) for _ in range(PEOPLE)]
        concepts = [start_proposal(db.session(), round_, draft(round_), by=one, now=now).id for one in people]
        db.session.commit()
        browsers = [Browser(app) for _ in people]
        for browser, one in zip(browsers, people, strict=True):
            browser.sign_in(one)
        paths = [f"/plannen/{concept}/indienen" for concept in concepts]
        forms = [browser.get(path).hidden(path) for browser, path in zip(browsers, paths, strict=True)]
    start, statuses = threading.Barrier(PEOPLE), []

    def submit(browser: Browser, path: str, form: dict[str, str]) -> None:
        start.wait()
        statuses.append(browser.client.post(path, data=form).status_code)

    threads = [threading.Thread(target=submit, args=pair) for pair in zip(browsers, paths, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with app.app_context():
        numbers = db.session.scalars(select(Proposal.number)).all()
        db.session.remove()
        db.engine.dispose()
    assert statuses == [303] * PEOPLE
    assert sorted(numbers) == list(range(1, PEOPLE + 1))
