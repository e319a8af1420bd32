"""Which acts ask for a fresh proof: every route that writes for organisers is named here, on one side or the other."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.accounts.models import User
from buurtbegroot.registry.models import CodeBatch
from buurtbegroot.web.access import Audience, Weight, audience_of, weight_of
from tests.conftest import Clock
from tests.factories.accounts import code_at, tie_authenticator
from tests.security.conftest import City
from tests.security.test_access import requests, send

WEIGHTY = {
    # opening
    "booth_organiser.request_opening",
    "booth_organiser.confirm_opening",
    "booth_organiser.ask_withdrawal",
    "booth_organiser.confirm_withdrawal",
    # making codes, and making them void
    "registry_organiser.issue",
    "registry_organiser.prepare",
    "registry_organiser.load",
    "registry_organiser.fill_pool",
    "registry_organiser.request_void",
    "registry_organiser.confirm_void",
    "booth_organiser.request_restore",
    "booth_organiser.confirm_restore",
    # closing, counting and certifying
    "tally_organiser.request_closing",
    "tally_organiser.close",
    "tally_organiser.open_box",
    "tally_organiser.count",
    "tally_organiser.request_certifying",
    "tally_organiser.certify",
    "tally_organiser.request_code_lists",
    "tally_organiser.note_code_lists",
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
LIGHT = {  # what can be undone, repeats what was asked for, or is not in force before somebody does something weighty
    "rounds_organiser.new",
    "population_organiser.load",
    "population_organiser.remove",
    "rounds_organiser.basics",
    "rounds_organiser.phases",
    "rules_organiser.show",
    "rounds_organiser.points",
    "rounds_organiser.publish",
    "booth_organiser.withdraw_opening",
    "booth_organiser.turn_down_withdrawal",
    "registry_organiser.empty_pool",
    "registry_organiser.withdraw_void",
    "booth_organiser.withdraw_restore",
    "proposals_organiser.dossier",
    "discussion_organiser.show",
    "moderation_organiser.appeal",
    "moderation_organiser.hand_on",
    "moderation_organiser.judge",
    "tally_organiser.withdraw",
    "tally_organiser.bundle",
    "tally_organiser.explain",
    "tally_organiser.rewrite",
    "akkoord_organiser.figure",
    "akkoord_organiser.plan",
    "akkoord_organiser.status",
    "accounts_organiser.add",
    "accounts_organiser.withdraw",
    "exports_organiser.ask_for",
    "exports_organiser.again",
    "exports_organiser.drop",
    "work_organiser.try_again",
    "work_organiser.take_up",
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
    assert weight_of(app, "registry_organiser.issue") is Weight.FILE


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


@pytest.mark.slow
def test_a_form_with_a_file_comes_back_instead_of_going_on(city: City, clock: Clock) -> None:
    user = city.people["coordinator"]
    assert isinstance(user, User)
    tie_authenticator(user)
    city.session.commit()
    before = city.session.scalar(select(func.count()).select_from(CodeBatch))
    browser, path = city.browser("coordinator"), f"/werkplek/rondes/{city.submitting.slug}/codes"
    for page, typed in (
        (path, {"aantal": "7", "reserve": "1"}),
        (f"{path}/elders", {"lijst": (BytesIO(b"x"), "x.txt")}),
    ):
        clock.now += timedelta(minutes=11)
        asked = browser.post(page, typed, status=403)
        assert ("Het bestand kiest u straks opnieuw" in asked.text) == ("lijst" in typed)
        answer = browser.post(page, {**typed, "lijst": "", "bewijs": code_at(clock.now)})
        assert answer.response.headers["Location"] == page
    assert browser.get(path).find(".//input[@name='aantal']")[0].get("value") != "7", "the later form is the one kept"
    clock.now += timedelta(minutes=11)
    browser.post(path, {"aantal": "7", "reserve": "1", "bewijs": code_at(clock.now)})
    assert browser.get(path).find(".//input[@name='aantal']")[0].get("value") == "7"
    assert city.session.scalar(select(func.count()).select_from(CodeBatch)) == before
