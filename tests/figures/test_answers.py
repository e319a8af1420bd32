"""The page of figures answers the councillor: amounts of certified outcomes, each with its rows, adding up."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.population.models import PopulationFile, PopulationRow
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Pot, Round
from buurtbegroot.tally.models import PlanResult
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import open_vote
from tests.pages import Browser, Page, QueryCount

COSTS = (60_000, 50_050, 40_000, 10_000)
BALLOTS = [[0], [0], [0], [1], [1], [2], [2], [1], [0], [1], [2]]


@pytest.fixture
def round_(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A certified round of € 1.000: plans in EA01 and for the whole round got € 500,50 and € 400."""
    made = round_in(session, Phase.REALISATION, areas=areas, now=now)
    three, _five, sixteen = small_accord(session)
    made.points = [three, sixteen]
    first, second, third = (plan(session, made, now=now, cents=cents, title=f"Bankje {cents}") for cents in COSTS[:3])
    second.points, third.buurt_code = [sixteen], None
    won = {first: (Verdict.DOES_NOT_FIT, 0), second: (Verdict.FUNDED, 50_050), third: (Verdict.FUNDED, 40_000)}
    for place, (each, (verdict, cents)) in enumerate(won.items()):
        session.add(result_of(each, verdict=verdict.value, awarded_cents=cents, rank=place))
    made.opened_at = made.closed_at = made.certified_at = now
    session.commit()
    return made


def result_of(plan_: Proposal, **said: Any) -> PlanResult:
    return PlanResult(round_id=plan_.round_id, proposal_id=plan_.id, votes=1, **said)


def amounts(page: Page, caption: str) -> list[list[str]]:
    rows = page.find(f".//table[caption='{caption}']/tbody/tr")
    return [[" ".join("".join(cell.itertext()).replace("\u00a0", " ").split()) for cell in row] for row in rows]


def file_rows(browser: Browser, **asked: Any) -> list[dict[str, str]]:
    response = browser.raw("figures.file", filename="cijfers-machine.csv", **asked)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def people(session: Session, owner: str, **numbers: tuple[int | None, int | None]) -> None:
    session.add(PopulationFile(owner_code=owner, source="Telling", counted_on=date(2026, 1, 1), loaded_at=NOON))
    session.flush()
    for code, (inhabitants, households) in numbers.items():
        session.add(PopulationRow(owner_code=owner, area_code=code, inhabitants=inhabitants, households=households))
    session.commit()


NOON = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


def test_the_councillor_reads_the_answer_first(browser: Browser, round_: Round) -> None:
    page = browser.get("figures.index", waar="E")
    assert page.heading == "Hoeveel geld ging naar West?"
    assert page.text_of(".//p[@class='bb-answer']").replace("\u00a0", " ") == (
        "Bewoners van West verdeelden € 1.000. Plannen kregen daarvan € 900,50."
    )
    assert amounts(page, "Per wijk") == [["1. Westwijk", "€ 1.000", "€ 900,50"], ["Samen", "€ 1.000", "€ 900,50"]]
    assert amounts(page, "Per jaar") == [["2026", "€ 1.000", "€ 900,50"], ["Samen", "€ 1.000", "€ 900,50"]]


def test_money_of_no_single_area_has_a_line_of_its_own(browser: Browser, round_: Round) -> None:
    page = browser.get("figures.index", waar="E", per="buurten")
    assert amounts(page, "Per buurt") == [
        ["1. Westbuurt 1", "niet apart", "€ 500,50"],
        ["2. Westbuurt 2", "niet apart", "€ 0"],
        ["Heel West, niet bij één buurt", "€ 1.000", "€ 400"],
        ["Samen", "€ 1.000", "€ 900,50"],
    ]
    part = browser.get("figures.index", waar="EA01")
    assert "Plannen in Westbuurt 1 kregen € 500,50, uit rondes voor een groter gebied." in part.text.replace(
        "\u00a0", " "
    )
    assert "Wat er te verdelen was niet" in part.text


