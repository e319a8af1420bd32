"""Pages of areas: each level opens, searching copes with anything, figures are right, nothing grows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas import actions
from buurtbegroot.areas.actions import load_areas, load_postcodes
from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.domain.geojson import read_buurten
from buurtbegroot.areas.models import Area
from buurtbegroot.areas.queries.levels import all_areas
from buurtbegroot.core.phases import Phase
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, QueryCount


@pytest.fixture(scope="module")
def read() -> Mapping[str, Any]:
    """The areas of Amsterdam as its file has them, which to read takes longer than to load."""
    return all_areas(read_buurten(package_data.buurten()))


@pytest.fixture
def amsterdam(session: Session, read: Mapping[str, Any], now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "read_buurten", list)
    monkeypatch.setattr(actions, "all_areas", lambda _buurten: read)
    load_areas(session, package_data.buurten(), by=PROGRAM, now=now)
    load_postcodes(session, package_data.postcodes(), by=PROGRAM)
    session.commit()


@pytest.mark.usefixtures("amsterdam")
def test_one_area_of_each_level_opens(browser: Browser) -> None:
    for code, name in {"E": "West", "ED": "De Kolenkit", "AA01": "Planciusbuurt-Noord", "B": "Westpoort"}.items():
        assert browser.get("areas.show", code=code).heading == name
    gebied = browser.get("areas.show", code="03630950000022")
    assert gebied.heading == "Centrum-West"
    assert gebied.find(".//figure//path[@class='m-outline']")


@pytest.mark.usefixtures("amsterdam")
def test_the_index_lists_every_stadsdeel_twice(browser: Browser) -> None:
    page = browser.get("areas.index")
    in_table = [link.get("href") for link in page.find(".//tbody//a")]
    on_map = [link.get("href") for link in page.find(".//figure//a")]
    assert len(in_table) == 9
    assert in_table == on_map


@pytest.mark.parametrize("code", ["0363", "ZZ99", "%00", "X" * 500])
def test_no_such_area_is_a_404(browser: Browser, session: Session, code: str) -> None:
    small_city(session)
    browser.get(f"/gebieden/{code}", status=404)


@pytest.mark.usefixtures("amsterdam")
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("landlust", "Landlust"),
        ("  KOLENKIT ", "De Kolenkit"),
        ("ĳburg", "IJburg-West"),
        ("weesp", "Weesp"),
        ("1055", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("1055 ab", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("1055AB", "Dit is een benadering"),
        ("1055 AB 12-hs", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("1055AB12", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("Bos en Lommerweg 300, 1055 AB Amsterdam", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("1055, Amsterdam", "Postcode 1055 ligt ongeveer in Bos en Lommer"),
        ("Haarlemmerweg 1055", "Niets gevonden"),
        ("1013", "kan ook in een ander gebied liggen"),
        ("9999", "Postcode 9999 kennen wij niet"),
        ("1055 ABC", "Niets gevonden"),
        ("100%", "Niets gevonden"),
        ("_____", "Niets gevonden"),
        ("<script>alert(1)</script>", "Niets gevonden voor “<script>alert(1)</script>”"),
        ("١٠٥٥", "Niets gevonden"),
        ("é" * 500, "Niets gevonden"),
    ],
)
def test_searching_answers_whatever_is_asked(browser: Browser, asked: str, answer: str) -> None:
    assert answer in browser.get("areas.search", q=asked).text


@pytest.mark.usefixtures("amsterdam")
@pytest.mark.parametrize("asked", [None, "", "   ", "\x00"])
def test_searching_nothing_shows_the_form(browser: Browser, asked: str | None) -> None:
    page = browser.get("areas.search", q=asked)
    assert page.find(".//input[@name='q']")
    assert "gevonden" not in page.text


def test_an_area_counts_its_own_plans_and_whole_rounds(browser: Browser, session: Session, now: datetime) -> None:
    areas = small_city(session)
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)  # EA01 and EA02, € 1.000
    plan(session, round_, now=now)  # in EA01
    plan(session, round_, now=now).buurt_code = None  # for the whole round
    session.commit()
    assert _figures(browser, "EA01") == ["1", "1", "€ 1.000", "€ 0"]
    assert _figures(browser, "EA02") == ["1", "0", "€ 1.000", "€ 0"]
    assert _figures(browser, "EA03") == ["0", "0", "€ 0", "€ 0"]
    assert _figures(browser, "E") == ["1", "2", "€ 1.000", "€ 0"]
    assert "2 buurten in West" in browser.get("areas.show", code="E").text


def _figures(browser: Browser, code: str) -> list[str]:
    found = browser.get("areas.show", code=code).find(".//dl[@class='bb-stats']//dd")
    return ["".join(each.itertext()).replace("\u00a0", " ") for each in found]


def test_a_round_that_is_not_published_shows_nowhere(browser: Browser, session: Session, now: datetime) -> None:
    areas = small_city(session)
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    plan(session, round_, now=now)
    round_.published_at = None
    session.commit()
    assert _figures(browser, "E") == ["0", "0", "€ 0", "€ 0"]
    assert round_.title not in browser.get("areas.show", code="E").text


def test_an_area_that_left_the_map_keeps_its_page(browser: Browser, session: Session) -> None:
    small_city(session)
    session.get_one(Area, "EA03").is_current = False
    session.commit()
    page = browser.get("areas.show", code="EA03")
    assert "bestaat niet meer" in page.text
    assert not page.find(".//figure")


def test_queries_do_not_grow_with_rounds_and_plans(browser: Browser, session: Session, now: datetime) -> None:
    areas = small_city(session)
    plan(session, round_in(session, Phase.VOTING, areas=areas, now=now), now=now)
    session.commit()
    browser.get("areas.show", code="E")
    few = _queries(browser, session)
    for _ in range(5):
        round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
        for _again in range(3):
            plan(session, round_, now=now)
    assert _queries(browser, session) == few


def _queries(browser: Browser, session: Session) -> int:
    session.commit()
    session.expire_all()
    with QueryCount() as counted:
        browser.get("areas.show", code="E")
    return counted.number
