"""The workplace: who may enter, every step with good and bad input, and that what was typed stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.core.methods import Share
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import RestRule, TieKey
from buurtbegroot.dual_control.models import State
from buurtbegroot.dual_control.queries import last_request
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import missing_parts, round_key, rules_of
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.dual_control import shown_now
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, SignIn

STEPS = (
    "rounds_organiser.basics",
    "rounds_organiser.phases",
    "rules_organiser.show",
    "rounds_organiser.points",
    "rounds_organiser.ready",
)
ACTS = ("rounds_organiser.publish", "booth_organiser.request_opening", "booth_organiser.withdraw_opening")
EVIL = "<script>alert(1)</script>\"'&"

BASICS: dict[str, Any] = {
    "title": "West begroot",
    "summary": "Geld voor plannen in West.",
    "contact": "Samira, 06 0000 0000",
    "decision_url": "https://voorbeeld.nl/besluit",
    "buurten": ["EA01", "EA02"],
    "pots_by": "one",
    "budget": "300.000",
    "themes-0-name": "Groen",
    "themes-0-scene": "groen",
    "themes-1-name": "Samen",
}
RULES: dict[str, Any] = {
    "type": "knapsack",
    "least": "3",
    "money": "300.000",
    "grouping": "whole",
    "rest": "skip",
    "ties": "cheapest_first",
    "minimum_age": "12",
    "who": "Bewoners van West.",
}
PHASES = {
    "submission-begins": "2027-01-01T00:00",
    "submission-ends": "2027-02-01T00:00",
    "voting-begins": "2027-03-01T00:00",
    "voting-ends": "2027-03-30T12:00",
    "realisation-begins": "2027-04-10T00:00",
    "realisation-ends": "2027-12-31T00:00",
}


@pytest.fixture
def areas(session: Session) -> dict[str, Area]:
    found = small_city(session)
    small_accord(session)
    session.commit()
    return found


@pytest.fixture
def samira(session: Session, areas: dict[str, Area]) -> User:
    """A coordinator of West."""
    user = person(session, Role.COORDINATOR, "E")
    session.commit()
    return user


@pytest.fixture
def desk(signed_in: SignIn, samira: User) -> Browser:
    return signed_in(samira)


@pytest.fixture
def concept(session: Session, desk: Browser) -> Round:
    """A concept of West with nothing but a title."""
    desk.post("rounds_organiser.new", {"title": "West begroot", "owner": "E"})
    return session.scalars(select(Round)).one()


def complete(desk: Browser, slug: str, points: list[int]) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=slug)
    desk.send("rounds_organiser.phases", PHASES, slug=slug)
    desk.send("rules_organiser.show", RULES, slug=slug)
    desk.send("rounds_organiser.points", {"points": [str(point) for point in points]}, slug=slug)


def point_ids(session: Session) -> list[int]:
    return list(session.scalars(select(Area.metadata.tables["akkoord_point"].c.id)))


def test_sets_a_round_up_from_nothing_to_public(
    desk: Browser, signed_in: SignIn, session: Session, concept: Round, now: datetime
) -> None:
    page = desk.get("rounds_organiser.ready", slug="west-begroot")
    assert "Schrijf waar de ronde over gaat." in page.text
    desk.post("rounds_organiser.publish", slug="west-begroot")
    assert concept.published_at is None
    complete(desk, "west-begroot", point_ids(session)[:2])
    assert missing_parts(concept, now) == []
    assert rules_of(concept).eligibility.who == "Bewoners van West", "in a sentence, with a full stop of its own"
    colleague = person(session, Role.COORDINATOR, "E")
    session.commit()
    assert f"Wie dit wel kan: {colleague.name}" in desk.get("rounds_organiser.ready", slug="west-begroot").text
    signed_in(colleague).send("rounds_organiser.publish", on="rounds_organiser.ready", slug="west-begroot")
    text = desk.get("rounds.show", slug="west-begroot").text
    for words in (
        "€ 300.000",
        "minstens 3 plannen",
        "vanaf 12 jaar",
        "2 akkoordpunten",
        "1 tot en met 31 januari 2027",
    ):
        assert words in text
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions == ["rounds.created", *["rounds.changed"] * 4, "rounds.published"]


def test_shows_the_rounds_of_ones_own_areas(
    signed_in: SignIn, session: Session, areas: dict[str, Area], concept: Round
) -> None:
    assert "West begroot" in signed_in(person(session, Role.STAFF, "E")).get("rounds_organiser.index").text
    assert "West begroot" in signed_in(person(session, Role.ADMINISTRATOR, "0363")).get("rounds_organiser.index").text
    assert "West begroot" not in signed_in(person(session, Role.COORDINATOR, "K")).get("rounds_organiser.index").text


@pytest.mark.parametrize("endpoint", STEPS)
def test_hides_rounds_of_another_stadsdeel(signed_in: SignIn, session: Session, concept: Round, endpoint: str) -> None:
    other = signed_in(person(session, Role.COORDINATOR, "K"))
    other.get(endpoint, slug=concept.slug, status=404)
    other.get(endpoint, slug="bestaat-niet", status=404)
    if endpoint != "rounds_organiser.ready":
        other.post(endpoint, slug=concept.slug, status=404)


@pytest.mark.parametrize("endpoint", [*STEPS[:-1], *ACTS])
def test_lets_staff_read_but_not_write(signed_in: SignIn, session: Session, concept: Round, endpoint: str) -> None:
    staff = signed_in(person(session, Role.STAFF, "E"))
    if endpoint in STEPS:
        page = staff.get(endpoint, slug=concept.slug)
        assert not page.find(".//button[@value='verder'][@class='utrecht-button utrecht-button--primary-action']")
    staff.post(endpoint, slug=concept.slug, status=404)
    staff.get("rounds_organiser.new", status=404)


@pytest.mark.parametrize("endpoint", ACTS)
def test_hides_acts_on_rounds_of_another_stadsdeel(
    signed_in: SignIn, session: Session, concept: Round, endpoint: str
) -> None:
    signed_in(person(session, Role.COORDINATOR, "K")).post(endpoint, slug=concept.slug, status=404)


def test_starts_rounds_only_in_ones_own_areas(desk: Browser, session: Session) -> None:
    page = desk.get("rounds_organiser.new")
    assert [option.get("value") for option in page.find(".//select[@id='owner']/option")] == ["E"]
    page = desk.post("rounds_organiser.new", {"title": "", "owner": "K"}, status=422)
    assert page.title.startswith("Fout: ")
    assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_gives_rounds_with_one_title_different_addresses(desk: Browser, session: Session, concept: Round) -> None:
    for title in ("West begroot", "West begroot!", "!!!", "é" * 120):
        desk.post("rounds_organiser.new", {"title": title, "owner": "E"})
    slugs = set(session.scalars(select(Round.slug)))
    assert slugs == {"west-begroot", "west-begroot-2", "west-begroot-3", "ronde", "e" * 60}


BAD_BASICS: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "Geef de ronde een naam."),
    ({"title": "x" * 121}, "niet meer dan 120 tekens"),
    ({"summary": "x" * 601}, "niet meer dan 600 tekens"),
    ({"decision_url": "javascript:alert(1)"}, "Schrijf een webadres"),
    ({"decision_url": "ftp://voorbeeld.nl/x"}, "webadres"),
    ({"budget": "veel"}, "Schrijf een bedrag in euro's"),
    ({"budget": "-5"}, "Dit bedrag kan niet"),
    ({"budget": "0"}, "Dit bedrag kan niet"),
    ({"budget": "9" * 30}, "Dit bedrag kan niet"),
    ({"pots_by": "niets"}, ""),
    ({"pots_by": "theme"}, "Vul in hoeveel geld er is voor Groen."),
    ({"themes-1-name": "groen"}, "Dit thema staat er al."),
    ({"themes-2-scene": "kind"}, "Geef het thema een naam"),
    ({"pots_by": "area", "areas-0-code": "KA", "areas-0-cents": "10"}, "Kies een gebied dat meedoet"),
    ({"pots_by": "area", "areas-0-code": "EA01"}, "Vul in hoeveel geld er is voor dit gebied."),
    ({"pots_by": "area", "areas-0-code": "EA01", "areas-0-cents": "10"}, "ook deze buurten een bedrag: Westbuurt 2."),
    (
        {"pots_by": "area", "areas-0-code": "EA", "areas-0-cents": "9", "areas-1-code": "EA01", "areas-1-cents": "9"},
        "overlapt met een gebied hierboven",
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD_BASICS)
def test_refuses_wrong_basics_and_keeps_what_was_typed(
    desk: Browser, session: Session, concept: Round, change: dict[str, Any], message: str
) -> None:
    page = desk.post("rounds_organiser.basics", {**BASICS, **change}, slug=concept.slug, status=422)
    assert page.title.startswith("Fout: ")
    assert message in page.text
    assert page.find(".//div[@role='alert']//a")
    kept = {field.get("name"): field.get("value") for field in page.find(".//input")}
    for name, value in change.items():
        if kept.get(name) is not None and not name.endswith("code") and name != "pots_by":
            assert kept[name] == value
    session.refresh(concept)
    assert concept.summary == ""


def test_takes_whole_wijken_and_only_known_buurten(desk: Browser, session: Session, concept: Round) -> None:
    asked = {**BASICS, "buurten": ["wijk-EA", "wijk-KA", "KA01", "EA02", "x" * 50, EVIL]}
    desk.send("rounds_organiser.basics", asked, slug=concept.slug)
    assert [buurt.code for buurt in concept.buurten] == ["EA01", "EA02", "EA03"]


@pytest.mark.parametrize(
    ("ticked", "left"),
    [
        (["wijk-EA", "EA01", "EA02", "EA03"], ["EA01", "EA02", "EA03"]),
        (["wijk-EA", "EA01", "EA03"], ["EA01", "EA03"]),
        (["EA01", "EA03"], ["EA01", "EA03"]),
        (["EA01", "EA02", "EA03"], []),
        (["wijk-EA"], []),
    ],
)
def test_takes_a_buurt_or_all_out_of_a_whole_wijk(
    desk: Browser, session: Session, concept: Round, ticked: list[str], left: list[str]
) -> None:
    desk.send("rounds_organiser.basics", {**BASICS, "buurten": ["wijk-EA"]}, slug=concept.slug)
    assert desk.get("rounds_organiser.basics", slug=concept.slug).find(".//input[@name='whole'][@value='EA']")
    desk.send("rounds_organiser.basics", {**BASICS, "buurten": ticked, "whole": ["EA"]}, slug=concept.slug)
    assert [buurt.code for buurt in concept.buurten] == left


def test_adds_rows_and_searches_buurten_without_saving(desk: Browser, session: Session, concept: Round) -> None:
    page = desk.post("rounds_organiser.basics", {**BASICS, "actie": "thema"}, slug=concept.slug, status=200)
    assert page.find(".//input[@name='themes-2-name']")
    assert page.find(".//input[@name='themes-0-name'][@value='Groen']")
    page = desk.post(
        "rounds_organiser.basics", {**BASICS, "areas-0-code": "", "actie": "gebied"}, slug=concept.slug, status=200
    )
    assert len(page.find(".//select[@name='areas-1-code']/option")) == 4
    search = {**BASICS, "actie": "zoek", "zoek": "buurt 3", "title": ""}
    page = desk.post("rounds_organiser.basics", search, slug=concept.slug, status=200)
    shown = {box.get("value"): box.get("checked") is not None for box in page.find(".//input[@name='buurten']")}
    assert shown == {"wijk-EA": False, "EA01": True, "EA02": True, "EA03": False}
    session.refresh(concept)
    assert concept.pots == []


def test_survives_row_numbers_that_are_none(desk: Browser, concept: Round) -> None:
    odd = {f"themes-{number}-name": "x" for number in ("²", "9" * 5000, "-1", "", "999")}
    desk.send("rounds_organiser.basics", {**BASICS, **odd}, slug=concept.slug)
    many = {f"themes-{number}-name": f"Thema {number}" for number in range(40)}
    page = desk.post("rounds_organiser.basics", {**BASICS, **many, "actie": "thema"}, slug=concept.slug, status=200)
    assert not page.find(".//input[@name='themes-12-name']")


def test_trades_names_of_themes_and_moves_their_rules(desk: Browser, session: Session, concept: Round) -> None:
    money = {"themes-0-cents": "100", "themes-1-cents": "200"}
    desk.send("rounds_organiser.basics", {**BASICS, **money, "pots_by": "theme"}, slug=concept.slug)
    limits = {"theme_limits-0-key": "Groen", "theme_limits-0-most": "1", "theme_limits-1-key": "Samen"}
    desk.send("rules_organiser.show", {**RULES, "money": "", **limits, "grouping": "theme"}, slug=concept.slug)
    first, second = (str(theme.id) for theme in concept.themes)
    swapped = {
        "themes-0-theme_id": first,
        "themes-0-name": "Samen",
        "themes-1-theme_id": second,
        "themes-1-name": "Groen",
    }
    desk.send("rounds_organiser.basics", {**BASICS, **money, "pots_by": "theme", **swapped}, slug=concept.slug)
    rules = rules_of(concept)
    assert [(pot.id, pot.cents) for pot in rules.pots] == [("Samen", 10_000), ("Groen", 20_000)]
    assert list(rules.ballot.per_group) == ["Samen"]


def test_keeps_a_theme_that_has_plans(desk: Browser, session: Session, concept: Round, now: datetime) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    plan(session, concept, now=now)
    session.commit()
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)  # the same names are the same themes
    gone = {**BASICS, "themes-0-name": "Water", "themes-0-theme_id": ""}
    page = desk.send("rounds_organiser.basics", gone, slug=concept.slug, status=422)
    assert "al plannen bij horen" in page.text
    session.expire_all()
    assert [theme.name for theme in concept.themes] == ["Groen", "Samen"]


BAD_PHASES: list[tuple[dict[str, str], str]] = [
    ({"voting-begins": "", "voting-ends": ""}, "Elke ronde heeft een stemming."),
    ({"voting-ends": ""}, "Vul begin en einde allebei in"),
    ({"voting-ends": "2027-02-28T00:00"}, "'Stemmen' eindigt voordat het begint"),
    ({"submission-ends": "2027-03-02T00:00"}, "'Stemmen' begint terwijl"),
    ({"submission-begins": "2028-01-01T00:00", "submission-ends": "2028-02-01T00:00"}, "kan pas na"),
    ({"voting-begins": "32 december"}, "Schrijf een dag en tijd"),
    ({"voting-begins": "9999-01-01T00:00"}, "Kies een jaar tussen 2000 en 2100"),
    ({"voting-begins": "0001-01-01T00:00"}, "Kies een jaar tussen 2000 en 2100"),
    ({"voting-begins": EVIL}, "Schrijf een dag en tijd"),
    ({"voting-begins": "1927-03-01T00:00"}, "Kies een jaar tussen 2000 en 2100"),
    ({"submission-ends": "2027-02-31T00:00"}, "Schrijf een dag en tijd"),
    ({"voting-begins": "2027-03-28T02:30"}, "Die nacht gaat de klok een uur vooruit"),
    ({"realisation-begins": "2027-10-31T02:30"}, "Dit uur komt die nacht twee keer"),
    ({"realisation-ends": "2027-12-31"}, "Schrijf ook de tijd"),
    ({"submission-begins": "2025-12-31T23:59"}, "Dit jaar is al voorbij"),
]


@pytest.mark.parametrize(("change", "message"), BAD_PHASES)
def test_refuses_impossible_dates(
    desk: Browser, session: Session, concept: Round, change: dict[str, str], message: str
) -> None:
    page = desk.post("rounds_organiser.phases", {**PHASES, **change}, slug=concept.slug, status=422)
    assert message in page.text
    for name, value in change.items():
        assert [field.get("value") for field in page.find(f".//input[@name='{name}']")] == [value]
    assert concept.windows == []


def test_changes_and_skips_phases(desk: Browser, session: Session, concept: Round) -> None:
    desk.send("rounds_organiser.phases", PHASES, slug=concept.slug)
    skipped = {**PHASES, "submission-begins": "", "submission-ends": "", "voting-ends": "2027-03-29T12:00"}
    desk.send("rounds_organiser.phases", skipped, slug=concept.slug)
    session.expire_all()
    assert [window.phase for window in concept.windows] == [Phase.VOTING, Phase.REALISATION]
    assert concept.windows[0].ends_at.isoformat() == "2027-03-29T10:00:00+00:00"


@pytest.mark.parametrize(("hour", "utc"), [("zomertijd", "00:30"), ("wintertijd", "01:30")])
def test_asks_which_of_the_two_hours_when_the_clock_goes_back(
    desk: Browser, session: Session, concept: Round, hour: str, utc: str
) -> None:
    night: dict[str, object] = {**PHASES, "realisation-begins": "2027-10-31T02:30"}
    asked = desk.send("rounds_organiser.phases", night, slug=concept.slug, status=422)
    (select_hour,) = asked.find(".//select[@name='realisation-begins']")
    assert [option.get("value") for option in select_hour] == ["", "zomertijd", "wintertijd"]
    night["realisation-begins"] = ["2027-10-31T02:30", hour]
    desk.send("rounds_organiser.phases", night, slug=concept.slug)
    session.expire_all()
    assert concept.windows[-1].begins_at.isoformat() == f"2027-10-31T{utc}:00+00:00"
    page = desk.get("rounds_organiser.phases", slug=concept.slug)
    assert [each.get("value") for each in page.find(".//option[@selected]")] == [hour]


@pytest.mark.parametrize(
    ("hour", "words", "utc"),
    [("zomertijd", "De eerste keer (zomertijd)", "00:30"), ("wintertijd", "De tweede keer (wintertijd)", "01:30")],
)
def test_the_hour_that_was_chosen_is_kept_when_two_changes_meet(
    desk: Browser, session: Session, concept: Round, hour: str, words: str, utc: str
) -> None:
    path = desk.path("rounds_organiser.phases", slug=concept.slug)
    form = desk.get(path).filled(path)
    desk.post(path, form | PHASES)
    page = desk.post(path, form | PHASES | {"realisation-begins": ["2027-10-31T02:30", hour]}, status=409)
    assert words in page.text
    desk.post(path, page.filled(path) | {"alles": "mijn"})
    session.expire_all()
    assert concept.windows[-1].begins_at.isoformat() == f"2027-10-31T{utc}:00+00:00"


def test_dates_of_a_year_that_has_passed_stay(
    desk: Browser, session: Session, concept: Round, clock: Clock, samira: User
) -> None:
    desk.send("rounds_organiser.phases", PHASES, slug=concept.slug)
    clock.now = clock.now.replace(year=2028)
    desk.sign_in(samira)
    desk.send("rounds_organiser.phases", {**PHASES, "realisation-ends": "2028-12-31T00:00"}, slug=concept.slug)
    session.expire_all()
    assert concept.windows[-1].ends_at.year == 2028


BAD_RULES: list[tuple[dict[str, str], str, str]] = [
    ({"money": "350.000"}, "money", "Kies € 300.000 of minder."),
    ({"most": "2"}, "most", "Het hoogste is lager dan het laagste (3)."),
    ({"most": "0"}, "most", "Kies een getal boven 0"),
    ({"least": "drie"}, "least", "Schrijf een heel getal"),
    ({"least": "-1"}, "least", "Schrijf een heel getal"),
    ({"least": "9" * 5000}, "least", "Schrijf een heel getal"),
    ({"least": "12345678"}, "least", "Dit getal is te hoog."),
    ({"min_share": "101"}, "min_share", "Kies een percentage van 0 tot 100."),
    ({"min_share": "1,234"}, "min_share", "Schrijf een percentage"),
    ({"min_share": "NaN"}, "min_share", "Schrijf een percentage"),
    ({"min_share": "1e9999999"}, "min_share", ""),
    ({"minimum_age": "200"}, "minimum_age", "Kies een leeftijd tot 120 jaar."),
    ({"who": "x" * 201}, "who", "niet meer dan 200 tekens"),
    ({"cheapest": "500", "dearest": "100"}, "dearest", "Het hoogste is lager"),
    ({"grouping": "theme"}, "grouping", ""),
    ({"theme_caps-0-key": "Groen", "theme_caps-0-cents": "400.000"}, "theme_caps-0-cents", "Kies € 300.000 of minder."),
    ({"leftovers_ignore_caps": "y"}, "leftovers_ignore_caps", "Vul eerst een hoogste bedrag"),
    ({"incompatible": "4, 17"}, "incompatible", "Plan 4, 17 staat niet op het stembiljet."),
    ({"incompatible": EVIL}, "incompatible", "staat niet op het stembiljet"),
    ({"type": "punten"}, "type", ""),
    ({"rest": ""}, "rest", ""),
    (
        {"grouping": "theme", "most": "3", "theme_limits-0-key": "Groen", "theme_limits-0-least": "4"},
        "most",
        "De groepen vragen samen al om 4 plannen.",
    ),
    (
        {"grouping": "theme", "theme_limits-0-key": "Groen", "theme_limits-0-least": "4", "theme_limits-0-most": "2"},
        "theme_limits-0-most",
        "Het hoogste is lager",
    ),
]


@pytest.mark.parametrize(("change", "field", "message"), BAD_RULES)
def test_refuses_wrong_rules_at_the_field(
    desk: Browser, session: Session, concept: Round, change: dict[str, str], field: str, message: str
) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    page = desk.post("rules_organiser.show", {**RULES, **change}, slug=concept.slug, status=422)
    assert message in page.text
    assert page.find(f".//div[@role='alert']//a[@href='#{field}']"), page.text_of(".//div[@role='alert']")
    assert page.find(f".//*[@id='{field}']")
    for name, value in change.items():
        typed = [each.get("value") for each in page.find(f".//input[@name='{name}'][@type='text']")]
        assert typed in ([], [value])
    assert concept.rules == ""


def test_previews_rules_without_saving(desk: Browser, session: Session, concept: Round) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    asked = {**RULES, "type": "approval", "least": "5", "most": "5", "rest": "stop", "actie": "voorbeeld"}
    page = desk.post("rules_organiser.show", asked, slug=concept.slug, status=200)
    assert "U kiest precies 5 plannen" in page.text
    assert "stoppen we" in page.text
    assert concept.rules == ""


def test_stores_every_rule_and_shows_it_again(desk: Browser, session: Session, concept: Round, now: datetime) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    ids = [plan(session, concept, now=now).id for _ in range(3)]
    session.commit()
    asked = RULES | {
        "most": "4",
        "least": "1",
        "grouping": "theme",
        "theme_limits-0-key": "Groen",
        "theme_limits-0-most": "2",
        "theme_caps-0-key": "Groen",
        "theme_caps-0-cents": "1.000",
        "leftovers_ignore_caps": "y",
        "rest": "part",
        "ties": "lot",
        "min_votes": "10",
        "min_share": "2,5%",
        "incompatible": "3, 1",
        "dearest": "5.000",
    }
    desk.send("rules_organiser.show", asked, slug=concept.slug)
    rules = rules_of(concept)
    assert rules.counting.rest is RestRule.PART
    assert rules.counting.ties == (TieKey.LOT,)
    assert rules.counting.min_share == Share(num=250, den=10_000)
    assert rules.counting.incompatible == ((ids[0], ids[2]),)
    page = desk.get("rules_organiser.show", slug=concept.slug)
    shown = {field.get("name"): field.get("value") for field in page.find(".//input[@type='text']")}
    assert shown["min_share"] == "2,5"
    assert shown["theme_caps-0-cents"] == "1.000"
    assert page.text_of(".//textarea[@name='incompatible']") == "1, 3"
    assert "Deze plannen kunnen niet samen: Plan 1, Plan 3." in page.text


@pytest.mark.parametrize("field", ["title", "summary", "contact", "themes-0-name"])
def test_escapes_what_coordinators_type(desk: Browser, session: Session, concept: Round, field: str) -> None:
    desk.send("rounds_organiser.basics", {**BASICS, field: EVIL}, slug=concept.slug)
    desk.send("rules_organiser.show", {**RULES, "who": EVIL}, slug=concept.slug)
    for step in STEPS:
        assert "<script>alert" not in desk.get(step, slug=concept.slug).html
    assert "<script>alert" not in desk.get("rounds_organiser.index").html


def test_asks_for_points_that_exist(desk: Browser, session: Session, concept: Round) -> None:
    for asked in ({}, {"points": ["999999"]}, {"points": [EVIL]}):
        desk.post("rounds_organiser.points", asked, slug=concept.slug, status=422)


@pytest.mark.parametrize("step", STEPS[:-1])
def test_survives_huge_and_broken_forms(desk: Browser, concept: Round, step: str) -> None:
    junk = {"title": "x\x00y" * 9000, "budget": "\x00", "least": "\x00", "voting-begins": "\x00", "points": "\x00"}
    desk.post(step, {**junk, "buurten": ["\x00"] * 300, "type": "\x00"}, slug=concept.slug, status=422)
    desk.post(step, {"summary": "x" * 10_000_000}, slug=concept.slug, status=413)


def test_what_is_chosen_already_is_not_called_optional(desk: Browser, concept: Round) -> None:
    text = desk.get("rounds_organiser.basics", slug=concept.slug).text
    assert "Leest een moderator reacties eerst?" in text
    assert "Leest een moderator reacties eerst? (mag leeg blijven)" not in text, "one cannot take a choice away"


def test_asks_for_money_before_rules(desk: Browser, concept: Round) -> None:
    assert "Eerst het geld" in desk.get("rules_organiser.show", slug=concept.slug).text
    page = desk.post("rules_organiser.show", RULES, slug=concept.slug, status=422)
    assert "Eerst het geld" in page.text


def test_asks_and_withdraws_the_opening(
    desk: Browser, signed_in: SignIn, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    second = person(session, Role.COORDINATOR, "E")
    session.commit()
    desk.post("booth_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    assert "Een andere organisator moet dit bevestigen" in desk.get("rounds_organiser.ready", slug=round_.slug).text
    other = signed_in(second)
    assert "U kunt dit bevestigen" in other.get("rounds_organiser.ready", slug=round_.slug).text
    other.post("booth_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    assert "Dit is al aangevraagd" in other.get("booth_organiser.opening", slug=round_.slug).text
    desk.post("booth_organiser.withdraw_opening", slug=round_.slug)
    desk.post("booth_organiser.withdraw_opening", slug=round_.slug)
    assert "Niemand vroeg dit aan" in desk.get("booth_organiser.opening", slug=round_.slug).text


def test_a_request_lapses_when_the_round_changes(
    desk: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    session.commit()
    desk.post("booth_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    desk.send("rules_organiser.show", {**RULES, "money": "1.000"}, slug=round_.slug)
    asked = last_request(session, RoundAct.OPEN, round_key(round_))
    assert asked is not None
    assert asked.state is State.LAPSED
    assert "is vervallen" in desk.get("booth_organiser.opening", slug=round_.slug).heading


def test_refuses_changes_after_opening(desk: Browser, session: Session, areas: dict[str, Area], now: datetime) -> None:
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    round_.fingerprint, round_.opened_at = "f" * 64, now - timedelta(days=1)
    session.commit()
    for step in STEPS[:-1]:
        assert "niet meer veranderen" in desk.get(step, slug=round_.slug).text
        page = desk.post(step, BASICS, slug=round_.slug, status=409)
        assert "De stemming is geopend" in page.text
        assert page.heading == "Dit kan nu niet"
        assert "anders" not in page.text


PLACES = (
    *STEPS,
    "proposals_organiser.index",
    "discussion_organiser.waiting",
    "registry_organiser.codes",
    "booth_organiser.opening",
    "tally_organiser.show",
)


@pytest.mark.parametrize("endpoint", PLACES)
@pytest.mark.parametrize("role", list(Role))
def test_leads_from_every_page_of_a_round_to_the_next_step(
    signed_in: SignIn, session: Session, areas: dict[str, Area], now: datetime, endpoint: str, role: Role
) -> None:
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    someone = signed_in(person(session, role, "E"))
    page = someone.get(endpoint, slug=round_.slug)
    tabs = page.find(".//nav[@class='bb-tabs']/a")
    assert len(tabs) == len(PLACES)
    assert [place for place, tab in zip(PLACES, tabs, strict=True) if tab.get("aria-current")] == [endpoint]
    assert "Plannen toetsen (1)" in page.text
    assert "Volgende stap: Toets de plannen" in page.text
    assert "Uitloggen" in page.text


@pytest.mark.parametrize(("role", "menu"), [(Role.ADMINISTRATOR, 7), (Role.COORDINATOR, 4), (Role.STAFF, 3)])
def test_offers_each_role_its_own_menu(
    signed_in: SignIn, session: Session, areas: dict[str, Area], role: Role, menu: int
) -> None:
    page = signed_in(person(session, role, "0363")).get("rounds_organiser.index")
    assert len(page.find(".//nav[@aria-label='Menu van de werkplek']/a")) == menu


def test_leads_on_to_the_codes_when_all_plans_are_checked(
    desk: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    plan(session, round_, now=now)
    session.commit()
    assert "Volgende stap: Maak de stemcodes" in desk.get("rounds_organiser.ready", slug=round_.slug).text


def test_says_what_comes_next_before_publishing(desk: Browser, session: Session, concept: Round) -> None:
    assert "Maak het concept af" in desk.get("rounds_organiser.index").text
    complete(desk, concept.slug, point_ids(session)[:1])
    assert "Maak de ronde openbaar" in desk.get("rounds_organiser.index").text


def test_keeps_a_buurt_that_has_plans(desk: Browser, session: Session, concept: Round, now: datetime) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    found = plan(session, concept, now=now, status=ProposalStatus.SUBMITTED)
    session.commit()
    gone = {**BASICS, "buurten": ["EA02"]}
    page = desk.send("rounds_organiser.basics", gone, slug=concept.slug, status=422)
    assert "Bij Westbuurt 1 horen al plannen" in page.text
    assert page.find(".//div[@role='alert']//a[@href='#buurten']")
    session.expire_all()
    assert [buurt.code for buurt in concept.buurten] == ["EA01", "EA02"]
    found.status = ProposalStatus.WITHDRAWN
    session.commit()
    desk.send("rounds_organiser.basics", gone, slug=concept.slug, status=422)


PER_AREA = {"pots_by": "area", "areas-0-code": "EA01", "areas-0-cents": "50", "areas-1-code": "EA02"}


@pytest.mark.parametrize(
    ("basics", "rules", "message"),
    [
        ({"pots_by": "theme", "themes-0-cents": "50", "themes-1-cents": "900"}, {}, "kost € 100, maar er is € 50."),
        ({**PER_AREA, "areas-1-cents": "900"}, {}, "kost € 100, maar er is € 50."),
        ({}, {"dearest": "60"}, "kost € 100. Kies dat bedrag of meer."),
        ({}, {"cheapest": "200"}, "kost € 100. Kies dat bedrag of minder."),
    ],
)
def test_names_the_plan_that_does_not_fit_the_rules(
    desk: Browser,
    session: Session,
    concept: Round,
    now: datetime,
    basics: dict[str, str],
    rules: dict[str, str],
    message: str,
) -> None:
    desk.send("rounds_organiser.basics", {**BASICS, **basics}, slug=concept.slug)
    plan(session, concept, now=now, title="Bankjes in het park")
    session.commit()
    asked = {**RULES, "least": "1", "money": "50", **rules}
    page = desk.post("rules_organiser.show", asked, slug=concept.slug, status=422)
    assert f"Plan 1 (Bankjes in het park) {message}" in page.text


def test_names_a_few_of_many_plans_that_do_not_fit(
    desk: Browser, session: Session, concept: Round, now: datetime
) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    for _ in range(7):
        plan(session, concept, now=now)
    session.commit()
    page = desk.post("rules_organiser.show", {**RULES, "dearest": "60"}, slug=concept.slug, status=422)
    assert "Plan 5 (" in page.text
    assert "Plan 6 (" not in page.text
    assert "En nog 2 plannen die niet passen." in page.text


def test_groups_plans_by_the_areas_that_the_new_rules_name(
    desk: Browser, session: Session, concept: Round, now: datetime
) -> None:
    desk.send("rounds_organiser.basics", BASICS, slug=concept.slug)
    desk.send("rules_organiser.show", RULES, slug=concept.slug)
    plan(session, concept, now=now)
    session.commit()
    per_area = {"grouping": "area", "area_limits-0-key": "EA", "area_limits-0-money": "200", "least": "1", "money": ""}
    desk.send("rules_organiser.show", {**RULES, **per_area}, slug=concept.slug)
    assert rules_of(concept).ballot.per_group["EA"].max_cost_cents == 20_000


def test_names_the_plan_that_has_no_pot(desk: Browser, session: Session, concept: Round, now: datetime) -> None:
    money = {"pots_by": "theme", "themes-0-cents": "500", "themes-1-cents": "500"}
    desk.send("rounds_organiser.basics", {**BASICS, **money}, slug=concept.slug)
    plan(session, concept, now=now, title="Bankjes in het park").theme = None
    session.commit()
    page = desk.post("rules_organiser.show", {**RULES, "least": "1", "money": ""}, slug=concept.slug, status=422)
    assert "Plan 1 (Bankjes in het park) hoort bij geen enkel bedrag." in page.text


def test_keeps_the_address_of_a_round_that_changes_its_name(
    desk: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    desk.send("rounds_organiser.basics", {**BASICS, "title": "Een heel andere naam"}, slug=round_.slug)
    assert "Een heel andere naam" in desk.get("rounds.show", slug=round_.slug).text
