"""How a round says where it is, for how long each phase lasts and what there is to divide."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area, Level
from buurtbegroot.areas.queries.atlas import Extent
from buurtbegroot.core.phases import Phase
from buurtbegroot.rounds.models import PhaseWindow, Pot
from buurtbegroot.rounds.words import MOST_POTS_SHOWN, place_words, span_words
from tests.factories.rounds import round_in
from tests.pages import Browser


@pytest.fixture
def dutch(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        yield


def amsterdam(text: str) -> datetime:
    """Return a moment of winter, when Amsterdam is an hour ahead."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=1)


@pytest.mark.usefixtures("dutch")
@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("2026-11-02T00:00", "2026-12-01T00:00", "2 tot en met 30 november 2026"),
        ("2026-11-02T00:00", "2026-12-02T00:00", "2 november tot en met 1 december 2026"),
        ("2026-12-20T09:00", "2027-01-11T00:00", "20 december 2026 tot en met 10 januari 2027"),
        ("2026-11-02T00:00", "2026-11-03T00:00", "2 november 2026"),
        ("2026-11-02T09:00", "2026-11-03T00:00", "2 november 2026"),
        ("2026-11-02T00:00", "2026-11-30T12:00", "2 tot 30 november 2026, 12.00 uur"),
        ("2026-11-02T09:00", "2026-11-02T17:30", "2 november 2026, 09.00 tot 17.30 uur"),
    ],
)
def test_a_span_is_said_as_briefly_as_it_can_be(begins: str, ends: str, said: str) -> None:
    window = PhaseWindow(phase=Phase.VOTING, begins_at=amsterdam(begins), ends_at=amsterdam(ends))
    assert span_words(window) == said


@pytest.mark.usefixtures("dutch")
@pytest.mark.parametrize(
    ("extent", "said"),
    [
        (Extent(Level.DISTRICT, "West", 40), "Heel West doet mee."),
        (Extent(None, "West", 1), "1 buurt in West doet mee."),
        (Extent(None, "West", 3), "3 buurten in West doen mee."),
        (Extent(None, "", 0), "De buurten van deze ronde zijn nog niet gekozen."),
    ],
)
def test_where_a_round_is(extent: Extent, said: str) -> None:
    assert place_words(extent) == said


def facts(browser: Browser, slug: str) -> dict[str, str]:
    page = browser.get("rounds.show", slug=slug)
    terms, values = (["".join(each.itertext()).strip() for each in page.find(f".//{tag}")] for tag in ("dt", "dd"))
    return {term: value.replace("\u00a0", " ") for term, value in zip(terms, values, strict=True)}


def test_each_pot_has_its_own_amount_up_to_a_number(
    session: Session, areas: dict[str, Area], now: datetime, browser: Browser
) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    round_.pots[0].name = "Pot 1 van de ronde"
    session.commit()
    assert facts(browser, round_.slug)["Te verdelen"] == "€ 1.000"
    assert "Pot 1 van de ronde" not in facts(browser, round_.slug)
    for number in range(2, MOST_POTS_SHOWN + 2):
        round_.pots.append(Pot(position=number, name=f"Pot {number} van de ronde", cents=number * 100_000))
    session.commit()
    found = facts(browser, round_.slug)
    assert found["Te verdelen"] == "€ 45.000"
    assert found["Pot 1 van de ronde"] == "€ 1.000"
    assert found[f"Pot {MOST_POTS_SHOWN} van de ronde"] == f"€ {MOST_POTS_SHOWN}.000"
    assert f"Pot {MOST_POTS_SHOWN + 1} van de ronde" not in found
