"""From a report to the last word, in a real browser on a phone, with and without any script."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import session as cookie
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import ProposalStatus
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.journeys.stage import Watch, go, press, served
from tests.live import live
from tests.servers import free_port

pytestmark = pytest.mark.journey


class Stage(NamedTuple):
    """A site with one plan, and the cookies with which its people are signed in."""

    url: str
    plan_id: int
    cookies: dict[str, str]


@pytest.fixture
def stage(chrome: Browser, tmp_path: Path) -> Iterator[Stage]:
    port, now = free_port(), datetime.now(UTC)
    with live(tmp_path, SITE_URL=f"http://127.0.0.1:{port}") as app:
        with app.app_context(), writing():
            session = db.session()
            round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=now)
            people = {"maker": person(session)}
            people |= {name: person(session, Role.COORDINATOR, "E") for name in ("first", "other")}
            found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=people["maker"])
            session.commit()
            plan_id, ids = found.id, {name: user.id for name, user in people.items()}
        cookies, signed = {}, app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        for name, user_id in ids.items():
            with app.test_request_context(), writing():
                start_session(db.session.get_one(User, user_id), second_factor=True)
                db.session.commit()
                cookies[name] = signed.dumps(dict(cookie))
        with served(app, port=port) as url:
            yield Stage(url, plan_id, cookies)


@dataclass
class Play:
    """The windows of all who take part; with a script each kind of page is looked over."""

    chrome: Browser
    stage: Stage
    script: bool
    watch: Watch = field(default_factory=Watch)

    def page_of(self, name: str = "") -> Page:
        context = self.watch.context(self.chrome, base_url=self.stage.url, java_script_enabled=self.script)
        if name:
            context.add_cookies([{"name": "session", "value": self.stage.cookies[name], "url": self.stage.url}])
        return context.new_page()

    def seen(self, page: Page) -> None:
        if self.script:
            self.watch.look(page)


def report(play: Play, visitor: Page) -> None:
    visitor.goto(f"/plannen/{play.stage.plan_id}")
    with visitor.expect_navigation():
        visitor.locator("a[href^='/melden/']").click()
    play.seen(visitor)
    press(visitor, "Schelden of bedreigen")
    expect(visitor.locator("h1")).to_have_text("Dank u. Wij kijken ernaar")
    play.seen(visitor)
    visitor.fill("#woorden", "Niet aardig.")
    press(visitor, "Voeg toe")


def hide(play: Play, first: Page) -> None:
    first.goto("/werkplek")
    go(first, "Gemelde teksten (1 wacht)")
    play.seen(first)
    with first.expect_navigation():
        first.locator(".bb-queue h2 a").first.click()
    expect(first.locator("main")).to_contain_text("Niet aardig.")
    play.seen(first)
    first.check("input[value=verberg]")
    first.select_option("#reden", "schelden")
    first.fill("#uitleg", "Zonder schelden mag het.")
    press(first, "Verder: lees eerst na wat eruit gaat")
    expect(first.locator("main")).to_contain_text("Zonder schelden mag het.")
    press(first, "Verberg dit plan")
    expect(first.locator("main")).to_contain_text("Plan 1 is nu verborgen")


def judge(play: Play, other: Page) -> None:
    other.goto("/werkplek/meldingen?stand=bezwaar")
    with other.expect_navigation():
        other.locator(".bb-queue h2 a").first.click()
    play.seen(other)
    other.check("input[value=tonen]")
    other.select_option("#grond", "vergissing")
    other.fill("#uitleg", "De maker heeft gelijk.")
    press(other, "Maak mijn oordeel bekend")


@pytest.mark.parametrize("script", [True, False])
def test_reported_hidden_appealed_and_shown_again_by_somebody_else(chrome: Browser, stage: Stage, script: bool) -> None:
    play = Play(chrome, stage, script)
    visitor, first, other, maker = (play.page_of(name) for name in ("", "first", "other", "maker"))
    gone = "De tekst van dit plan is verborgen."
    report(play, visitor)
    hide(play, first)
    visitor.goto(f"/plannen/{stage.plan_id}")
    expect(visitor.locator("main")).to_contain_text(gone)
    maker.goto(f"/bezwaar/proposal/{stage.plan_id}")
    play.seen(maker)
    maker.fill("#woorden", "Er staat geen scheldwoord in.")
    press(maker, "Dien bezwaar in")
    expect(maker.locator("main")).to_contain_text("Uw bezwaar ligt bij iemand anders.")
    first.goto(f"/werkplek/bezwaar/proposal/{stage.plan_id}")
    expect(first.locator("main")).to_contain_text("U nam het eerste besluit.")
    judge(play, other)
    visitor.goto(f"/plannen/{stage.plan_id}")
    expect(visitor.locator("main")).not_to_contain_text(gone)
    maker.goto(f"/bezwaar/proposal/{stage.plan_id}")
    expect(maker.locator("main")).to_contain_text("de tekst staat er weer")
    play.seen(maker)
    for page in (visitor, first, other, maker):
        page.context.close()
    assert play.watch.faults == []
