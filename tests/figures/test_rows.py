"""Each figure leads to its rows, and the rows of files are together the figure, of rounds of the whole city too."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.akkoord.models import Edition, Point, PointGroup
from buurtbegroot.areas.models import CITY, Area, Level
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.rounds.models import Pot
from buurtbegroot.tally.models import PlanResult
from tests.factories.akkoord import small_accord
from tests.factories.proposals import plan
from tests.factories.rounds import round_in, windows_around
from tests.pages import Browser

PLACES = ((CITY, ("EA01", "EA02", "KA01")), (CITY, ("EA01", "EA03")), ("E", ("EA01", "EA02")), ("K", ("KA02",)))
"""Whose a round is, and which buurten take part."""
SPLITS = ("stadsdelen", "wijken", "buurten", "themas", "punten", "jaren", "rondes")
YEAR = timedelta(days=365)


@pytest.fixture
def city(session: Session, areas: dict[str, Area], now: datetime) -> None:
    """Rounds in two years of one buurt, of a stadsdeel and of the city, for points of two editions of the accord."""
    chance, points = Random(12), [*small_accord(session), *later_accord(session)]
    for owner, codes in PLACES * 2:
        made = round_in(session, Phase.REALISATION, areas=areas, now=now)
        made.owner_code, made.points = owner, chance.sample(points, chance.randrange(4))
        made.buurten = [areas[code] for code in codes]
        made.windows = windows_around(now - chance.choice((0, 1)) * YEAR, Phase.REALISATION)
        made.pots += [Pot(position=2, name="Buurt", cents=chance.randrange(1, 10**7), area_code=codes[0])]
        made.pots += [Pot(position=3, name="Groen", cents=chance.randrange(1, 10**7), theme_id=made.themes[0].id)]
        session.flush()
        for _ in range(4):
            found = plan(
                session, made, now=now, cents=chance.randrange(100, 10**6), buurt=chance.choice((*codes, None))
            )
            found.theme_id = chance.choice((*(each.id for each in made.themes), None))
            found.points = chance.sample(points, chance.randrange(3))
            cents = chance.choice((0, found.cost_cents))
            verdict = (Verdict.FUNDED if cents else Verdict.DOES_NOT_FIT).value
            told = {"verdict": verdict, "awarded_cents": cents, "votes": 1, "rank": 1}
            session.add(PlanResult(round_id=made.id, proposal_id=found.id, **told))
        made.opened_at = made.closed_at = made.certified_at = now
    session.commit()


def later_accord(session: Session) -> list[Point]:
    """Return points of another edition, which has a number that the first has too."""
    edition = Edition(slug="2026", title="Akkoord 2026", adopted_on=date(2026, 1, 1), source="bron")
    session.add(edition)
    session.flush()
    group = PointGroup(edition_id=edition.id, position=1, slug="samen", title="Samen")
    session.add(group)
    session.flush()
    named = {"edition_id": edition.id, "group_id": group.id}
    found = [Point(number=number, slug=f"punt-{number}", title=f"Later {number}", **named) for number in (3, 4)]
    session.add_all(found)
    session.flush()
    return found


def rows(browser: Browser, path: str, **asked: Any) -> list[dict[str, str]]:
    response = browser.raw(f"{path}-machine.csv?{urlencode(asked)}")
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def total(found: Iterable[dict[str, str]], name: str) -> int:
    return sum(round(float(row[name] or 0) * 100) for row in found)


def cents(text: str) -> int:
    return round(float(text.replace("€", "").replace("\u00a0", "").replace(".", "").replace(",", ".")) * 100)


def test_every_figure_is_the_sum_of_the_rows_in_its_file(browser: Browser, city: None) -> None:
    chance, followed = Random(12), set[str]()
    for where, split in chance.sample(list(product(("", "E", "EA", "EA01", "K"), SPLITS)), 8):
        page = browser.get("figures.index", waar=where, per=split, verdeling=chance.choice(("plan", "ronde")))
        links = {str(link.get("href")): "".join(link.itertext()) for link in page.find(".//main//td/a")}
        for address in chance.sample(sorted(links), min(4, len(links))):
            asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
            told = rows(browser, "/cijfers/rijen", **asked)
            assert total(told, "teltMeeEur") == cents(links[address]), address
            assert {row["code"] for row in told} == {asked["rij"]}
            followed.add(address)
    assert len(followed) > 20


def test_rows_of_plans_in_an_area_are_together_what_it_was_awarded(browser: Browser, city: None, now: datetime) -> None:
    several = 0
    for where, level in (("E", Level.DISTRICT), ("K", Level.DISTRICT), ("EA", Level.WIJK), ("EA01", Level.BUURT)):
        filter_ = "stadsdeel" if level is Level.DISTRICT else "buurt"
        for year in (now.year - 1, now.year):
            asked = {"waar": where, "van": year, "tot": year, "per": "jaren"}
            awarded = total(rows(browser, "/cijfers/cijfers", **asked), "toegekendEur")
            plans = rows(browser, "/open-data/plannen", **{filter_: where, "jaar": year})
            assert total(plans, "toegekendEur") == awarded, (where, year)
            assert total(rows(browser, "/cijfers/rijen", geld="toegekend", **asked), "teltMeeEur") == awarded
            several += len({row["rondeId"] for row in plans}) > 1
    assert several > 3
    everything = rows(browser, "/open-data/plannen")
    by_district = [rows(browser, "/open-data/plannen", stadsdeel=code) for code in ("E", "K")]
    assert sum(map(len, by_district)) == sum(bool(row["stadsdeelCode"]) for row in everything) < len(everything)


def test_points_of_two_editions_stay_apart(browser: Browser, city: None) -> None:
    figures = {row["code"]: row for row in rows(browser, "/cijfers/cijfers", per="punten")}
    assert {"2019_3", "2026_3"} <= set(figures)
    assert "(Maatschappelijk akkoord 2019)" in figures["2019_3"]["naam"]
    accord = {f"{row['akkoord']}_{row['punt']}": row for row in rows(browser, "/open-data/akkoord") if row["akkoord"]}
    for code in ("2019_3", "2026_3"):
        assert accord[code]["toegekendEur"] == figures[code]["toegekendEur"]
        assert accord[code]["budgetEur"] == figures[code]["teVerdelenEur"]
    plans = rows(browser, "/open-data/plannen")
    assert {"2019_3", "2026_3"} <= {code for row in plans for code in row["akkoordpunten"].split()}
    people = browser.raw("/open-data/plannen.csv?kolom=akkoordpunten").get_data(as_text=True)
    assert "3. Later 3" in people


def test_a_figure_that_there_is_not_has_no_file(browser: Browser, city: None) -> None:
    for asked, status in (("geld=uitgegeven", 404), ("geld=toegekend&rij=nergens", 404), ("geld=toegekend&x=1", 400)):
        assert browser.raw(f"/cijfers/rijen.csv?{asked}").status_code == status
    assert browser.raw("/cijfers/cijfers.csv?geld=toegekend").status_code == 400
    response = browser.raw("/cijfers/rijen.xlsx?geld=te-verdelen")
    assert 'filename="cijfers-rijen.xlsx"' in response.headers["Content-Disposition"]