@pytest.mark.parametrize(("way", "awarded"), [("plan", ["€ 200", "€ 700,50"]), ("ronde", ["€ 450,25", "€ 450,25"])])
def test_points_of_the_accord_never_hold_more_than_the_money(
    browser: Browser, round_: Round, way: str, awarded: list[str]
) -> None:
    rows = amounts(browser.get("figures.index", waar="E", verdeling=way), "Per akkoordpunt")
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name.pop("Samen") == ["€ 1.000", "€ 900,50"]
    assert sorted(cells[1] for cells in by_name.values()) == awarded
    assert {cells[0] for cells in by_name.values()} == {"€ 500"}
    told = file_rows(browser, waar="E", per="punten", verdeling=way)
    assert sum(float(row["toegekendEur"]) for row in told) == 900.5
    assert {row["verdelingPunten"].split(",")[0].split(".")[0] for row in told} == {
        "Gelijk over de punten van elk plan" if way == "plan" else "Gelijk over de punten van de ronde"
    }


def test_the_data_set_of_the_accord_has_the_cents_of_the_figures(
    browser: Browser, session: Session, round_: Round
) -> None:
    with unguarded(session):
        round_.pots[0].cents = 10_001
        round_.pots += [Pot(position=at, name=f"Pot {at}", cents=10_001) for at in (2, 3)]
    session.commit()
    response = browser.raw("datasets.file", filename="akkoord-machine.csv")
    accord = csv.DictReader(io.StringIO(response.get_data(as_text=True), newline=""))
    figures = {row["code"]: row["teVerdelenEur"] for row in file_rows(browser, per="punten")}
    assert {f"{row['akkoord']}_{row['punt']}": row["budgetEur"] for row in accord if row["rondes"]} == figures
    assert figures == {"2019_3": "150.03", "2019_16": "150.00"}


def test_every_figure_leads_to_rows_that_are_together_that_figure(browser: Browser, round_: Round) -> None:
    followed = 0
    for split in ("buurten", "themas", "punten", "jaren", "rondes"):
        page = browser.get("figures.index", waar="E", per=split)
        for link in page.find(".//main//td/a"):
            shown = "".join(link.itertext())
            answer = browser.client.get(link.get("href"))
            assert answer.status_code == 200
            assert f"{shown}, " in answer.get_data(as_text=True), (split, shown)
            followed += 1
    assert followed > 20
    assert browser.raw("figures.rows", geld="toegekend", rij="nergens").status_code == 404
    assert browser.raw("figures.rows", geld="uitgegeven").status_code == 404


def test_only_rounds_that_opened_and_outcomes_that_are_certified_count(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path
) -> None:
    round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    assert "geen ronde waarvan de stemming begon" in browser.get("figures.index").text
    made = open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS).cast_all(BALLOTS).close().open().count()
    page = browser.get("figures.index")
    assert "Er is nog geen uitslag." in page.text
    assert "900,50" not in page.text
    assert amounts(page, "Per stadsdeel") == [
        ["1. West", "€ 1.000", "nog niet bekend"],
        ["Samen", "€ 1.000", "nog niet bekend"],
    ]
    made.certify()
    assert "900,50" in browser.get("figures.index").text


def test_years_without_a_round_have_no_amount_and_say_when_there_was_one(browser: Browser, round_: Round) -> None:
    page = browser.get("figures.index", waar="E", van="2019", tot="2020")
    assert "In 2019 tot en met 2020 was er in West geen ronde" in page.text
    assert "Toon 2026: 1 ronde" in page.text
    assert not page.find(".//table")
    assert "Toon heel Amsterdam" in browser.get("figures.index", waar="K").text


def test_per_inhabitant_with_a_file_and_a_thousand_people(browser: Browser, session: Session, round_: Round) -> None:
    asked: dict[str, Any] = {"waar": "E", "per": "buurten", "reken": "inwoner"}
    assert "Er is voor West geen bestand met inwoners geladen." in browser.get("figures.index", **asked).text
    people(session, CITY, EA01=(900, 500), EA02=(1_100, 600), EA03=(2_000, None))
    page = browser.get("figures.index", **asked)
    assert amounts(page, "Per buurt") == [
        ["1. Westbuurt 2", "niet apart", "€ 0", "1.100", "€ 0"],
        ["2. Westbuurt 1", "niet apart", "€ 500,50", "900", "te weinig inwoners"],
        ["Heel West, niet bij één buurt", "€ 1.000", "€ 400", "4.000", "€ 0,10"],
        ["Samen", "€ 1.000", "€ 900,50", "4.000", "€ 0,23"],
    ]
    assert "Telling, stand van donderdag 1 januari 2026" in page.text
    households = amounts(browser.get("figures.index", **asked | {"reken": "huishouden"}), "Per buurt")
    assert households[-1] == ["Samen", "€ 1.000", "€ 900,50", "niet bekend", "niet bekend"]
    (first, *_others) = file_rows(browser, waar="E", per="buurten")
    assert (first["inwoners"], first["toegekendPerInwonerEur"], first["bronInwoners"]) == ("900", "", "Telling")


