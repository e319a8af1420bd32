"""Choosing how votes are counted: the form, its words and faults, and a round of equal shares from set-up to page."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Start, Stop, Tail
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.tally.queries import tally_of
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import start_vote
from tests.pages import Browser

BY_SHARES: dict[str, Any] = {
    "type": "approval",
    "least": "1",
    "grouping": "whole",
    "method": "equal_shares",
    "shares-start": "share",
    "shares-step": "1",
    "shares-stop": "exhaustive",
    "shares-tail": "most_votes",
    "rest": "skip",
    "ties": "cheapest_first",
}


@pytest.fixture
def draft(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    session.commit()
    return round_


def test_the_form_proposes_the_equal_shares_of_the_house(desk: Browser, draft: Round) -> None:
    page = desk.get("rules_organiser.show", slug=draft.slug)
    typed = {field.get("name"): field.get("value") for field in page.find(".//input[@type='text']")}
    assert typed["shares-step"] == "1"
    desk.send("rules_organiser.show", BY_SHARES, slug=draft.slug)
    counting = rules_of(draft).counting
    assert (counting.method, counting.equal_shares) == (Method.EQUAL_SHARES, EURO_BY_EURO)


def test_every_parameter_is_stored_and_shown_again(desk: Browser, draft: Round) -> None:
    changed = {"shares-start": "whole", "shares-step": "0,10", "shares-stop": "overspent", "shares-tail": "keep"}
    desk.send("rules_organiser.show", BY_SHARES | changed | {"shares-compare": "y"}, slug=draft.slug)
    wanted = EqualShares(start=Start.WHOLE, step_cents=10, stop=Stop.OVERSPENT, tail=Tail.KEEP, compare=True)
    assert rules_of(draft).counting.equal_shares == wanted
    page = desk.get("rules_organiser.show", slug=draft.slug)
    ticked = {(each.get("name"), each.get("value")) for each in page.find(".//input[@checked]")}
    assert {("method", "equal_shares"), ("shares-start", "whole"), ("shares-tail", "keep")} <= ticked
    for words in ("afgerond op € 1", "steeds € 0,10 bij", "zolang alles samen in het budget past", "blijft over"):
        assert words in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("most_votes", "Het plan met de meeste stemmen krijgt als eerste geld."),
        ("votes_per_euro", "Het plan met de meeste stemmen per euro krijgt als eerste geld."),
        ("phragmen", "Alle stemmers sparen even snel."),
        ("equal_shares", "Een plan gaat door als zijn stemmers het samen kunnen betalen."),
    ],
)
def test_each_method_is_put_in_words(method: str, words: str, desk: Browser, draft: Round) -> None:
    asked = {**BY_SHARES, "method": method, "actie": "voorbeeld"}
    page = desk.post("rules_organiser.show", asked, slug=draft.slug, status=200)
    assert words in page.text
    desk.send("rules_organiser.show", {**BY_SHARES, "method": method}, slug=draft.slug)
    assert (rules_of(draft).counting.equal_shares is None) is (method != "equal_shares")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"shares-step": "veel"}, "shares-step", "Schrijf een bedrag in euro's"),
        ({"shares-step": "1.000.000"}, "shares-step", "of minder."),
        ({"method": "dobbelsteen"}, "method", ""),
        ({"shares-stop": "nooit"}, "shares-stop", ""),
        ({"requires": "9, 1"}, "requires", "staat niet op het stembiljet"),
        ({"requires": "1"}, "requires", "Noem op elke regel eerst het plan"),
        ({"requires": "1, 2\n2, 1"}, "requires", ""),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    change: dict[str, str], field: str, message: str, desk: Browser, session: Session, draft: Round, now: datetime
) -> None:
    for _ in range(2):
        plan(session, draft, now=now)
    session.commit()
    before = draft.rules
    page = desk.post("rules_organiser.show", BY_SHARES | change, slug=draft.slug, status=422)
    assert message in page.text
    assert page.find(f".//div[@role='alert']//a[@href='#{field}']"), page.text_of(".//div[@role='alert']")
    assert page.find(f".//*[@id='{field}']")
    assert draft.rules == before


def test_a_plan_can_need_others(desk: Browser, session: Session, draft: Round, now: datetime) -> None:
    ids = [plan(session, draft, now=now).id for _ in range(3)]
    session.commit()
    desk.send("rules_organiser.show", {**BY_SHARES, "requires": "1, 3\n2 3"}, slug=draft.slug)
    assert rules_of(draft).counting.requires == ((ids[0], ids[2]), (ids[1], ids[2]))
    page = desk.get("rules_organiser.show", slug=draft.slug)
    assert "1, 3\n2, 3" in (page.find(".//textarea[@name='requires']")[0].text or "")
    assert "krijgt alleen geld als" in page.text


def test_a_round_of_equal_shares_from_set_up_to_page(
    desk: Browser, browser: Browser, session: Session, draft: Round, now: datetime, tmp_path: Path
) -> None:
    """Six voters like two plans, four another: by most votes both of the six would win and nothing is left."""
    plans: list[Proposal] = [plan(session, draft, now=now, cents=cents) for cents in (60_000, 40_000, 30_000)]
    session.commit()
    desk.send("rules_organiser.show", BY_SHARES, slug=draft.slug)
    vote = start_vote(session, draft, plans, folder=tmp_path, voters=10, now=now)
    vote.cast_all([[0, 1]] * 6 + [[2]] * 4).finish()
    tally = tally_of(session, draft.id)
    assert tally is not None
    (outcome,) = document_from(tally.trace).outcomes
    assert outcome.method is Method.EQUAL_SHARES
    assert {one for one, _ in outcome.funded} == {plans[1].id, plans[2].id}
    page = browser.get("results.show", slug=draft.slug)
    assert page.heading == "2 plannen krijgen geld"
    assert "Het geld is gelijk verdeeld over de stemmers." in page.text
    assert session.scalars(select(Round.certified_at).where(Round.id == draft.id)).one() is not None
