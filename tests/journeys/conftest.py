"""One browser and one sample city for all journeys through it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from buurtbegroot.app import create_app
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.city import copied, crawl, database
from tests.journeys.stage import chromium, served
from tests.servers import free_port


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
        yield City(app, url, codes, list(crawl(app.test_client())), sorted(titles, key=len, reverse=True))
    with app.app_context():
        db.engine.dispose()
