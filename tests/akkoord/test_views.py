"""The accord's public pages: every point opens, figures stand where they belong, unknown is called unknown."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.actions import load_accord, record_figure, record_status, write_plan
from buurtbegroot.akkoord.models import Edition, Point, Standing
from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from tests.factories import PROGRAM
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.audit import Somebody
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, QueryCount


@pytest.fixture
def accord(session: Session, now: datetime) -> dict[int, Point]:
    load_accord(session, by=PROGRAM, now=now)
    session.commit()
    return {point.number: point for point in session.scalars(select(Point))}


def test_without_an_accord_there_is_a_page_too(browser: Browser, session: Session) -> None:
    assert browser.get("akkoord.index").heading == "Maatschappelijk akkoord"
    browser.get("akkoord.show", number=16, status=404)


@pytest.mark.usefixtures("accord")
def test_all_24_points_are_listed_and_open(browser: Browser) -> None:
    page = browser.get("akkoord.index")
    assert page.heading == "Hoe ver zijn we met de 24 akkoordpunten?"
    links = [link.get("href") or "" for link in page.find(".//ol//h4/a")]
    assert len(links) == 24
    for link in links:
        assert "Nog niet ingevuld" in browser.get(link).text


@pytest.mark.usefixtures("accord")
def test_unknown_is_written_as_unknown(browser: Browser) -> None:
    assert browser.get("akkoord.index").text.count("Nog geen cijfer") == 8  # four meters and four lines
    page = browser.get("akkoord.show", number=16)
    assert "Niemand heeft vastgelegd hoe dit punt ervoor staat" in page.text


@pytest.mark.usefixtures("accord")
@pytest.mark.parametrize(
    "path", ["/akkoord/25", "/akkoord/0", "/akkoord/x", "/akkoord?editie=1999", "/akkoord/3?editie="]
)
def test_what_is_not_there_is_a_404(browser: Browser, path: str) -> None:
    browser.get(path, status=404)


def test_what_is_recorded_shows_with_its_source(
    browser: Browser, session: Session, accord: dict[int, Point], now: datetime
) -> None:
    by: dict[str, Any] = {"by": Somebody("administrator"), "now": now}
    source = "https://example.org/begroting"
    record_figure(session, accord[3], measured_on=date(2022, 12, 31), value=11, source=source, **by)
    record_status(
        session, accord[3], happened_on=date(2023, 1, 2), standing=Standing.UNDER_WAY, source="Jaarverslag", **by
    )
    write_plan(session, accord[3], {"how": "Stap <b>voor</b> stap\nen dan"}, seen=accord[3].version, **by)
    session.commit()
    page = browser.get("akkoord.show", number=3)
    assert "0,11%" in page.text
    assert "Stap <b>voor</b> stap" in page.text
    assert "In uitvoering" in page.text
    assert page.find(f".//a[@href='{source}']")
    assert len(page.find(".//aside//ol[@class='bb-history']")) == 2
    assert browser.get("akkoord.index").text.count("Nog geen cijfer") == 6


def test_linked_rounds_and_plans_are_computed(browser: Browser, session: Session, now: datetime) -> None:
    points = {point.number: point for point in small_accord(session)}
    round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
    round_.points = [points[16]]
    plan(session, round_, now=now).points = [points[5]]
    session.commit()
    page = browser.get("akkoord.show", number=16)
    figures = [(each.text or "").replace("\u00a0", " ") for each in page.find(".//dl[@class='bb-stats']//dd")]
    assert figures == ["1", "1", "€ 1.000", "€ 0"]
    assert round_.title in page.text
    assert "Plan 1" in browser.get("akkoord.show", number=5).text


def test_a_later_edition_comes_first_and_the_first_stays(
    browser: Browser, session: Session, accord: dict[int, Point]
) -> None:
    later = Edition(slug="2027", title="Akkoord 2027", adopted_on=date(2027, 1, 1), source="Bron")
    session.add(later)
    session.flush()
    session.add(Point(edition_id=later.id, group_id=accord[1].group_id, number=1, slug="nieuw", title="Nieuw punt"))
    session.commit()
    assert browser.get("akkoord.show", number=1).heading == "Nieuw punt"
    browser.get("akkoord.show", number=16, status=404)
    assert browser.get("akkoord.show", number=16, editie="2019").heading == "Buurtbegroten (alle buurten)"
    assert "Akkoord 2027" in browser.get("akkoord.index", editie="2019").text


def test_queries_do_not_grow(browser: Browser, session: Session, now: datetime) -> None:
    points, areas = small_accord(session), small_city(session)
    counts = []
    for rounds in (1, 6):
        for _ in range(rounds):
            round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
            round_.points = list(points)
            plan(session, round_, now=now).points = list(points)
        session.commit()
        counts.append([_queries(browser, "/akkoord"), _queries(browser, "/akkoord/16")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 14


def _queries(browser: Browser, path: str) -> int:
    db.session.expire_all()
    with QueryCount() as counted:
        browser.get(path)
    return counted.number
