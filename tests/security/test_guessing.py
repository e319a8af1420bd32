"""Guessing codes and addresses: limits that cannot be walked around, and refusals that tell nothing."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.booth import asking
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import generate_code
from buurtbegroot.core.mailbox import mailbox_of
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits.domain import network_of
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.registry.domain.codes import key_of
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voids import mark_void
from tests.factories.voting import open_vote_in
from tests.live import live
from tests.pages import QueryCount

pytestmark = pytest.mark.slow  # walks every route

HOME, OFFICE, LAPTOP = "203.0.113.7", "198.51.100.9", "2001:db8:1:2::7"
SAMPLES = 20
MOST_MS = 5


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Flask, str, list[str]]]:
    """An app with limits, the path where codes are entered, three codes, of which the last is void, and a spare."""
    folder = str(tmp_path / "keys")
    limits = {"RATELIMIT_ENABLED": True, "WTF_CSRF_ENABLED": False, "CODE_TRIES": "3 per minute"}
    with live(tmp_path, KEY_DIRECTORY=folder, CLOCK=lambda: NOW, **limits) as app:
        with app.app_context(), writing():
            round_ = round_in(db.session(), Phase.VOTING, areas=small_city(db.session()), now=NOW)
            for cents in (40_000, 50_000):
                plan(db.session(), round_, now=NOW, cents=cents)
            vote = open_vote_in(
                db.session(), round_, folder=tmp_path / "keys", now=NOW, codes=3, spares=1, derive=derive_key
            )
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


@pytest.fixture
def kinds(site: tuple[Flask, str, list[str]]) -> dict[str, Callable[[], str]]:
    """Codes that may not vote, by kind: in the registry and void, waiting as a spare, and of nobody."""
    app, _path, codes = site
    app.config["CODE_TRIES"] = "100000 per minute"
    with app.app_context(), writing():
        mark_void(db.session(), db.session.scalars(select(Round)).one(), now=NOW)
        db.session.commit()
    return {"void": lambda: codes[2], "spare": lambda: codes[3], "unknown": generate_code}


def refused(app: Flask, path: str, code: str) -> tuple[int, list[str], list[str], int, float]:
    """Enter a code; return status, words, statements, slow hashes and milliseconds of processor of the answer."""
    slow = []

    def counting(typed: str, salt: bytes) -> bytes:
        slow.append(typed)
        return derive_key(typed, salt)

    client = app.test_client(use_cookies=False)
    with app.app_context(), pytest.MonkeyPatch.context() as patch, QueryCount() as queries:
        patch.setattr(asking, "key_of", partial(key_of, derive=counting))
        began = time.process_time()
        found = client.post(path, data={"stemcode": code})
        took = 1000 * (time.process_time() - began)
    policy = found.headers["Content-Security-Policy"]
    said = _without_nonce(found.text.replace(code, "").replace(policy, ""))
    return found.status_code, said, queries.statements, len(slow), took


def look_alike(site: tuple[Flask, str, list[str]], kinds: dict[str, Callable[[], str]], samples: int) -> None:
    """Demand that codes of each kind get the same words for the same work, in the same time of the processor.

    Time of the processor, taken in turns, says the same on a busy machine. The median of `samples` is compared.
    """
    app, path, _codes = site
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    answers = []
    refused(app, path, generate_code())  # what a first request makes, no other makes again
    for _ in range(samples):
        for kind, code in kinds.items():
            *answer, milliseconds = refused(app, path, code())
            took[kind].append(milliseconds)
            answers.append(answer)
    medians = {kind: round(statistics.median(own), 2) for kind, own in took.items()}
    print(f"\nmedian milliseconds of the processor for a refused code: {medians}")
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 422
    assert answers[0][3] == 1, "one slow hash, also for a code of nobody"
    assert max(medians.values()) - min(medians.values()) < MOST_MS


@pytest.mark.speed
def test_unknown_void_and_spare_codes_look_alike_and_take_as_long(
    site: tuple[Flask, str, list[str]], kinds: dict[str, Callable[[], str]]
) -> None:
    look_alike(site, kinds, SAMPLES)


@pytest.mark.nightly
def test_two_thousand_of_each_look_alike(
    site: tuple[Flask, str, list[str]], kinds: dict[str, Callable[[], str]]
) -> None:
    look_alike(site, kinds, 2_000)


def test_a_code_that_may_vote_costs_one_slow_hash_as_well(site: tuple[Flask, str, list[str]]) -> None:
    app, path, codes = site
    status, _said, statements, slow, _took = refused(app, path, codes[0])
    unknown = refused(app, path, generate_code())
    assert (status, slow) == (303, unknown[3])
    asked = [text for text in statements if "registered_code" in text]
    assert asked == [text for text in unknown[2] if "registered_code" in text]


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
