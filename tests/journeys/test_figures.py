"""A staff member answers a councillor on a phone, without making a file: what reached West, and for which points."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import session as cookie
from playwright.sync_api import Browser, expect

from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.population.actions import load_population
from buurtbegroot.population.domain.people import People
from buurtbegroot.tally.models import PlanResult
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.journeys.stage import Watch, cells, go, plain, press, served
from tests.live import live
from tests.servers import free_port

pytestmark = pytest.mark.journey


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a site with an outcome and people in West, and the cookie of who works there."""
    port, now = free_port(), datetime.now(UTC)
    with live(tmp_path, SITE_URL=f"http://127.0.0.1:{port}") as app:
        with app.app_context(), writing():
            session, areas = db.session(), small_city(db.session())
            round_ = round_in(session, Phase.REALISATION, areas=areas, now=now)
            round_.points, found = small_accord(session)[:2], plan(session, round_, now=now, cents=90_001)
            session.flush()
            verdict = {"verdict": "funded", "awarded_cents": 90_001, "votes": 3, "rank": 1}
            session.add(PlanResult(round_id=round_.id, proposal_id=found.id, **verdict))
            round_.opened_at = round_.closed_at = round_.certified_at = now
            said = {"E": People(2_000, 900)}
            day = date(now.year, 1, 1)
            load_population(session, areas["E"], said, source="Telling", counted_on=day, seen=0, by=PROGRAM, now=now)
            user_id = person(session, Role.STAFF, "E").id
            session.commit()
        with app.test_request_context(), writing():
            start_session(db.session.get_one(User, user_id), second_factor=True)
            db.session.commit()
            signed = app.session_interface.get_signing_serializer(app).dumps(dict(cookie))  # type: ignore[attr-defined]
        with served(app, port=port) as url:
            yield url, signed


@pytest.mark.parametrize("script", [True, False])
def test_the_councillor_gets_an_answer(chrome: Browser, staff: tuple[str, str], script: bool) -> None:
    (url, signed), watch = staff, Watch()
    context = watch.context(chrome, base_url=url, java_script_enabled=script)
    context.add_cookies([{"name": "session", "value": signed, "url": url}])
    page = context.new_page()
    page.goto("/werkplek")
    page.get_by_label("Menu van de werkplek").get_by_role("link", name="Cijfers").click()
    page.select_option("#filter-waar", "E")
    page.select_option("#filter-reken", "inwoner")
    press(page, "Toon cijfers")
    expect(page.locator("h1")).to_have_text("Hoeveel geld ging naar West?")
    answer = plain(page.locator(".bb-answer").inner_text())
    assert answer == (
        "Bewoners van West verdeelden € 1.000. Plannen kregen daarvan € 900,01. Dat is € 0,45 per inwoner."
    )
    points = cells(page, "section[aria-labelledby=punten] tbody tr")
    assert [row[2] for row in points] == ["€ 450,01", "€ 450", "€ 900,01"]
    if script:
        watch.look(page)
    go(page, "Toon het plan")
    expect(page.locator("h1")).to_have_text("Toegekend in West")
    assert cells(page, "tbody tr")[0][0] == "Plan 1"
    assert watch.faults == []
