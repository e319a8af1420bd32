"""A staff member answers a councillor on a phone, without a file: what reached West, and for which points.

And makes the files of a year, with a link that gives the newest of them.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from flask import Flask
from flask import session as cookie
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.population.actions import load_population
from buurtbegroot.population.domain.people import People
from buurtbegroot.tally.models import PlanResult, Tally
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


class Site(NamedTuple):
    """A site, its address, and the cookie of somebody who works for West."""

    app: Flask
    url: str
    signed: str


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Site]:
    """A site with an outcome and people in West."""
    port, now = free_port(), datetime.now(UTC)
    with live(tmp_path, SITE_URL=f"http://127.0.0.1:{port}") as app:
        with app.app_context(), writing():
            session, areas = db.session(), small_city(db.session())
            round_ = round_in(session, Phase.REALISATION, areas=areas, now=now)
            round_.points, found = small_accord(session)[:2], plan(session, round_, now=now, cents=90_001)
            session.flush()
            verdict = {"verdict": "funded", "awarded_cents": 90_001, "votes": 3, "rank": 1}
            session.add(PlanResult(round_id=round_.id, proposal_id=found.id, **verdict))
            session.add(Tally(round_id=round_.id, envelopes=1))
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
            yield Site(app, url, signed)


@pytest.mark.parametrize("script", [True, False])
def test_the_councillor_gets_an_answer(chrome: Browser, staff: Site, script: bool) -> None:
    watch = Watch()
    page = at_work(chrome, staff, watch, name="Cijfers", java_script_enabled=script)
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


def test_the_files_of_a_year_are_made_and_a_link_gives_the_newest(chrome: Browser, staff: Site) -> None:
    watch = Watch()
    page = at_work(chrome, staff, watch, name="Bestanden")
    page.locator("label").filter(has_text="Kosten, oordeel, plek en uitslag").click()
    expect(page.locator("#stadsdeel")).to_have_value("E")
    page.locator("[name=jaar]").first.check()
    page.locator("summary").filter(has_text="Kies kolommen").click()
    for name in ("Stadsdeel", "Titel", "Toegekend"):
        page.get_by_label(name, exact=True).last.check()
    press(page, "Toon voorbeeld")
    expect(page.locator("#voorbeeld-kop")).to_have_text("1 plan")
    assert cells(page, "#voorbeeld tbody tr") == [["West", "Plan 1", "€ 900,01"]]
    assert plain(page.locator("#voorbeeld dl").inner_text()) == "Toegekend € 900,01"
    watch.look(page)
    made = downloaded(page, "Excel (XLSX)")
    assert rows_of(made) == [("Stadsdeel", "Titel", "Toegekend"), ("West", "Plan 1", 900.01)]
    text = downloaded(page, "CSV voor Excel").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text), delimiter=";"))[1] == ["West", "Plan 1", "900,01"]
    kept = page.locator(".bb-hash").inner_text()
    with staff.app.app_context(), writing():
        session, now = db.session(), datetime.now(UTC)
        areas = {code: session.get_one(Area, code) for code in ("EA01", "EA02")}
        plan(session, round_in(session, Phase.REALISATION, areas=areas, now=now), now=now, title="=Nieuw")
        session.commit()
    assert rows_of(page.request.get(kept).body())[2:] == [("West", "=Nieuw", None)]
    assert watch.faults == []


def at_work(chrome: Browser, staff: Site, watch: Watch, *, name: str, **settings: Any) -> Page:
    """Return the page behind a link in the menu of the workplace."""
    context = watch.context(chrome, base_url=staff.url, **settings)
    context.add_cookies([{"name": "session", "value": staff.signed, "url": staff.url}])
    page = context.new_page()
    page.goto("/werkplek")
    page.get_by_label("Menu van de werkplek").get_by_role("link", name=name).click()
    return page


def downloaded(page: Page, name: str) -> bytes:
    """Return the file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    return Path(download.value.path()).read_bytes()


def rows_of(book: bytes) -> list[tuple[Any, ...]]:
    """Return the rows of the first sheet."""
    return list(openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].iter_rows(values_only=True))
