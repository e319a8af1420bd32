"""Nonsense from outside: on every route, in every field, of every size; a clear answer each time and never a crash."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.areas.models import CITY
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.rounds.models import Round
from tests import databases
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import open_vote_in
from tests.pages import Browser, Page, SignIn

pytestmark = pytest.mark.slow  # some thousands of requests

PAYLOAD = "\"'></textarea></title><script src=//x></script><img src=x onerror=alert(1)><b data-evil>{{7*7}}</b>"
NONSENSE = [
    "0",
    "-1",
    "1",
    "99999999999999999999",
    "x",
    "%00",
    "ronde-0",
    "٣",
    "..%2f..%2fetc",
    "a" * 3000,
    "%F0%9F%8E%88",
]
QUERIES = [
    "pagina=-5",
    "pagina=99999999999999999999&toon=x",
    "pagina=x&zoek=%00&thema=%00",
    "zoek=" + quote("'; drop table round; --") + "&gebied=%00&punt=x&rol=x&volgorde=x&soort=x&van=x&tot=32-13-2026",
    "punt=99999999999999999999&gebied=" + "b" * 3000 + "&postcode=0000&waar=%FF%FE",
    "verder=//evil.example&terug=javascript:alert(1)&bezig=x",
]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
NO_PAGES = {"static", "pages.ready"}  # the second answers 503 on purpose: this database had no migrations
BROKEN_BODIES = [
    (b"\xff\xfe=\x00", "application/x-www-form-urlencoded"),
    (b"{", "application/json"),
    (b"--x", "multipart/form-data; boundary=x"),
]
WHO = (
    ["coordinator", "administrator"]
    if databases.kind() == "postgresql"
    else ["visitor", "resident", "coordinator", "administrator"]
)
BY_DAY = [pytest.param(who, marks=[pytest.mark.nightly] if who in {"coordinator", "resident"} else []) for who in WHO]
"""An administrator may go wherever a coordinator may, and a visitor and an administrator wherever a resident may."""
BY_FIVES = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.nightly)])
"""By day each fifth pair of an address and what is wrong with it, so that each of both has its turn."""


@pytest.fixture
def world(app: Flask, session: Session, now: datetime, tmp_path: Path) -> dict[str, Any]:
    """A city with a round in each interesting phase, plans in each state, and somebody of each kind."""
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    areas = small_city(session)
    load_accord(session, by=PROGRAM, now=now)
    people: dict[str, User | None] = {
        "visitor": None,
        "resident": person(session),
        "coordinator": person(session, Role.COORDINATOR, "E"),
        "administrator": person(session, Role.ADMINISTRATOR, CITY),
    }
    taking = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    reviewed = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    voting = round_in(session, Phase.VOTING, areas=areas, now=now)
    plans = [
        plan(session, taking, now=now, status=ProposalStatus.CONCEPT, author=people["resident"]),
        plan(session, taking, now=now, status=ProposalStatus.SUBMITTED, author=people["resident"]),
        plan(session, reviewed, now=now, status=ProposalStatus.SUBMITTED),
        plan(session, voting, now=now),
        plan(session, voting, now=now),
    ]
    for each in plans:
        each.title = each.summary = each.author_name = PAYLOAD[:80]
        each.body = PAYLOAD + "\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    open_vote_in(session, voting, folder=tmp_path / "keys", now=now)
    session.commit()
    return {"people": people, "rounds": [taking, reviewed, voting], "plans": plans}


@pytest.fixture
def visit(app: Flask, world: dict[str, Any], signed_in: SignIn) -> Callable[[str], Browser]:
    def start(who: str) -> Browser:
        user = world["people"][who]
        return signed_in(user) if user else Browser(app)

    return start


def rules(app: Flask, method: str = "GET") -> Iterator[Rule]:
    """Return every rule that answers a method, files aside."""
    found = (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))
    return (rule for rule in found if rule.endpoint not in NO_PAGES)


def filled(rule: Rule, value: str) -> str:
    """Put one value in every open place of a rule, also where another type belongs."""
    return re.sub(r"<[^>]+>", value, rule.rule)


def real_paths(app: Flask, world: dict[str, Any], method: str = "GET") -> Iterator[str]:
    """Return the paths of a method with the rounds, plans and areas that are really there."""
    known: dict[str, list[Any]] = {
        "slug": [round_.slug for round_ in world["rounds"]],
        "proposal_id": [each.id for each in world["plans"]],
        "user_id": [user.id for user in world["people"].values() if user],
        "code": ["E", "EA01"],
        "number": [1, 24],
        "seq": [1, 2],
        "size": [0],
    }
    for rule in rules(app, method):
        names = sorted(rule.arguments)
        if not set(names) <= known.keys():
            continue
        for place in range(max((len(known[name]) for name in names), default=1)):
            values = {name: known[name][place % len(known[name])] for name in names}
            yield app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def fetch(browser: Browser, path: str, **sent: Any) -> TestResponse:
    """Send a request and read the whole answer, also a streamed one."""
    answer: TestResponse = browser.client.open(path, buffered=True, **sent)
    return answer


def safe(answer: TestResponse, what: str) -> None:
    assert answer.status_code < 500, f"{answer.status_code} {what[:300]}"


@BY_FIVES
@pytest.mark.parametrize("who", BY_DAY)
def test_no_route_crashes_on_nonsense_in_its_address(
    who: str, every: int, app: Flask, visit: Callable[[str], Browser], world: dict[str, Any]
) -> None:
    browser = visit(who)
    pairs = product(filter(lambda rule: rule.arguments, rules(app)), NONSENSE)
    for path in islice((filled(*pair) for pair in pairs), 0, None, every):
        safe(fetch(browser, path), f"GET {path}")
    for path, query in islice(product(real_paths(app, world), QUERIES), 0, None, every):
        safe(fetch(browser, f"{path}?{query}"), f"GET {path}?{query}")


@BY_FIVES
@pytest.mark.parametrize("who", BY_DAY)
def test_no_route_crashes_on_a_wrong_method_or_an_empty_form(
    who: str, every: int, app: Flask, visit: Callable[[str], Browser], world: dict[str, Any]
) -> None:
    browser = visit(who)
    leaving = {"/account/uitloggen", "/account/overal-uitloggen", "/account/verwijderen"}
    paths = sorted({*real_paths(app, world), *real_paths(app, world, "POST")} - leaving)
    for path, method in islice(product(paths, METHODS), 0, None, every):
        safe(fetch(browser, path, method=method), f"{method} {path}")
    for path, (data, kind) in islice(product(paths, BROKEN_BODIES), 0, None, every):
        safe(fetch(browser, path, method="POST", data=data, content_type=kind), f"{kind} {path}")


@pytest.mark.parametrize("who", BY_DAY)
@pytest.mark.parametrize("payload", [PAYLOAD, "\x00\x01\ufffd", "9" * 400], ids=["markup", "controls", "digits"])
def test_no_field_of_any_form_lets_markup_through(
    payload: str, who: str, app: Flask, visit: Callable[[str], Browser], world: dict[str, Any]
) -> None:
    browser = visit(who)
    number = 0
    for path in real_paths(app, world):
        answer = fetch(browser, path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for action, method, fields in forms_of(Page(answer), path):
            if re.search(r"uitloggen|verwijderen", action):
                continue
            number += 1
            again = _send(browser, action, method, dict.fromkeys(fields, payload))
            safe(again, f"{method} {action}")
            if again.mimetype == "text/html":
                _is_inert(Page(again), action)
            if again.status_code == 303:
                _is_inert(Page(fetch(browser, again.location)), again.location)
    assert number > 3


def forms_of(page: Page, path: str) -> Iterator[tuple[str, str, list[str]]]:
    """Return address, method and field names of each form on a page."""
    for form in page.find(".//form"):
        names = [
            each.get("name") or "" for each in form.iter() if each.tag in {"input", "select", "textarea", "button"}
        ]
        yield form.get("action") or path, (form.get("method") or "get").upper(), [name for name in names if name]


def _send(browser: Browser, action: str, method: str, fields: dict[str, str]) -> TestResponse:
    if method == "GET":
        return fetch(browser, action, query_string=fields)
    return fetch(browser, method="POST", path=action, data=fields)


def _is_inert(page: Page, where: str) -> None:
    made = [element.tag for element in page.tree.iter() if element.get("data-evil") is not None]
    made += [
        element.tag for element in page.tree.iter() if element.get("onerror") or element.get("src") in {"x", "//x"}
    ]
    assert made == [], f"{where}: {made}"
    assert "<b data-evil>49" not in page.html


TEN_MEGABYTES = b"x" * 10_000_000
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
TOO_LARGE = {
    "one field": (b"title=" + TEN_MEGABYTES, "application/x-www-form-urlencoded"),
    "one file": (PART % (b'file"; filename="a.txt', TEN_MEGABYTES) + b"--x--", "multipart/form-data; boundary=x"),
    "many fields": (b"".join(PART % (b"f%d" % n, b"1") for n in range(5_000)), "multipart/form-data; boundary=x"),
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_a_form_that_is_too_large_is_refused(what: str, visit: Callable[[str], Browser], world: dict[str, Any]) -> None:
    data, kind = TOO_LARGE[what]
    path = f"/rondes/{world['rounds'][0].slug}/plannen/nieuw"
    answer = fetch(visit("resident"), path, method="POST", data=data, content_type=kind)
    assert answer.status_code == 413
    assert Page(answer).find(".//h1")


@pytest.mark.parametrize("language", ["xx", "nl-BE", "en_US", "../../etc", "\x00", "a" * 3000, "zh-Hant", "*;q=x", ""])
def test_an_unknown_language_is_one_of_ours(language: str, browser: Browser) -> None:
    answer = fetch(browser, "/", headers={"Accept-Language": language.replace("\x00", "")})
    assert Page(answer).tree.get("lang") in {"nl", "en"}
    browser.client.set_cookie("taal", quote(language))
    browser.client.set_cookie("weergave", quote(language))
    assert Page(fetch(browser, "/")).tree.get("lang") in {"nl", "en"}
    safe(fetch(browser, method="POST", path="/", data={"taal": language, "terug": "//evil.example"}), "/")


def test_forged_cookies_are_no_cookies(app: Flask, visit: Callable[[str], Browser], world: dict[str, Any]) -> None:
    round_: Round = world["rounds"][2]
    browser = visit("visitor")
    for value in ("", "x", "=" * 50, "A" * 3000, "eyJrZXVzZSI6WzFdfQ.forged", "%00"):
        for name in ("session", f"stemcode-{round_.id}", f"mandje-{round_.id}"):
            browser.client.set_cookie(name, value)
        for path in ("", "/code", "/controleren", "/klaar"):
            safe(fetch(browser, f"/rondes/{round_.slug}/stemmen{path}"), value)


def test_a_plan_of_markup_stays_text_for_its_maker(
    app: Flask, visit: Callable[[str], Browser], world: dict[str, Any]
) -> None:
    browser = visit("resident")
    for path in real_paths(app, world):
        answer = fetch(browser, path)
        safe(answer, path)
        if answer.mimetype == "text/html":
            page = Page(answer)
            _is_inert(page, path)
            assert not [a for a in page.find(".//a") if (a.get("href") or "").startswith("javascript:")], path
