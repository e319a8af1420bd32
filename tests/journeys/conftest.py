"""One browser and one sample city for all journeys through it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from buurtbegroot.app import create_app
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.city import copied, database
from tests.journeys.stage import chromium, served
from tests.pages import Page
from tests.servers import free_port

PAGES, PAGES_OF_A_KIND = 60, 2


@dataclass(frozen=True)
class City:
    """The sample city, served: its address, unused codes by round, and a path to pages of every kind."""

    app: Flask
    url: str
    codes: dict[str, list[str]]
    paths: list[str]
    titles: list[str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, which needs no sample city, so that one process alone makes that."""
    items.sort(key=lambda item: item.path.name != "test_round.py")


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def city(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Serve a sample city of one's own; asks for the browser first, so that nothing is made without one."""
    folder, port = tmp_path_factory.mktemp("cities") / "city", free_port()
    codes = copied(folder).codes
    site = {"INSTANCE": str(folder), "SECRET_KEY": "test", "RATELIMIT_ENABLED": False, "DEMO": True}
    site |= {"SESSION_COOKIE_SECURE": False}
    app = create_app({**site, **database(folder), "SITE_URL": f"http://127.0.0.1:{port}"})
    with served(app, port=port) as url:
        with app.app_context():
            titles = [*db.session.scalars(select(Proposal.title)), *db.session.scalars(select(Round.title))]
        yield City(app, url, codes, crawl(app), sorted(titles, key=len, reverse=True))
    with app.app_context():
        db.engine.dispose()


def crawl(app: Flask) -> list[str]:
    """Follow links from the front page; return a few paths to each kind of page that a visitor can reach."""
    client, found, waiting, kinds = app.test_client(), list[str](), ["/"], Counter[str]()
    seen = set(waiting)
    while waiting and len(found) < PAGES:
        path = waiting.pop(0)
        kind = _kind(app, path)
        if kind is None or kinds[kind] >= PAGES_OF_A_KIND:
            continue
        answer = client.get(path, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            assert answer.status_code < 400, f"a broken link: {path}"
            continue
        kinds[kind] += 1
        found.append(path)
        links = [link.get("href") or "" for link in Page(answer).find(".//a")]
        fresh = [link.split("#")[0] for link in links if link.startswith("/")]
        waiting += [link for link in dict.fromkeys(fresh) if link not in seen]
        seen.update(fresh)
    return found


def _kind(app: Flask, path: str) -> str | None:
    try:
        endpoint, _values = app.url_map.bind("localhost").match(path.split("?", maxsplit=1)[0])
    except HTTPException:
        raise AssertionError(f"a link to nowhere: {path}") from None
    return f"{endpoint}{'?' if '?' in path else ''}"
