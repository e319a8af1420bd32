"""Every route, for every kind of person, on the objects of a stadsdeel that is theirs or not: made from the routes."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, g
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.models import User
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, audience_of, takes_visitors
from tests.pages import QueryCount
from tests.security.conftest import KINDS, SECRETS, City

pytestmark = pytest.mark.slow  # walks every route

SIGN_IN, SECOND = "/account/inloggen", "/account/tweede-stap"
IN_SCOPE = {"coordinator", "staff", "administrator"}
OUTSIDERS = {"visitor", "resident", "elsewhere"}
OWN_PLAN = {"proposals.edit", "proposals.submit", "proposals.withdraw"}
WRITES_FIRST = {"discussion.on_a_plan", "discussion.on_a_round", "discussion.reply", "proposals.new", "support.give"}
"""Forms that visitors fill in too; what they send waits for their mail."""
ENDS_SESSION = {"accounts.sign_out", "accounts.devices"}


def addresses(city: City, rule: Rule) -> list[str]:
    """Return the address of a route for each object of the stadsdeel that fits in it."""
    someone = city.people["resident"]
    assert isinstance(someone, User)
    rounds = (city.draft, city.submitting, city.voting.round)
    if "kind" in rule.arguments:
        return [rule.build({"kind": kind, "number": number})[1] for kind, number in _moderated(city)]  # type: ignore[index]
    talked = [each.id for each in (city.talked, city.hidden) if each]
    objects: dict[str, list[Any]] = {
        "slug": [each.slug for each in rounds],
        "proposal_id": [city.concept.id, city.draft_plan.id, city.plans[0].id, *talked],
        "number": [3] if "edition" in rule.arguments else _numbers(city, rule),
        "user_id": [someone.id],
        "code": ["E"],
        "edition": ["2019"],
        "seq": [1],
        "size": [0],
        "name": ["leaves.txt"],
        "token": ["x"],
        "key": ["x"],
        "commitment": ["00" * 32],
        "job_id": [1],
        "task": ["mail.deliver"],
        "filename": ["dist/manifest.json"],
    }
    name, *others = [*rule.arguments, ""]
    if not name:
        return [rule.rule]
    values = [{name: value} for value in objects[name]]
    if others[0]:
        values = [{**each, others[0]: value} for each in values for value in objects[others[0]]]
    found = [rule.build(each) for each in values]
    return [address[1] for address in found if address]


def _moderated(city: City) -> list[tuple[str, int]]:
    plans = [each.id for each in (city.plans[0], city.talked, city.hidden) if each]
    said = city.session.scalars(select(Contribution.id).order_by(Contribution.id).limit(1)).all()
    return [*(("proposal", number) for number in plans), *(("contribution", number) for number in said)]


def _numbers(city: City, rule: Rule) -> list[int]:
    """Return the numbers of contributions: the first one, and one that waits; of all else the first one and another."""
    if rule.endpoint.startswith("discussion"):
        waiting = city.session.scalars(select(Contribution.id).where(Contribution.shown_at.is_(None)).limit(1)).all()
        return [1, *(number for number in waiting if number != 1)]
    return [1, 2] if rule.endpoint.startswith("revisions") else [1]


def requests(city: City) -> list[tuple[Rule, str, str]]:
    return [
        (rule, method, address)
        for rule in city.app.url_map.iter_rules()
        for address in addresses(city, rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def send(client: FlaskClient, method: str, address: str) -> TestResponse:
    vars(g._get_current_object()).clear()  # the test's context outlives the request
    return client.open(address, method=method, data={} if method == "POST" else None)


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code == 404


def leads_to(answer: TestResponse, path: str) -> bool:
    return answer.status_code == 303 and urlsplit(answer.headers["Location"]).path == path


def wrong(app: Flask, kind: str, *, rule: Rule, method: str, answer: TestResponse) -> str | None:
    """Return what is wrong with an answer to this kind of person, None when it is as the route declares."""
    audience = audience_of(app, rule.endpoint)
    if audience is not Audience.EVERYONE and kind == "visitor":
        came_in = not leads_to(answer, SIGN_IN)
        return "a visitor came in" if came_in != (rule.endpoint in WRITES_FIRST) else None
    if audience is Audience.ADMINISTRATOR:
        return None if is_refused(answer) == (kind != "administrator") else "not for administrators only"
    if audience is Audience.ORGANISER and kind == "resident":
        return None if is_refused(answer) else "a resident came in"
    if audience is Audience.ORGANISER and "slug" in rule.arguments:
        return _wrong_in_scope(kind, method, answer)
    if rule.endpoint in OWN_PLAN:
        return None if is_refused(answer) else "a plan of somebody else"
    return None


def _wrong_in_scope(kind: str, method: str, answer: TestResponse) -> str | None:
    if kind == "elsewhere":
        return None if is_refused(answer) else "an organiser of elsewhere came in"
    if kind == "staff" and method == "POST":
        return None if is_refused(answer) else "staff may look, not act"
    return None


def test_visitors_write_first_in_these_forms_alone(app: Flask) -> None:
    assert {endpoint for endpoint in app.view_functions if takes_visitors(app, endpoint)} == WRITES_FIRST
    assert {audience_of(app, endpoint) for endpoint in WRITES_FIRST} == {Audience.RESIDENT}


@pytest.mark.parametrize("kind", KINDS)
def test_each_route_admits_whom_it_declares(city: City, kind: str) -> None:
    client = city.browser(kind).client
    faults = []
    for rule, method, address in requests(city):
        if rule.endpoint in ENDS_SESSION or (method == "POST" and kind in IN_SCOPE):
            continue
        with QueryCount() as queries:
            answer = send(client, method, address)
        crashed = answer.status_code >= 500 and rule.endpoint != "pages.ready"  # no migrations were run here
        fault = "a crash" if crashed else wrong(city.app, kind, rule=rule, method=method, answer=answer)
        shown = [secret for secret in SECRETS if kind in OUTSIDERS and secret in answer.get_data(as_text=True)]
        wrote = [text for text in queries.statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]
        if fault or shown or (method == "GET" and wrote):
            faults.append((method, address, answer.status_code, fault, shown, wrote[:1]))
        answer.close()
    assert faults == []


@pytest.mark.parametrize("kind", sorted(IN_SCOPE))
def test_who_may_come_in_can_open_the_workplace(city: City, kind: str) -> None:
    client = city.browser(kind).client
    for slug in (city.draft.slug, city.submitting.slug, city.voting.round.slug):
        assert client.get(f"/werkplek/rondes/{slug}/gebied-en-geld").status_code == 200
        assert client.get(f"/werkplek/rondes/{slug}/telling").status_code == 200


@pytest.mark.parametrize("kind", ["coordinator", "administrator"])
def test_an_empty_form_of_somebody_who_may_crashes_nothing(city: City, kind: str) -> None:
    client = city.browser(kind).client
    for rule, method, address in requests(city):
        if method == "GET" or rule.endpoint in ENDS_SESSION:
            continue
        answer = send(client, method, address)
        assert answer.status_code < 500, (address, answer.status_code)


def test_an_organiser_elsewhere_cannot_start_a_round_here(city: City) -> None:
    browser = city.browser("elsewhere")
    fields = {field.get("value") for field in browser.get("rounds_organiser.new").find(".//option")}
    assert "K" in fields
    assert not fields & {"E", "0363"}
    answer = browser.client.post("/werkplek/rondes/nieuw", data={"title": "Overval", "owner_code": "E", "owner": "E"})
    assert answer.status_code == 422


def test_an_organiser_without_second_factor_acts_nowhere(city: City) -> None:
    user = city.people["coordinator"]
    assert isinstance(user, User)
    with city.app.test_request_context():
        asking.start_session(user)
        db.session.commit()
        values = dict(cookie)
    client = city.app.test_client()
    with client.session_transaction() as stored:
        stored.update(values)
    for rule, method, address in requests(city):
        if audience_of(city.app, rule.endpoint) is Audience.ORGANISER:
            assert leads_to(send(client, method, address), SECOND), (method, address)
