"""The front page: rounds in order, map and list in step, figures from rows, few queries, small."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.areas.actions import load_areas
from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, QueryCount


def test_an_empty_site_has_a_front_page(browser: Browser, session: Session) -> None:
    page = browser.get("pages.home")
    assert page.heading == "U beslist over geld voor uw buurt"
    assert "Er is nu geen ronde" in page.text


def test_map_and_list_show_the_same_rounds_in_the_same_order(browser: Browser, session: Session, now: datetime) -> None:
    areas = small_city(session)
    done = round_in(session, Phase.REALISATION, areas=areas, now=now)
    done.certified_at = now - timedelta(days=1)
    submitting = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    voting = round_in(session, Phase.VOTING, areas=areas, now=now)
    voting.opened_at = now
    session.commit()
    page = browser.get("pages.home")
    in_list = [link.text for link in page.find(".//ol[@class='bb-rounds']//h3/a")]
    on_map = [link.get("aria-label") for link in page.find(".//figure//a")]
    assert in_list == [voting.title, submitting.title, done.title]
    assert on_map == [f"{place}: {title}" for place, title in enumerate(in_list, 1)]
    chips = [page.text_of(f".//ol[@class='bb-rounds']/li[{place}]//p/span") for place in (1, 2, 3)]
    assert chips[0].startswith("Nu stemmen")
    assert "Uitslag bekend" in chips[2]
    assert page.find(".//a[@class='bb-biglink']")[0].get("href") == "/stem"


def test_dots_of_rounds_in_one_place_do_not_cover_each_other(browser: Browser, session: Session, now: datetime) -> None:
    areas = small_city(session)
    for _ in range(4):
        round_in(session, Phase.VOTING, areas=areas, now=now)
    session.commit()
    dots = browser.get("pages.home").find(".//figure//a/circle")
    places = [(int(dot.get("cx") or 0), int(dot.get("cy") or 0)) for dot in dots]
    assert len(places) == 4
    assert all((x - u) ** 2 + (y - v) ** 2 >= 42**2 for at, (x, y) in enumerate(places) for u, v in places[:at])


def test_few_queries_and_none_more_for_more_rounds(browser: Browser, session: Session, now: datetime) -> None:
    load_accord(session, by=PROGRAM, now=now)
    areas = small_city(session)
    counts = []
    for rounds in (1, 5):
        for _ in range(rounds):
            plan(session, round_in(session, Phase.VOTING, areas=areas, now=now), now=now)
        session.commit()
        browser.get("pages.home")
        session.expire_all()
        with QueryCount() as counted:
            browser.get("pages.home")
        counts.append(counted.number)
    assert counts[0] == counts[1]
    assert counts[0] <= 8


@pytest.mark.slow
def test_the_whole_city_stays_under_120_kilobytes(browser: Browser, session: Session, now: datetime) -> None:
    load_areas(session, package_data.buurten(), by=PROGRAM, now=now)
    areas = {code: session.get_one(Area, code) for code in ("EA01", "EA02")}
    for _ in range(12):
        round_in(session, Phase.VOTING, areas=areas, now=now)
    session.commit()
    assert len(browser.raw("pages.home").data) < 120_000


def test_the_search_form_leads_to_the_areas(browser: Browser, session: Session) -> None:
    form = browser.get("pages.home").find(".//form[@role='search']")[0]
    assert form.get("action") == "/gebieden/zoek"
    assert (form.get("method") or "get") == "get"
