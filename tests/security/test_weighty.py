"""Which acts ask for a fresh proof: every route that writes for organisers is named here, on one side or the other."""

from datetime import timedelta

import pytest
from flask import Flask

from buurtbegroot.accounts.models import User
from buurtbegroot.web.access import Audience, Weight, audience_of, weight_of
from tests.conftest import Clock
from tests.factories.accounts import tie_authenticator
from tests.security.conftest import City
from tests.security.test_access import requests, send

WEIGHTY = {
    # opening
    "rounds_organiser.request_opening",
    "voting_organiser.confirm_opening",
    # making codes, and making them void
    "voting_organiser.issue",
    "voting_organiser.fill_pool",
    "voting_organiser.request_void",
    "voting_organiser.confirm_void",
    # closing, counting and certifying
    "tally_organiser.request_closing",
    "tally_organiser.close",
    "tally_organiser.open_box",
    "tally_organiser.count",
    "tally_organiser.request_certifying",
    "tally_organiser.certify",
    # destroying and erasing
    "tally_organiser.request_destroying",
    "tally_organiser.destroy",
    "accounts_organiser.request_erasure",
    "accounts_organiser.confirm",
    # roles, sessions and second factors
    "accounts_organiser.person",
    "accounts_organiser.revoke",
    "accounts_organiser.sign_out",
    "accounts_organiser.request_reset",
    "accounts.enrol",
    "accounts.devices",
}
LIGHT = {  # what can be undone, or is not in force before somebody does something weighty
    "rounds_organiser.new",
    "rounds_organiser.basics",
    "rounds_organiser.phases",
    "rounds_organiser.rules",
    "rounds_organiser.points",
    "rounds_organiser.publish",
    "rounds_organiser.withdraw_opening",
    "voting_organiser.empty_pool",
    "voting_organiser.withdraw_void",
    "proposals_organiser.dossier",
    "tally_organiser.withdraw",
    "akkoord_organiser.figure",
    "akkoord_organiser.plan",
    "akkoord_organiser.status",
    "accounts_organiser.add",
    "accounts_organiser.withdraw",
}


def test_every_act_of_organisers_is_weighed(app: Flask) -> None:
    declared = {endpoint for endpoint in app.view_functions if weight_of(app, endpoint)}
    assert declared == WEIGHTY
    writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    for_organisers = {Audience.ORGANISER, Audience.ADMINISTRATOR}
    acts = {endpoint for endpoint in writes if audience_of(app, endpoint) in for_organisers}
    assert acts - WEIGHTY == LIGHT


def test_only_pages_for_people_who_are_known_ask_for_more(app: Flask) -> None:
    assert {audience_of(app, endpoint) for endpoint in WEIGHTY} & {Audience.EVERYONE} == set()
    assert weight_of(app, "accounts.enrol") is Weight.PAGE
    assert weight_of(app, "voting_organiser.issue") is Weight.FILE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["coordinator", "administrator"])
def test_no_weighty_act_happens_on_an_old_proof(city: City, clock: Clock, kind: str) -> None:
    user = city.people[kind]
    assert isinstance(user, User)
    tie_authenticator(user)
    city.session.commit()
    client = city.browser(kind).client
    clock.now += timedelta(minutes=11)
    seen = set()
    for rule, method, address in requests(city):
        if method == "GET" or rule.endpoint not in WEIGHTY - {"accounts.enrol"}:
            continue
        answer = send(client, method, address)
        expected = {403, 404} if kind == "coordinator" else {403}
        assert answer.status_code in expected, (address, answer.status_code)
        assert 'name="bewijs"' in answer.text or answer.status_code == 404
        seen.add(rule.endpoint)
    assert seen == WEIGHTY - {"accounts.enrol"}
