"""Two coordinators at one round: the second sees what the first changed, in every step of the set-up."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.core.methods import Method
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.pages import Browser
from tests.rounds.test_organiser_views import BASICS, PHASES, RULES

Desks = tuple[Browser, Browser]


@pytest.fixture
def concept(session: Session, desk: Browser) -> Round:
    """A concept with nothing but a title."""
    small_accord(session)
    session.commit()
    desk.post("rounds_organiser.new", {"title": "West begroot", "owner": "E"})
    return session.scalars(select(Round)).one()


@pytest.fixture
def desks(session: Session, signed_in: Callable[[User], Browser], desk: Browser, concept: Round) -> Desks:
    """Return the browsers of two coordinators of the same round, whose money is set."""
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    desk.send("rules_organiser.show", RULES, slug=concept.slug)
    other = signed_in(person(session, Role.COORDINATOR, "E"))
    return desk, other


def path(concept: Round, step: str) -> str:
    return f"/werkplek/rondes/{concept.slug}/{step}"


def test_one_changes_the_text_the_other_the_money(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "gebied-en-geld")
    tab = other.get(here).hidden(here)
    desk.post(here, {**BASICS, "summary": "Wij maken de straat mooier."} | desk.get(here).hidden(here))
    page = other.post(here, {**BASICS, "budget": "400.000"} | tab, status=409)
    assert page.heading == "U en iemand anders wijzigden dit tegelijk"
    text = page.text.replace("\u00a0", " ")
    for words in ("Wij maken de straat mooier", "€ 400.000", "Gebied en geld van de ronde zijn veranderd."):
        assert words in text, words
    assert concept.budget_cents != 400_000_00
    other.post(here, page.hidden(here))
    assert (concept.summary, concept.budget_cents) == ("Wij maken de straat mooier.", 400_000_00)


def test_both_change_the_money(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "gebied-en-geld")
    tab = other.get(here).hidden(here)
    desk.post(here, {**BASICS, "budget": "5.000"} | desk.get(here).hidden(here))
    page = other.post(here, {**BASICS, "budget": "400.000"} | tab, status=409)
    assert "Bedrag voor de hele ronde" in page.text_of(".//legend")
    other.post(here, page.hidden(here), status=422)
    assert concept.budget_cents == 5_000_00
    other.post(here, page.hidden(here) | {"keuze-0": "mijn"})
    assert concept.budget_cents == 400_000_00


def test_buurten_of_both_take_part(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "gebied-en-geld")
    desk.post(here, {**BASICS, "buurten": ["EA01"]} | desk.get(here).hidden(here))
    tab = other.get(here).hidden(here)
    desk.post(here, {**BASICS, "buurten": ["EA01", "EA02"]} | desk.get(here).hidden(here))
    page = other.post(here, {**BASICS, "buurten": ["EA01", "EA03"]} | tab, status=409)
    other.post(here, page.hidden(here))
    assert [buurt.code for buurt in concept.buurten] == ["EA01", "EA02", "EA03"]


def test_themes_of_both_are_kept_when_asked(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "gebied-en-geld")
    desk.post(here, {**BASICS, "themes-0-name": "Groen"} | desk.get(here).hidden(here))
    tab = other.get(here).hidden(here)
    first = {"themes-0-theme_id": str(concept.themes[0].id), "themes-0-name": "Groen"}
    desk.post(here, {**BASICS, **first, "themes-1-name": "Spelen"} | desk.get(here).hidden(here))
    page = other.post(here, {**BASICS, **first, "themes-1-name": "Water"} | tab, status=409)
    other.post(here, page.hidden(here) | {"keuze-0": "beide"})
    assert [theme.name for theme in concept.themes] == ["Groen", "Spelen", "Water"]


def test_dates_of_two_phases_are_joined(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "fasen")
    desk.post(here, PHASES | desk.get(here).hidden(here))
    tab = other.get(here).hidden(here)
    earlier, later = "submission-begins", "voting-ends"
    desk.post(here, {**PHASES, earlier: _moved(PHASES[earlier])} | desk.get(here).hidden(here))
    page = other.post(here, {**PHASES, later: _moved(PHASES[later])} | tab, status=409)
    assert "Plannen maken en indienen: Begin" in page.text
    assert "Stemmen: Einde" in page.text
    other.post(here, page.hidden(here))
    again = other.get(here)
    for name in (earlier, later):
        assert again.find(f".//input[@name='{name}']")[0].get("value") == _moved(PHASES[name])


def _moved(moment: str) -> str:
    """Return the same day and hour, one minute later."""
    return moment[:-1] + str((int(moment[-1]) + 1) % 10)


def test_rules_are_joined_field_by_field(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "regels")
    tab = other.get(here).hidden(here)
    desk.post(here, {**RULES, "method": Method.EQUAL_SHARES.value} | desk.get(here).hidden(here))
    page = other.post(here, {**RULES, "minimum_age": "14", "who": "Iedereen in West"} | tab, status=409)
    for words in ("Hoe wordt geteld?", "Gelijke delen", "Iedereen in", "14"):
        assert words in page.text, words
    assert "Kies bij" not in page.text
    other.post(here, page.hidden(here))
    rules = rules_of(concept)
    assert rules.counting.method is Method.EQUAL_SHARES
    assert (rules.eligibility.minimum_age, rules.eligibility.who) == (14, "Iedereen in West")


def test_money_that_changes_meanwhile_is_seen_before_rules_are_saved(desks: Desks, concept: Round) -> None:
    desk, other = desks
    here = path(concept, "regels")
    tab, before = other.get(here).hidden(here), concept.rules
    desk.send("rounds_organiser.basics", {**BASICS, "budget": "400.000"}, slug=concept.slug)
    changed = concept.rules
    page = other.post(here, {**RULES, "who": "Iedereen"} | tab, status=409)
    assert "Gebied en geld van de ronde zijn veranderd." in page.text
    assert concept.rules == changed != before


def test_nobody_publishes_a_round_that_changed_since_they_looked(
    desks: Desks, concept: Round, session: Session
) -> None:
    desk, other = desks
    desk.send("rounds_organiser.phases", PHASES, slug=concept.slug)
    points = other.get("rounds_organiser.points", slug=concept.slug).find(".//input[@name='points']")
    desk.send("rounds_organiser.points", {"points": [points[0].get("value")]}, slug=concept.slug)
    here, page_path = path(concept, "publiceren"), path(concept, "vaststellen")
    tab = other.get(page_path).hidden(here)
    desk.send("rounds_organiser.basics", {**BASICS, "budget": "400.000"}, slug=concept.slug)
    page = other.post(here, tab, status=409)
    assert "Gebied en geld van de ronde zijn veranderd." in page.text
    assert page.find(f".//a[@href='{page_path}']")
    assert concept.published_at is None
