"""A form is done once, however often it is sent: every form among the routes, after itself and beside itself."""

import threading
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from buurtbegroot.accounts.models import Role
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits.models import SentForm
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.pool import RESERVES
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.web.fields import ONCE
from buurtbegroot.web.transaction import is_repeatable
from tests.conftest import NOW
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.live import live
from tests.pages import Browser
from tests.security.conftest import City
from tests.security.test_access import addresses
from tests.security.test_versions import ACTS, ADDS, TEXTS, WITHOUT_VERSION, _own, _stored, _talk, _typed, whole

assert whole  # a fixture

IN_BOOTH = {"booth.change", "booth.enter_code", "booth.start", "booth.cast", "booth.again", "booth.forget"}
SOURCE = {"note": "", "source": "Begroting"}


def _draft(city: City) -> dict[str, Any]:
    return {"slug": city.draft.slug}


def _point(_city: City) -> dict[str, Any]:
    return {"edition": "2019", "number": 3}


def _list(city: City) -> dict[str, Any]:
    """Return no list that can be read: refused is refused, twice too."""
    return {"lijst": (BytesIO(b"bb-codes/v1"), "codes.txt")}


Values = Callable[[City], dict[str, Any]]
NEW: dict[str, tuple[str, Values, dict[str, Any], str]] = {
    "proposals.new": ("author", lambda city: {"slug": city.submitting.slug}, {"title": "Bank"}, ""),
    "moderation.report": (
        "author",
        lambda city: {"kind": "proposal", "number": city.plans[0].id},
        {"reden": "haat"},
        "",
    ),
    "discussion.on_a_plan": (
        "resident",
        lambda city: {"proposal_id": _own(city).thread.proposal_id},
        {"soort": "idee", "tekst": "Een bank?"},
        "",
    ),
    "discussion.on_a_round": (
        "resident",
        lambda city: {"slug": city.submitting.slug},
        {"soort": "vraag", "tekst": "Wanneer?"},
        "",
    ),
    "discussion.reply": ("resident", _talk, {"tekst": "Ja."}, ""),
    "rounds_organiser.new": ("coordinator", lambda _: {}, {"title": "Nieuw", "owner": "E"}, ""),
    "accounts_organiser.add": ("administrator", lambda _: {}, {"email": "x@example.org"}, ""),
    "akkoord_organiser.status": (
        "administrator",
        _point,
        {"happened_on": "2026-01-01", "standing": "under_way", **SOURCE},
        "",
    ),
    "akkoord_organiser.figure": ("administrator", _point, {"measured_on": "2026-01-01", "amount": "1", **SOURCE}, ""),
    "registry_organiser.issue": ("coordinator", _draft, {"aantal": "2", "reserve": "1"}, "registry_organiser.codes"),
    "registry_organiser.fill_pool": ("coordinator", _draft, {"accounts": "2"}, ""),
    "registry_organiser.prepare": (
        "coordinator",
        lambda city: {"slug": city.submitting.slug},
        {},
        "registry_organiser.offline",
    ),
}
TAKEN_ONCE = {"registry_organiser.load", "audit.cosign"}  # what is sent says which batch or signature it is


def test_every_form_that_adds_is_tried_here() -> None:
    assert {*NEW, *TAKEN_ONCE} == {endpoint for endpoint, why in WITHOUT_VERSION.items() if why == ADDS}


def test_a_form_that_is_sent_twice_is_done_once_and_leads_to_the_same(whole: City) -> None:
    sent = {name: (text.who, text.values, text.first, "") for name, text in TEXTS.items()}
    sent |= {name: (act.who, act.values, {}, act.page) for name, act in ACTS.items()}
    publish = "rounds_organiser.publish"
    sent[publish] = ("administrator", *sent[publish][1:])  # the coordinator has just changed the round
    for endpoint, (who, values, typed, on) in (NEW | sent).items():
        browser = whole.browser(who)
        path, page = (browser.path(each, **values(whole)) for each in (endpoint, on or endpoint))
        form = browser.get(page).filled(path) | _typed(whole, typed)
        first = browser.client.post(path, data=form)
        assert first.status_code == 303 or first.headers.get("Content-Disposition"), (endpoint, first.text)
        before = _stored(whole.session)
        second = browser.post(path, form)
        assert _stored(whole.session) == before, endpoint
        assert second.response.location == (first.location or page), endpoint
        assert "U stuurde dit al" in browser.get(second.response.location).text, endpoint
        assert whole.session.scalar(select(func.count()).select_from(SentForm)), endpoint


