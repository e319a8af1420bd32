"""Looking changes nothing: scanners and previews GET and HEAD every address, and nothing is written or used up."""

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.accounts.models import SignInLink
from tests.conftest import Clock
from tests.pages import Browser, QueryCount
from tests.security.conftest import City
from tests.security.test_access import requests, send

WRITES = ("INSERT", "UPDATE", "DELETE")


def mailed_link(session: Session, clock: Clock, token: str) -> str:
    session.add(
        SignInLink(token_hash=hash_token(token), email="a@example.org", expires_at=clock.now.replace(year=2100))
    )
    session.commit()
    return f"/account/inloggen/{token}"


@pytest.mark.slow  # walks every route
@pytest.mark.parametrize("kind", ["visitor", "coordinator"])
def test_no_address_writes_when_it_is_looked_at(
    city: City, session: Session, clock: Clock, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed_link(session, clock, "x")
    monkeypatch.setitem(city.app.config, "DEMO", True)
    found = city.people["resident"]
    monkeypatch.setattr(asking, "demo_user_id", lambda _key: found and found.id)
    client = city.browser(kind).client
    faults = []
    for _rule, method, address in requests(city):
        if method != "GET":
            continue
        with QueryCount() as queries:
            answers = [send(client, method, address) for method in ("HEAD", "GET", "HEAD")]
        wrote = [text for text in queries.statements if text.startswith(WRITES)]
        statuses = [answer.status_code for answer in answers]
        if wrote or len(set(statuses)) > 1 or answers[0].data:
            faults.append((address, statuses, wrote[:1]))
        for answer in answers:
            answer.close()
    assert faults == []


def test_only_the_press_uses_a_mailed_link(session: Session, browser: Browser, clock: Clock) -> None:
    path = mailed_link(session, clock, "of-a-mail")
    for method in ("HEAD", "GET", "HEAD", "GET"):
        answer = browser.client.open(path, method=method)
        assert (answer.status_code, "Location" in answer.headers) == (200, False), method
    assert browser.get("accounts.show", status=303).response.headers["Location"].startswith("/account/inloggen")
    browser.post(path)
    assert browser.get("accounts.show").response.status_code == 200
    assert browser.post(path, status=410)
