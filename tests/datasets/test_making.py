"""The page on which staff make files: what it shows is what the files have, and nobody else gets it."""

import csv
import io
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, RoleGrant
from buurtbegroot.acts import System
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.audit.actions import record
from buurtbegroot.core.phases import Phase
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.rounds.events import RoundPublished
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, Page, SignIn


def test_the_first_rows_and_totals_are_those_of_the_files(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    plans = [plan(session, round_, now=now, cents=123_400) for _ in range(8)]
    plans[0].status, plans[1].buurt_code = ProposalStatus.REFUSED, None
    plans[2].title, plans[2].estimate_cents = "=1+1", 0
    session.commit()
    browser = signed_in(person(session, Role.STAFF, "E"))
    page = browser.get("datasets_organiser.index")
    assert page.text_of(".//h2[@id='voorbeeld-kop']") == "8 plannen"
    assert "€ 8.638" in page.text.replace("\u00a0", " "), "what nobody knows adds nothing"
    assert "€ 0" not in page.text_of(".//section[@id='voorbeeld']//dl").replace("\u00a0", " "), "no outcome is no zero"
    assert len(page.find(".//section[@id='voorbeeld']//tbody/tr")) == 6
    assert "=1+1" in page.text
    assert "leeg" in page.text_of(".//section[@id='voorbeeld']//tbody")
    chosen = browser.get(
        "datasets_organiser.index", soort="plannen", stand="refused", stadsdeel="E", kolom=["planId", "titel"]
    )
    assert chosen.text_of(".//h2[@id='voorbeeld-kop']") == "1 plan"
    link = next(
        href
        for each in chosen.find(".//main//a")
        if (href := each.get("href") or "").startswith("/open-data/plannen-machine.csv")
    )
    rows = list(csv.DictReader(io.StringIO(Browser(browser.app).raw(link).get_data(as_text=True))))
    assert rows == [{"planId": str(plans[0].id), "titel": plans[0].title}]
    assert link.removeprefix("/open-data/plannen-machine.csv") in chosen.text, "the link to keep is the same choice"


def test_what_tells_most_is_shown_first_and_all_columns_are_one_press_away(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    plan(session, round_in(session, Phase.COCREATION, areas=areas, now=now), now=now)
    session.commit()
    browser = signed_in(person(session, Role.STAFF, "E"))

    def heads(page: Page) -> list[str]:
        found = page.find(".//section[@id='voorbeeld']//thead//th")
        return ["".join(each.itertext()).strip() for each in found]

    page = browser.get("datasets_organiser.index", soort="plannen", stand="admitted")
    assert heads(page) == ["Titel", "Ronde", "Buurt", "Stand", "Gevraagd", "Toegekend"]
    (link,) = (str(each.get("href")) for each in page.find(".//section[@id='voorbeeld']//a"))
    everything = browser.get(link.partition("#")[0])
    assert heads(everything) == [str(each.head) for each in DATA_SETS["plannen"].fields]
    assert everything.find(".//input[@name='stand'][@value='admitted'][@checked]"), "the choice stays"
    assert "hoort niet" not in everything.text
    assert heads(browser.get("datasets_organiser.index", soort="plannen", kolom=["taal", "planId"])) == ["Plan", "Taal"]
    assert all(set(each.first) <= set(each.by_name) for each in DATA_SETS.values())


def test_every_data_set_has_its_form_and_an_empty_choice_says_so(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    browser = signed_in(person(session, Role.STAFF, "E"))
    for name in DATA_SETS:
        assert browser.get("datasets_organiser.index", soort=name).heading == "Maak een bestand"
    assert "Er is niets dat hierbij past" in browser.get("datasets_organiser.index", soort="plannen", jaar="2001").text
    odd = browser.get("datasets_organiser.index", soort="rondes", kolom="titel", jaar="later", buurt="EA01")
    assert "Bij deze gegevens hoort niet: buurt, jaar, kolom" in odd.text
    browser.get("datasets_organiser.index", soort="onzin", status=404)


def test_who_works_for_one_stadsdeel_begins_there(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    begins = {("E",): ["E"], ("EA01",): ["E"], ("E", "K"): [], (CITY,): []}
    for held, chosen in begins.items():  # the first look, then what was chosen
        user = person(session, Role.STAFF, held[0])
        user.grants += [RoleGrant(role=Role.STAFF, area_code=code) for code in held[1:]]
        session.commit()
        browser = signed_in(user)
        for query, found in (({}, chosen), ({"stadsdeel": ""}, []), ({"soort": "rondes"}, [])):
            page = browser.get(f"/werkplek/bestanden?{urlencode(query)}")
            picked = page.find(".//select[@id='stadsdeel']/option[@selected]")
            assert [each.get("value") for each in picked] == found, (held, query)


def test_another_stadsdeel_does_not_keep_wijken_that_its_form_cannot_show(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    round_.buurten = [areas["EA01"], areas["KA01"]]
    plan(session, round_, now=now)
    plan(session, round_, now=now).buurt_code = None
    session.commit()
    browser = signed_in(person(session, Role.STAFF, "E"))
    numbers = {"E": "1 plan", "": "2 plannen", "K": "0 plannen"}
    for stadsdeel, number in numbers.items():
        page = browser.get("datasets_organiser.index", soort="plannen", stadsdeel=stadsdeel, buurt="EA")
        assert page.text_of(".//h2[@id='voorbeeld-kop']") == number
        assert ("tellen niet meer mee" in page.text) is (stadsdeel != "E")
        assert ("buurt=EA" in page.text) is (stadsdeel == "E"), "the link to keep is what is shown"


def test_residents_do_not_get_the_page(session: Session, signed_in: SignIn) -> None:
    resident = person(session)
    session.commit()
    signed_in(resident).get("datasets_organiser.index", status=404)


def test_figures_are_those_of_now_once_the_log_tells_of_more(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    browser = signed_in(person(session, Role.STAFF, "E"))
    for number, words in ((1, "1 plan"), (2, "2 plannen")):
        plan(session, round_, now=now)
        told = RoundPublished(object=f"round:{round_.id}", title=str(number), budget_cents=0, rules="")
        record(session, told, by=System("test"), now=now)
        session.commit()
        for _ in range(2):
            assert browser.get("datasets_organiser.index").text_of(".//h2[@id='voorbeeld-kop']") == words
            assert words in browser.get("datasets.show", name="plannen").text


def test_what_adds_up_is_one_value_of_its_statement() -> None:
    adding = [each for data_set in DATA_SETS.values() if not data_set.tell for each in data_set.fields if each.adds]
    assert adding
    assert all(len(each.of) == 1 and each.made is None for each in adding), "the database makes its sum"
