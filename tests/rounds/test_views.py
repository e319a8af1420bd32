"""What everyone sees: the list and a round, with few queries, and nothing of concepts."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.rounds.models import Round
from tests.factories.akkoord import small_accord
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, QueryCount


@pytest.fixture
def voting(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A round that is open for votes, with three accord points and a plan."""
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    round_.opened_at, round_.points, round_.note = now, small_accord(session), "De bedragen zijn bedacht."
    plan(session, round_, now=now)
    session.commit()
    return round_


@pytest.mark.parametrize("phase", list(Phase)[1:-1])
def test_shows_a_round_in_every_phase(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime, phase: Phase
) -> None:
    round_ = round_in(session, phase, areas=areas, now=now)
    session.commit()
    page = browser.get("rounds.show", slug=round_.slug)
    assert page.heading == round_.title
    assert "€ 1.000" in page.text
    assert "Uw stem is geheim" in page.text
    assert round_.title in browser.get("rounds.index").text


def test_offers_the_vote_only_when_two_people_opened_it(browser: Browser, session: Session, voting: Round) -> None:
    path = f"/rondes/{voting.slug}/stemmen"
    assert browser.get("rounds.show", slug=voting.slug).find(f".//a[@href='{path}']")
    voting.opened_at = None
    session.commit()
    page = browser.get("rounds.show", slug=voting.slug)
    assert not page.find(f".//a[@href='{path}']")
    assert "Er is nog niet gestemd" in page.text


def test_the_timeline_ends_with_the_outcome_when_no_days_for_counting_were_planned(
    browser: Browser, session: Session, voting: Round, now: datetime
) -> None:
    voting.windows = [window for window in voting.windows if window.phase is not Phase.COUNTING]
    session.commit()
    assert not timeline_titled(browser, voting, "Uitslag")
    voting.certified_at = now
    session.commit()
    assert timeline_titled(browser, voting, "Uitslag")


def timeline_titled(browser: Browser, round_: Round, title: str) -> list[str]:
    page = browser.get("rounds.show", slug=round_.slug)
    names = ["".join(name.itertext()) for name in page.find(".//ol[@class='bb-phases bb-phases--row']//b")]
    return [name for name in names if name.startswith(title)]


def test_marks_a_sample_in_the_list_and_says_on_its_page_what_is_made_up(
    browser: Browser, session: Session, voting: Round, now: datetime
) -> None:
    assert "De bedragen zijn bedacht." in browser.get("rounds.show", slug=voting.slug).text
    assert "voorbeeld" in browser.get("rounds.index").text
    voting.certified_at = now
    session.commit()
    assert "voorbeeld: stembiljetten nagebouwd" in browser.get("rounds.index").text


def test_hides_concepts_and_unknown_rounds(browser: Browser, session: Session, voting: Round) -> None:
    voting.published_at = None
    session.commit()
    browser.get("rounds.show", slug=voting.slug, status=404)
    for slug in ("bestaat-niet", "%00", "x" * 3000, "%F0%9F%8F%98"):
        browser.get(f"/rondes/{slug}", status=404)
    assert "Er zijn nog geen rondes" in browser.get("rounds.index").text


def test_finds_rounds_by_name_phase_district_and_year(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime, voting: Round
) -> None:
    other = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    other.owner_code, other.title = "K", "Zuid kiest zélf"
    other.windows[3].begins_at += timedelta(days=400)
    other.windows[3].ends_at += timedelta(days=400)
    session.commit()
    session.expire_all()
    asked: tuple[dict[str, Any], ...] = ({"zoek": "zelf"}, {"fase": "submission"}, {"gebied": "K"}, {"jaar": "2028"})
    for query in asked:
        text = browser.get("rounds.index", **query).text_of(".//ol[@class='bb-rounds bb-plain']")
        assert other.title in text
        assert voting.title not in text
    assert "Geen ronde gevonden" in browser.get("rounds.index", zoek="xyz", jaar="abc", pagina="99999").text


def test_spreads_many_rounds_over_pages(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    for _ in range(30):
        round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    assert len(browser.get("rounds.index").find(".//ol[@class='bb-rounds bb-plain']/li")) == 24
    assert len(browser.get("rounds.index", pagina=2).find(".//ol[@class='bb-rounds bb-plain']/li")) == 6


def test_asks_few_queries_however_many_rows(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime, voting: Round
) -> None:
    for path in ("/rondes", f"/rondes/{voting.slug}"):
        counts = []
        for more in (1, 12):
            for _ in range(more):
                plan(session, voting, now=now)
                round_in(session, Phase.SUBMISSION, areas=areas, now=now)
            session.commit()
            browser.get(path)  # what the plans are is asked once
            with QueryCount() as count:
                browser.get(path)
            counts.append(count.number)
        assert counts[0] == counts[1] <= 8, (path, count.statements)


def test_escapes_what_people_typed(browser: Browser, session: Session, voting: Round) -> None:
    evil = "<script>alert(1)</script><b>'\"&"
    voting.title, voting.summary, voting.contact, voting.note = evil, evil, evil, evil
    session.commit()
    for path in ("/rondes", f"/rondes/{voting.slug}"):
        assert "<script>alert" not in browser.get(path).html
    assert browser.get("rounds.show", slug=voting.slug).heading == evil