def test_a_stadsdeel_is_counted_by_its_own_file(browser: Browser, session: Session, round_: Round) -> None:
    people(session, CITY, E=(5_000, None))
    people(session, "E", E=(9_005, None))
    page = browser.get("figures.index", waar="E", reken="inwoner")
    assert amounts(page, "Per jaar")[-1] == ["Samen", "€ 1.000", "€ 900,50"]
    assert amounts(page, "Per wijk")[-1] == ["Samen", "€ 1.000", "€ 900,50", "9.005", "€ 0,10"]


def test_an_address_that_says_something_unknown_is_told(browser: Browser, round_: Round) -> None:
    page = browser.get("figures.index", waar="NERGENS", per="sterren", van="vorig jaar", reken="x", verdeling="dubbel")
    assert "niet kent: waar, van, per, reken, verdeling" in page.text
    page = browser.get("figures.index", waar="E", per="stadsdelen")
    assert "West is niet te verdelen over stadsdelen. U ziet nu: wijken." in page.text
    assert browser.raw("figures.file", filename="cijfers.exe").status_code == 404


def test_no_file_answers_another_question_than_was_asked(browser: Browser, round_: Round) -> None:
    for asked in ("waar=NERGENS", "stadsdeel=E", "van=vorig", "verdeling=dubbel", "waar=E&per=stadsdelen"):
        response = browser.raw(f"/cijfers/cijfers.csv?{asked}")
        assert (response.status_code, response.mimetype) == (400, "text/plain"), asked
        assert asked.split("&")[-1].partition("=")[0] in response.text
        assert "/cijfers" in response.text
    for per in ("stadsdelen", "punten", "jaren"):
        assert file_rows(browser, per=per, van="", reken="", verdeling="")


def test_what_is_reconstructed_is_named(browser: Browser, session: Session, round_: Round) -> None:
    assert "nagebouwd" not in browser.get("figures.index").text
    round_.note = "Stembiljetten nagebouwd."
    session.commit()
    assert "een voorbeeld of nagebouwd: Ronde" in browser.get("figures.index").text
    round_.archive = "a" * 64
    session.commit()
    page = browser.get("figures.index")
    assert "Gereconstrueerd uit een bestand van toen: Ronde" in page.text
    assert "nagebouwd" not in page.text
    assert "gereconstrueerd" in browser.get("figures.rows", geld="te-verdelen").text


def test_hidden_words_stay_hidden_in_rows(browser: Browser, session: Session, round_: Round, now: datetime) -> None:
    hidden = session.scalars(select(Proposal).where(Proposal.stored_title == "Bankje 50050")).one()
    hidden.hidden_at, hidden.hides_title = now, True
    session.commit()
    found = [each.get("href") for each in browser.get("figures.rows", geld="toegekend").find(".//tbody//th/a")]
    assert f"/plannen/{hidden.id}" in found
    assert "Bankje 50050" not in browser.raw("figures.rows", geld="toegekend").text


def test_an_address_cannot_say_where_the_next_rows_are(
    browser: Browser, round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buurtbegroot.figures.views.ROWS_SHOWN", 1)
    for more in ("&endpoint=x", "&_external=1&_anchor=x", "&_method=PUT", ""):
        page = browser.get(f"/cijfers/rijen?geld=toegekend&per=jaren&rij=2026{more}")
        links = {str(a.get("href")) for a in page.find(".//main//a") if "pagina=2" in str(a.get("href"))}
        assert links == {"/cijfers/rijen?van=2026&tot=2026&per=jaren&pagina=2&geld=toegekend&rij=2026"}


def test_answers_take_few_questions_to_the_database(browser: Browser, session: Session, round_: Round) -> None:
    people(session, CITY, E=(5_000, None))
    browser.get("figures.index")
    with QueryCount() as queries:
        browser.get("figures.index", waar="E", reken="inwoner")
    assert queries.number <= 8, queries.statements
    browser.sign_in(person(session, Role.STAFF, "E"))
    with QueryCount() as queries:
        browser.get("figures.index", waar="E", reken="inwoner")
    assert queries.number <= 12, queries.statements
