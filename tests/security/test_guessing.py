"""Guessing codes and addresses: limits that cannot be walked around, and refusals that tell nothing."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import generate_code
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits.domain import mailbox_of, network_of
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voids import mark_void
from tests.factories.voting import open_vote_in
from tests.live import live

pytestmark = pytest.mark.slow  # walks every route

HOME, OFFICE, LAPTOP = "203.0.113.7", "198.51.100.9", "2001:db8:1:2::7"
SAMPLES = 60


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Flask, str, list[str]]]:
    """An app with limits, the path where codes are entered, and three codes of which the last is void."""
    folder = str(tmp_path / "keys")
    limits = {"RATELIMIT_ENABLED": True, "WTF_CSRF_ENABLED": False, "CODE_TRIES": "3 per minute"}
    with live(tmp_path, KEY_DIRECTORY=folder, CLOCK=lambda: NOW, **limits) as app:
        with app.app_context(), writing():
            round_ = round_in(db.session(), Phase.VOTING, areas=small_city(db.session()), now=NOW)
            for cents in (40_000, 50_000):
                plan(db.session(), round_, now=NOW, cents=cents)
            vote = open_vote_in(db.session(), round_, folder=tmp_path / "keys", now=NOW, codes=3, derive=derive_key)
            path, codes = f"/rondes/{round_.slug}/stemmen/code", vote.codes
            db.session.commit()
        yield app, path, codes


def enter(app: Flask, path: str, code: str, *, of: str = HOME, **headers: str) -> int:
    """Enter a code in a browser that keeps no cookies, from an address."""
    client = app.test_client(use_cookies=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data={"stemcode": code}, headers=named, environ_base={"REMOTE_ADDR": of}).status_code


def test_cookies_headers_and_paths_reset_no_limit(site: tuple[Flask, str, list[str]]) -> None:
    app, path, codes = site
    tries = [enter(app, path, generate_code(), X_Forwarded_For=f"192.0.2.{number}") for number in range(5)]
    assert tries == [422, 422, 422, 429, 429]
    assert enter(app, path, generate_code(), X_Real_IP=OFFICE, Forwarded=f"for={OFFICE}") == 429
    assert enter(app, path, codes[0], of=OFFICE) == 303, "nobody locks a code for its owner"


def test_good_codes_and_typing_errors_cost_nothing(site: tuple[Flask, str, list[str]]) -> None:
    app, path, codes = site
    for _ in range(4):
        assert enter(app, path, codes[0]) == 303
        assert enter(app, path, codes[0][:-1]) == 422
    assert enter(app, path, generate_code()) == 422


def test_one_network_of_ipv6_is_one_visitor(site: tuple[Flask, str, list[str]]) -> None:
    app, path, _codes = site
    tries = [enter(app, path, generate_code(), of=f"2001:db8:1:2::{number:x}") for number in range(1, 5)]
    assert tries == [422, 422, 422, 429]
    assert enter(app, path, generate_code(), of="2001:db8:1:3::1") == 422


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (HOME, HOME),
        (LAPTOP, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", HOME),
        ("unix:", "unix:"),
        ("203.0.113.7:4711", "203.0.113.7:4711"),
    ],
)
def test_what_counts_as_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("karin.de.vries@gmail.com", "karindevries@gmail.com"),
        ("KarindeVries+buurt@googlemail.com", "karindevries@gmail.com"),
        ("karin.de.vries+a+b@example.org", "karin.de.vries@example.org"),
        ("+a@example.org", "+a@example.org"),
    ],
)
def test_what_counts_as_one_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox


@pytest.mark.speed
def test_an_unknown_and_a_void_code_look_alike_and_take_as_long(site: tuple[Flask, str, list[str]]) -> None:
    app, path, codes = site
    app.config["CODE_TRIES"] = "100000 per minute"
    with app.app_context(), writing():
        mark_void(db.session(), db.session.scalars(select(Round)).one(), now=NOW)
        db.session.commit()
    client = app.test_client(use_cookies=False)

    def answer(code: str) -> tuple[int, str, float]:
        began = time.perf_counter()
        found = client.post(path, data={"stemcode": code})
        took = time.perf_counter() - began
        return (
            found.status_code,
            found.text.replace(code, "").replace(found.headers["Content-Security-Policy"], ""),
            took,
        )

    kinds: dict[str, list[float]] = {"void": [], "unknown": []}
    texts = set()
    for _ in range(SAMPLES):
        for kind, code in (("void", codes[2]), ("unknown", generate_code())):
            status, text, took = answer(code)
            texts.add((status, *_without_nonce(text)))
            kinds[kind].append(took)
    assert len(texts) == 1
    difference = 1000 * abs(statistics.median(kinds["void"]) - statistics.median(kinds["unknown"]))
    print(f"median difference between a void and an unknown code: {difference:.2f} ms")
    assert difference < 25  # a loose bound: the machine is shared


def _without_nonce(text: str) -> list[str]:
    return [part for part in text.split('"') if len(part) != 22]


def test_asking_for_a_link_tells_nothing_and_floods_nobody(tmp_path: Path) -> None:
    with live(tmp_path, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False, SIGN_IN_TRIES="8 per minute") as app:
        client = app.test_client(use_cookies=False)
        answers = [
            client.post("/account/inloggen", data={"email": email}, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number, email in enumerate(["A@example.org", "a@EXAMPLE.org", *["a@example.org"] * 7])
        ]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 4
        with app.app_context():
            assert db.session.query(OutboxMail).count() == 5
