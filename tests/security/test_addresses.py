"""Addresses that come in: numbers no column holds, other hosts, redirects elsewhere, repeated and foreign digits."""

import re
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select
from werkzeug.routing import Rule

from buurtbegroot.accounts.models import User
from buurtbegroot.app import create_app
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.credentials import normalise_code
from buurtbegroot.dual_control.models import State
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.registry.actions.voiding import Letters, request_void
from buurtbegroot.registry.models import VoidReason
from buurtbegroot.web.addresses import own_path, with_query
from tests.conftest import NOW
from tests.pages import Browser
from tests.security.conftest import City

ELSEWHERE = [
    "//evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "/%0d%0aX-Evil: 1\r\nX-Evil: 1",
    "/ok\x00//evil.example",
    "data:text/html,x",
    "x" * 600,
    "@evil.example",
    ".evil.example",
]


def with_numbers(app: Flask, number: str) -> list[str]:
    """Return the address of every route with a number in it, with this one filled in."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]
    return [re.sub(r"<int:\w+>", number, rule).replace("<slug>", "x").replace("<edition>", "2019") for rule in rules]


@pytest.mark.parametrize("number", ["9" * 20, "2147483648", "-1", "٤", "４", "1.0", "0x1", "%00"])
def test_a_number_that_no_column_holds_leads_nowhere(app: Flask, browser: Browser, number: str) -> None:
    addresses = with_numbers(app, number)
    assert len(addresses) > 10
    for address in addresses:
        assert browser.client.get(address).status_code in {404, 405}, address


def test_a_nul_in_an_address_leads_nowhere(app: Flask, browser: Browser) -> None:
    texts = [rule for rule in app.url_map.iter_rules() if rule.arguments & {"slug", "code", "edition", "token", "key"}]
    assert len(texts) > 40
    for rule in texts:
        address = re.sub(r"<[^>]+>", "a%00b", re.sub(r"<int:\w+>", "1", rule.rule))
        assert browser.client.get(address).status_code in {404, 405}, address


def test_what_an_address_names_within_another_thing_is_one_of_that(app: Flask, city: City) -> None:
    session, organiser = city.session, city.people["coordinator"]
    assert isinstance(organiser, User)
    letters, about = Letters(city.voting.k(0)), {"keys": city.voting.keys, "by": organiser, "now": NOW}
    asked = request_void(session, city.voting.round, letters, reason=VoidReason.LOST, **about)  # type: ignore[arg-type]
    session.commit()
    elsewhere: dict[str, str | int] = {"slug": city.submitting.slug}
    named: dict[str, dict[str, str | int]] = {
        "proposals_organiser.dossier": elsewhere | {"number": city.plans[-1].number},
        "exports.fetch": {"token": "x", "name": "plannen.csv"},
        "revisions.show": {"proposal_id": city.plans[-1].id, "number": 1},
        **{
            name: {"kind": "round", "number": city.plans[-1].id}
            for name in (
                *(f"moderation.{each}" for each in ("report", "done", "take_back", "appeal")),
                *(f"moderation_organiser.{each}" for each in ("judge", "appeal", "hand_on")),
            )
        },
        "box.list_file": elsewhere | {"name": "leaves.txt"},
        **{
            f"booth_organiser.{name}": elsewhere | {"number": city.plans[-1].number}
            for name in ("withdrawal", "ask_withdrawal", "confirm_withdrawal", "turn_down_withdrawal")
        },
        "registry_organiser.withdraw_void": elsewhere | {"commitment": asked.commitment.hex()},
        **{f"akkoord_organiser.{name}": {"edition": "x", "number": 1} for name in ("plan", "status", "figure")},
    }
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if len(rule.arguments) > 1}
    assert rules.keys() == named.keys()
    browser = city.browser("administrator")
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    for endpoint, rule in rules.items():
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = browser.client.open(app.url_map.bind("localhost").build(endpoint, named[endpoint]), method=method)
            assert answer.status_code in {303, 404}, endpoint
    session.expire_all()
    assert asked.request.state is State.OPEN
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_redirect_leaves_the_site(city: City, target: str) -> None:
    browser = city.browser("resident")
    assert own_path(target) == "/"
    welcome = {"name": "x", **browser.get("/account/welkom").hidden("/account/welkom")}
    answers = [
        browser.client.get("/account/inloggen", query_string={"verder": target}),
        browser.client.get("/account/tweede-stap", query_string={"verder": target}),
        browser.client.post("/account/welkom", data=welcome, query_string={"verder": target}),
    ]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["Location"].partition("?")[0] in {"/", "/account"}
        assert "X-Evil" not in answer.headers


def test_a_path_with_dots_or_an_own_address_is_let_through() -> None:
    assert own_path("/plannen/12?zoek=a//b") == "/plannen/12?zoek=a//b"


def test_a_query_holds_what_is_wanted_and_nothing_else() -> None:
    assert (
        with_query("/plannen", zoek="a&b=<c> é", thema="", pagina=2) == "/plannen?zoek=a%26b%3D%3Cc%3E+%C3%A9&pagina=2"
    )
    assert with_query("/plannen", zoek="", pagina=0) == "/plannen"


def test_the_host_header_reaches_no_link(city: City, browser: Browser) -> None:
    city.app.config["SERVER_NAME"], kept = None, city.app.config["SERVER_NAME"]
    try:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        for path in ("/", "/rondes", "/plannen", "/account", "/.well-known/security.txt", "/nergens", "/gebieden"):
            answer = browser.client.get(path, headers=headers)
            assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers), path
        browser.client.post("/account/inloggen", data={"email": "iemand@example.org"}, headers=headers)
        mail = city.session.query(OutboxMail).filter_by(template="sign_in").one()
        assert mail.values["link"].startswith("http://localhost/account/inloggen/")
    finally:
        city.app.config["SERVER_NAME"] = kept


def test_repeated_parameters_and_negative_pages_are_read_once(city: City) -> None:
    browser = city.browser("visitor")
    slug = city.submitting.slug
    for query in ("pagina=-1&pagina=9", "pagina=0", "pagina=99999999999", "pagina=٤", "zoek=a&zoek=b&thema=x&thema=y"):
        for path in ("/plannen", f"/rondes/{slug}/plannen", "/logboek", "/uitslagen", "/rondes"):
            assert browser.client.get(f"{path}?{query}").status_code == 200


def test_foreign_digits_make_no_code() -> None:
    with pytest.raises(ValueError, match="bad_symbol"):
        normalise_code("７K3M9QX27K3M9QX2")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/rondes/{}/", "/rondes/{}"),
        ("/rondes/{}/?taal=en&x=%0d%0aX", "/rondes/{}?taal=en&x=%0d%0aX"),
        ("/Rondes/{}/plannen/", "/rondes/{}/plannen"),
        ("/PLANNEN//", "/plannen"),
        ("/gebieden/e/", "/gebieden/E"),
    ],
)
def test_an_address_typed_from_a_letter_leads_to_its_page(city: City, typed: str, meant: str) -> None:
    slug, client = city.voting.round.slug, city.browser("visitor").client
    for spelled in {slug, slug.upper()}:
        answer = client.get(typed.format(spelled))
        assert (answer.status_code, answer.headers["Location"]) == (301, meant.format(slug))
        assert client.get(meant.format(slug)).status_code == 200
        assert client.post(typed.partition("?")[0].format(spelled)).status_code in {404, 405}


@pytest.mark.parametrize(
    "typed",
    [
        "/niets/",
        "/NIETS",
        "//evil.example/",
        "/\\evil.example/",
        "/rondes/niets",
        "//evil.example/RONDES/",
    ],
)
def test_what_leads_nowhere_stays_on_the_site(city: City, typed: str) -> None:
    answer = city.browser("visitor").client.get("/", environ_overrides={"PATH_INFO": typed})
    assert answer.status_code in {404, 308}
    assert urlsplit(answer.headers.get("Location", "/")).netloc in {"", "localhost"}


def test_no_address_is_compiled_before_it_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as starting:
        starting.setattr(Rule, "_compile_builder", Mock(side_effect=AssertionError))
        app = create_app({"INSTANCE": str(tmp_path), "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": "sqlite://"})
    with app.test_request_context():
        plans = [url_for("proposals.show", proposal_id=number, zoek="é") for number in (1, 2)]
    assert plans == ["/plannen/1?zoek=%C3%A9", "/plannen/2?zoek=%C3%A9"]