def test_a_page_opened_anew_is_another_form_and_so_is_another_text(whole: City) -> None:
    browser = whole.browser("author")
    path = browser.path("proposals.new", slug=whole.submitting.slug)
    form = browser.get(path).filled(path) | {"title": "Bank"}
    for each in (form, form | {"title": "Boom"}, browser.get(path).filled(path) | {"title": "Bank"}):
        browser.post(path, each)
    titles = whole.session.scalars(select(Proposal.title).where(Proposal.title.in_(["Bank", "Boom"]))).all()
    assert Counter(titles) == {"Bank": 2, "Boom": 1}


def test_a_form_that_was_refused_can_be_sent_again(whole: City) -> None:
    browser = whole.browser("coordinator")
    path = browser.path("rounds_organiser.new")
    page = browser.post(path, browser.get(path).filled(path) | {"title": ""}, status=422)
    browser.post(path, page.filled(path) | {"title": "Nieuw", "owner": "E"})


@pytest.mark.slow  # walks every route
@pytest.mark.parametrize(
    "kind", ["visitor", "author", pytest.param("coordinator", marks=pytest.mark.nightly), "administrator"]
)
def test_every_form_on_every_page_has_its_token(whole: City, kind: str) -> None:
    browser, without = whole.browser(kind), []
    for rule in whole.app.url_map.iter_rules():
        for address in addresses(whole, rule) if "GET" in (rule.methods or ()) else ():
            answer = browser.client.get(browser.path(address), headers=browser.headers)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                answer.close()
                continue
            forms = browser._read(answer, 200).find(".//form[@method='post']")
            bare = [form for form in forms if form.find(f".//input[@name='{ONCE}']") is None]
            without += [(address, form.get("action")) for form in bare if form.get("id") != "voorkeuren"]
    assert without == []


def test_in_the_booth_no_row_says_what_was_sent(app: Flask) -> None:
    assert {endpoint for endpoint in app.view_functions if is_repeatable(app, endpoint)} == IN_BOOTH


@pytest.mark.race
@pytest.mark.parametrize(
    ("path", "typed", "table", "rows"),
    [
        ("/rondes/{}/plannen/nieuw", {"title": "Bank"}, Proposal, 1),
        ("/werkplek/rondes/nieuw", {"title": "Nieuw", "owner": "E"}, Round, 1),
        ("/werkplek/rondes/{}/codes", {"aantal": "1", "reserve": "0"}, RegisteredCode, 1),
        ("/werkplek/rondes/{}/codes/accounts", {"accounts": "1"}, RegisteredCode, 1 + RESERVES),
    ],
)
def test_a_form_that_is_sent_four_times_at_once_makes_one_thing(
    tmp_path: Path, path: str, typed: dict[str, str], table: Any, rows: int
) -> None:
    with live(tmp_path, WTF_CSRF_ENABLED=False, CLOCK=lambda: NOW) as app:
        with app.app_context(), writing():
            round_ = round_in(db.session(), Phase.SUBMISSION, areas=small_city(db.session()), now=NOW)
            user = person(db.session(), Role.COORDINATOR, "E")
            db.session.commit()
            browser, path = Browser(app), path.format(round_.slug)
            browser.sign_in(user)
            form = browser.get(path).filled(path) | typed
            before = db.session.scalar(select(func.count()).select_from(table)) or 0
            db.session.rollback()
        start, answers = threading.Barrier(4), list[tuple[int, str | None]]()

        def send() -> None:
            client = app.test_client()
            with client.session_transaction() as cookie, browser.client.session_transaction() as own:
                cookie.update(own)
            start.wait()
            answer = client.post(path, data=form)
            answers.append((answer.status_code, answer.location))

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(table)) == before + rows
        assert {status for status, _location in answers} <= {200, 303}
        assert len({location for _status, location in answers if location}) == 1
        assert len(answers) == 4
