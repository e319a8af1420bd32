"""The headers of every answer: each route, each status, static files, downloads, redirects and errors; and cookies."""

import re
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask, abort
from werkzeug.test import TestResponse

from buurtbegroot.paths import STATIC
from buurtbegroot.web.access import Audience, admits
from tests.conftest import NOW
from tests.live import live
from tests.pages import Browser
from tests.security.conftest import City
from tests.security.test_access import requests, send

pytestmark = pytest.mark.slow  # walks every route

NONCE = re.compile(r"'nonce-([\w-]{20,})'")
UNSAFE = ("unsafe", "*", "http:", "https:", "blob:", "strict-dynamic")
NEEDED = {"default-src": ["'none'"], "base-uri": ["'none'"], "object-src": ["'none'"], "frame-ancestors": ["'none'"]}
ERRORS = (400, 403, 409, 410, 413, 418, 429, 500, 503)


def policy_of(answer: TestResponse) -> dict[str, list[str]]:
    [policy] = answer.headers.getlist("Content-Security-Policy")
    return {words[0]: words[1:] for words in (part.split() for part in policy.split(";"))}


def faults_of(answer: TestResponse) -> list[str]:
    """Return what internet.nl and we would find wrong with the headers."""
    headers, policy = answer.headers, policy_of(answer)
    seconds = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    held = {
        "hsts": seconds is not None and int(seconds[1]) >= 31_536_000,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") in {"same-origin", "no-referrer", "strict-origin"},
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "cache": "no-store" in headers.get("Cache-Control", "") or "/static/" in answer.request.path,
        "form-action": policy.get("form-action") == ["'self'"],
        "safe policy": not any(word in part for parts in policy.values() for part in parts for word in UNSAFE),
        "server": "Server" not in headers,
    } | {name: policy.get(name) == value for name, value in NEEDED.items()}
    return [name for name, holds in held.items() if not holds]


@admits(Audience.EVERYONE)
def fail(code: int) -> NoReturn:
    abort(code)


@pytest.mark.parametrize("kind", ["visitor", "administrator"])
def test_every_route_answers_with_every_header(city: City, kind: str) -> None:
    client, seen = city.browser(kind).client, []
    for _rule, method, address in requests(city):
        if method == "POST" and kind == "administrator":
            continue
        for each in (address, f"{address}/bestaat-niet"):
            answer = send(client, method, each)
            assert faults_of(answer) == [], (method, each)
            seen += NONCE.findall(str(answer.headers["Content-Security-Policy"]))[:1]
            answer.close()
    assert len(seen) == len(set(seen)) > 150


def test_every_error_answers_with_every_header(tmp_path: Path) -> None:
    with live(tmp_path, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False, MAX_CONTENT_LENGTH=100) as app:
        app.add_url_rule("/fout/<int:code>", "fout", fail)
        client = app.test_client()
        answers = [client.get(f"/fout/{code}") for code in ERRORS]
        answers += [client.post("/"), client.get("/static/x.css"), client.post("/stem", data={"stemcode": "x" * 900})]
        assert [answer.status_code for answer in answers] == [*ERRORS, 405, 404, 413]
        for answer in answers:
            assert faults_of(answer) == [], answer.request.path
            assert "Traceback" not in answer.get_data(as_text=True)


def test_built_files_are_kept_and_nothing_else_is(browser: Browser) -> None:
    for path in sorted((STATIC / "dist").iterdir())[:20]:
        answer = browser.client.get(f"/static/dist/{path.name}")
        assert faults_of(answer) == []
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer.close()
    for outside in ("/static/../config.py", "/static/..%2fconfig.py", "/static/%2e%2e/config.py"):
        assert browser.client.get(outside).status_code == 404


def test_the_nonce_is_that_of_the_page(browser: Browser) -> None:
    answer = browser.client.get("/hulp")
    [nonce, *_] = NONCE.findall(answer.headers["Content-Security-Policy"])
    assert f'nonce="{nonce}"' in answer.text


def test_security_txt_is_valid_for_a_while(app: Flask, browser: Browser) -> None:
    answer = browser.client.get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert NOW + timedelta(days=30) < expires < NOW + timedelta(days=366)
    assert fields["Contact"].startswith(("mailto:", "https://"))
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_cookies_of_a_site_under_tls(tmp_path: Path) -> None:
    with live(tmp_path, SESSION_COOKIE_SECURE=True) as app:
        client = app.test_client()
        answers = [
            client.get("/account/inloggen", base_url="https://localhost"),
            client.post("/", data={"taal": "nl"}, base_url="https://localhost"),
            client.post("/", data={"weergave": "licht"}, base_url="https://localhost"),
        ]
    found = [cookie for answer in answers for line in answer.headers.getlist("Set-Cookie") for cookie in _read(line)]
    assert {name for name, *_ in found} == {"__Host-session", "taal", "weergave"}
    for name, flags in found:
        assert {"secure", "httponly"} <= flags, name
        assert flags & {"samesite=lax", "samesite=strict"}, name
        assert "domain" not in " ".join(flags)


def _read(line: str) -> list[tuple[str, set[str]]]:
    flags = {part.strip().lower() for part in line.split(";")[1:]}
    return [(name, flags) for name in SimpleCookie(line)]
