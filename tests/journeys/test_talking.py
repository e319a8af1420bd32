"""From a remark to a better plan, and support up to what a plan needs, in a real browser on a phone.

With and without any script, and the first with keys alone too.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import session as cookie
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import User
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.actions import start_proposal, submit_proposal
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import draft
from tests.factories.rounds import round_in
from tests.journeys.stage import go, press, served
from tests.journeys.test_keyboard import Keys
from tests.journeys.test_moderation import Play, Stage
from tests.live import live
from tests.servers import free_port

pytestmark = pytest.mark.journey


@pytest.fixture
def stage(chrome: Browser, tmp_path: Path) -> Iterator[Stage]:
    """A plan that was submitted, in a round that asks for support of two people, and three people who are signed in."""
    port, now = free_port(), datetime.now(UTC)
    with live(tmp_path, SITE_URL=f"http://127.0.0.1:{port}") as app:
        with app.app_context(), writing():
            session = db.session()
            round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
            round_.support_needed = 2
            people = {name: person(session) for name in ("maker", "resident", "neighbour")}
            found = start_proposal(session, round_, draft(round_), by=people["maker"], now=now)
            submit_proposal(session, found, seen=found.version, by=people["maker"], now=now)
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


def suggest(play: Play, resident: Page) -> None:
    resident.goto(f"/plannen/{play.stage.plan_id}")
    go(resident, "Schrijf zelf een reactie")
    play.seen(resident)
    press(resident, "Verstuur reactie")
    expect(resident.locator("[role=alert]")).to_contain_text("Schrijf eerst iets.")
    resident.check("input[value=idee]")
    resident.fill("#tekst", "Vraag de school om mee te doen.")
    press(resident, "Verstuur reactie")
    expect(resident.locator("main")).to_contain_text("Vraag de school om mee te doen.")
    play.seen(resident)


def take_over(play: Play, maker: Page) -> None:
    maker.goto(f"/plannen/{play.stage.plan_id}")
    play.seen(maker)
    go(maker, "Wijzig uw plan")
    maker.fill("#summary", "Kastjes voor mussen. De school helpt.")
    press(maker, "Bewaar de wijziging")
    with maker.expect_navigation():
        maker.locator(".bb-comment__head a").first.click()
    go(maker, "Overgenomen in het plan?")
    play.seen(maker)
    maker.select_option("#versie_van_plan", "2")
    maker.fill("#wat", "De school helpt.")
    press(maker, "Bewaar")


def assert_costs_have_room(page: Page) -> None:
    """See that in text of twice the size what costs something has the whole line, so that no word is broken for it."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    widths = "rows => rows.map(row => [row.firstElementChild.offsetWidth, row.offsetWidth])"
    rows = page.eval_on_selector_all(".bb-cost tbody tr", widths)
    assert rows
    assert [part for part, row in rows if part < row] == []
    page.evaluate("document.documentElement.style.fontSize = ''")


@pytest.mark.parametrize("script", [True, False])
def test_an_idea_becomes_a_part_of_the_plan(chrome: Browser, stage: Stage, script: bool) -> None:
    play = Play(chrome, stage, script)
    resident, maker = play.page_of("resident"), play.page_of("maker")
    suggest(play, resident)
    take_over(play, maker)
    visitor = play.page_of()
    visitor.goto(f"/plannen/{stage.plan_id}")
    expect(visitor.locator(".bb-taken")).to_contain_text("Overgenomen in het plan. De school helpt.")
    assert_costs_have_room(visitor)
    go(visitor, "Bekijk wat er veranderde in versie 2")
    expect(visitor.locator("main")).to_contain_text("De school helpt.")
    play.seen(visitor)


@pytest.mark.parametrize("script", [True, False])
def test_support_grows_to_what_is_needed_and_past_it(chrome: Browser, stage: Stage, script: bool) -> None:
    play = Play(chrome, stage, script)
    resident, neighbour, maker = (play.page_of(name) for name in ("resident", "neighbour", "maker"))
    path, card = f"/plannen/{stage.plan_id}", ".bb-support"
    resident.goto(path)
    expect(resident.locator(card)).to_contain_text("Nog 2 nodig.")
    press(resident, "Ik steun dit plan")
    expect(resident.locator(card)).to_contain_text("Nog 1 nodig.")
    expect(resident.locator(card)).to_contain_text("U steunt dit plan.")
    neighbour.goto(path)
    press(neighbour, "Ik steun dit plan")
    expect(neighbour.locator(card)).to_contain_text("Genoeg steun.")
    play.seen(neighbour)
    maker.goto(path)
    expect(maker.locator(card)).to_contain_text("2keer steun, van de 2 die nodig zijn")
    expect(maker.locator(card)).to_contain_text("Steun komt van anderen.")
    press(resident, "Neem uw steun terug")
    expect(resident.locator(card)).to_contain_text("Nog 1 nodig.")
    for page in (resident, neighbour, maker):
        page.context.close()
    assert play.watch.faults == []


def write_with_keys(keys: Keys, words: dict[str, str], send: str) -> None:
    """Fill in the fields with these ids in the order of the page, and send the form."""
    for field, text in words.items():
        keys.tab_to(field)
        keys.page.keyboard.press("Control+A")
        keys.page.keyboard.type(text)
    keys.tab_to(send)
    keys.press("Enter")


def follow_with_keys(keys: Keys, link: str) -> None:
    keys.tab_to(link)
    keys.press("Enter")


@pytest.mark.parametrize("script", [True, False])
def test_an_idea_becomes_a_part_of_the_plan_by_keys_alone(chrome: Browser, stage: Stage, script: bool) -> None:
    play, path = Play(chrome, stage, script), f"/plannen/{stage.plan_id}"
    resident, maker, visitor = (Keys(play.page_of(name)) for name in ("resident", "maker", ""))
    resident.page.goto(path)
    follow_with_keys(resident, "Schrijf zelf een reactie")
    resident.tab_to("soort-0")
    for _ in range(3):
        resident.page.keyboard.press("ArrowDown")
    write_with_keys(resident, {"tekst": "Vraag de school om mee te doen."}, "Verstuur reactie")
    maker.page.goto(path)
    follow_with_keys(maker, "Wijzig uw plan")
    write_with_keys(maker, {"summary": "Kastjes voor mussen. De school helpt."}, "Bewaar de wijziging")
    follow_with_keys(maker, "vaste link naar deze reactie")
    follow_with_keys(maker, "Overgenomen in het plan?")
    maker.tab_to("versie_van_plan")
    maker.page.keyboard.press("ArrowDown")
    write_with_keys(maker, {"wat": "De school helpt."}, "Bewaar")
    visitor.page.goto(path)
    expect(visitor.page.locator(".bb-taken")).to_contain_text("Overgenomen in het plan. De school helpt.")
    follow_with_keys(visitor, "Bekijk wat er veranderde in versie 2")
    expect(visitor.page.locator("main ins", has_text="De school helpt.").first).to_be_visible()
    assert [fault for each in (resident, maker, visitor) for fault in each.faults] == []
    assert play.watch.faults == []
