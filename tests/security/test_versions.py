"""Nobody acts on what they did not see: every form that changes a stored thing, found from the routes, sent twice."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.akkoord.models import Point
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.database import Model, Versioned, lock_as_seen
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Stance
from buurtbegroot.proposals.models import CostLine, ProposalStatus
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.registry.models import CodePool
from tests.conftest import NOW
from tests.factories.discussion import contribution
from tests.factories.proposals import plan
from tests.security.conftest import City
from tests.security.talk import let_people_talk

TWO_PEOPLE = "needs a second person, who is shown all that it is about"
ADDS = "adds something; what is there stays as it is"
OWN = "is about the browser or the sessions of whoever sends it"
AGAIN = "lets the program try again what it has to do anyway; twice is once"
FIXED = "works out what follows from things that nobody can change any more"
OWN_SUPPORT = "is about what the person who sends it supports or finds useful, which nobody else changes"
OWN_REPORT = "is about what the person who sends it reported, which nobody else changes"
BALLOT = "is about one ballot or basket, which nobody else has"

WITHOUT_VERSION = {
    "accounts.sign_in": OWN,
    "accounts.link": OWN,
    "accounts.second_factor": OWN,
    "accounts.enrol": OWN,
    "accounts.sign_out": OWN,
    "accounts.devices": OWN,
    "accounts.demo": OWN,
    "accounts.delete": "ends all there is of one's own account, whatever that is by now",
    "accounts_organiser.add": ADDS,
    "audit.cosign": ADDS,
    "accounts_organiser.sign_out": "ends the sessions that somebody has, however many there are by now",
    "accounts_organiser.request_reset": TWO_PEOPLE,
    "accounts_organiser.request_erasure": TWO_PEOPLE,
    "accounts_organiser.confirm": TWO_PEOPLE,
    "accounts_organiser.withdraw": TWO_PEOPLE,
    "akkoord_organiser.status": ADDS,
    "akkoord_organiser.figure": ADDS,
    "population_organiser.load": "has one, but no text to join; tests/population is late with a file",
    "population_organiser.remove": "the same",
    "moderation.report": ADDS,
    "moderation.done": OWN_REPORT,
    "moderation.appeal": "is against one hiding, which the action looks for, and can be made once",
    "moderation_organiser.appeal": "is judged once; whoever comes second, or after a change, is shown that",
    "moderation_organiser.hand_on": "leaves an appeal to a colleague, whatever it says; twice is refused",
    "moderation.take_back": OWN_REPORT,
    "proposals.new": ADDS,
    "waiting.show": OWN,
    "waiting.confirm": OWN,
    "discussion.on_a_plan": ADDS,
    "discussion.on_a_round": ADDS,
    "discussion.reply": ADDS,
    "discussion.useful": OWN_SUPPORT,
    "support.give": OWN_SUPPORT,
    "support.take_back": OWN_SUPPORT,
    "rounds_organiser.new": ADDS,
    "tally_organiser.request_closing": TWO_PEOPLE,
    "tally_organiser.close": TWO_PEOPLE,
    "tally_organiser.request_certifying": TWO_PEOPLE,
    "tally_organiser.certify": TWO_PEOPLE,
    "tally_organiser.request_code_lists": TWO_PEOPLE,
    "tally_organiser.note_code_lists": TWO_PEOPLE,
    "tally_organiser.request_destroying": TWO_PEOPLE,
    "tally_organiser.destroy": TWO_PEOPLE,
    "tally_organiser.withdraw": TWO_PEOPLE,
    "tally_organiser.open_box": FIXED,
    "tally_organiser.count": FIXED,
    "tally_organiser.bundle": FIXED,
    "tally_organiser.explain": FIXED,
    "tally_organiser.rewrite": AGAIN,
    "exports_organiser.ask_for": "makes a file of what is public, for whoever sends it, and a few at a time",
    "exports_organiser.again": AGAIN,
    "exports_organiser.drop": "throws away what the person who sends it asked for, which nobody else changes",
    "work_organiser.take_up": AGAIN,
    "work_organiser.try_again": AGAIN,
    "booth.change": BALLOT,
    "booth.enter_code": BALLOT,
    "booth.draw": BALLOT,
    "booth.start": BALLOT,
    "booth.cast": BALLOT,
    "booth.again": BALLOT,
    "booth.forget": BALLOT,
    "registry_organiser.issue": ADDS,
    "registry_organiser.fill_pool": ADDS,
    "registry_organiser.load": ADDS,
    "registry_organiser.prepare": ADDS,
    "registry_organiser.request_void": TWO_PEOPLE,
    "registry_organiser.confirm_void": TWO_PEOPLE,
    "registry_organiser.withdraw_void": TWO_PEOPLE,
    "booth_organiser.request_restore": TWO_PEOPLE,
    "booth_organiser.confirm_restore": TWO_PEOPLE,
    "booth_organiser.withdraw_restore": TWO_PEOPLE,
    "booth_organiser.request_opening": TWO_PEOPLE,
    "booth_organiser.withdraw_opening": TWO_PEOPLE,
    "booth_organiser.confirm_opening": TWO_PEOPLE,
    "booth_organiser.ask_withdrawal": TWO_PEOPLE,
    "booth_organiser.turn_down_withdrawal": TWO_PEOPLE,
    "booth_organiser.confirm_withdrawal": TWO_PEOPLE,
}


class Text(NamedTuple):
    """A form with text: who sends it, of which object, and two ways to fill in some of its fields.

    `words` are what the page with both shows of the first and of the second, where that is not what was typed;
    `pressed` is the button that sends that page.
    """

    who: str
    values: Callable[[City], dict[str, Any]]
    first: dict[str, Any]
    second: dict[str, Any]
    words: tuple[str, str]
    pressed: Mapping[str, str] = {}


class Act(NamedTuple):
    """A button: who presses it, of which object, on which page it stands, and of what it must not act on a change."""

    who: str
    values: Callable[[City], dict[str, Any]]
    page: str
    thing: Callable[[City], Model]


def _draft(city: City) -> dict[str, Any]:
    return {"slug": city.draft.slug}


def _concept(city: City) -> dict[str, Any]:
    return {"proposal_id": city.concept.id}


def _resident(city: City) -> User:
    found = city.people["resident"]
    assert found is not None
    return found


def _coordinator(city: City) -> User:
    found = city.people["coordinator"]
    assert found is not None
    return found


def _author(city: City) -> User:
    assert city.concept.author is not None
    return city.concept.author


def _pool(city: City) -> CodePool:
    return city.session.get_one(CodePool, city.draft.id)


def _own(city: City) -> Contribution:
    return city.session.scalars(select(Contribution).order_by(Contribution.id).limit(1)).one()


def _waiting(city: City) -> Contribution:
    return city.session.scalars(select(Contribution).where(Contribution.shown_at.is_(None))).one()


def _talk(city: City) -> dict[str, Any]:
    return {"number": _own(city).id}


TEXTS = {
    "discussion.edit": Text("author", _talk, {"tekst": "Een"}, {"tekst": "Twee"}, ("Een", "Twee")),
    "discussion.adopt": Text(
        "author",
        _talk,
        {"versie_van_plan": "1", "wat": "Meteen"},
        {"versie_van_plan": "1", "wat": "Straks"},
        ("Meteen", "Straks"),
    ),
    "accounts.show": Text("author", lambda _: {}, {"name": "Noor"}, {"name": "Sara"}, ("Noor", "Sara")),
    "accounts.welcome": Text("author", lambda _: {}, {"name": "Jan"}, {"name": "Piet"}, ("Jan", "Piet")),
    "accounts_organiser.person": Text(
        "administrator",
        lambda city: {"user_id": _resident(city).id},
        {"role": "staff", "place": "K"},
        {"role": "coordinator", "place": "K"},
        ("medewerker stadsdeel in Zuid", "Coördinator"),
    ),
    "akkoord_organiser.plan": Text(
        "administrator",
        lambda _: {"edition": "2019", "number": 3},
        {"how": "Meteen"},
        {"how": "Straks"},
        ("Meteen", "Straks"),
    ),
    "moderation_organiser.judge": Text(
        "coordinator",
        lambda city: {"kind": "proposal", "number": city.plans[0].id},
        {"doe": "verberg", "reden": "haat", "stap": "doe"},
        {"doe": "verberg", "reden": "nep", "stap": "doe"},
        ("Discriminatie", "Iemand doet zich anders voor"),
        {"stap": "doe"},
    ),
    "proposals.edit": Text("author", _concept, {"title": "Zwembad"}, {"title": "Bankje"}, ("Zwembad", "Bankje")),
    "proposals_organiser.dossier": Text(
        "coordinator",
        lambda city: {"slug": city.draft.slug, "number": city.draft_plan.number},
        {"verdict": "weigeren", "reason": "Geen grond"},
        {"verdict": "weigeren", "reason": "Geen geld"},
        ("Geen grond", "Geen geld"),
    ),
    "rounds_organiser.basics": Text(
        "coordinator", _draft, {"summary": "Meteen"}, {"summary": "Straks"}, ("Meteen", "Straks")
    ),
    "rounds_organiser.phases": Text(
        "coordinator",
        _draft,
        {"submission-begins": "2026-01-01T10:00"},
        {"submission-begins": "2026-01-01T11:00"},
        ("10.00 uur", "11.00 uur"),
    ),
    "rounds_organiser.points": Text(
        "coordinator", _draft, {"points": [3]}, {"points": [5]}, ("2% van de begroting", "20 Donutdeals")
    ),
    "rules_organiser.show": Text("coordinator", _draft, {"who": "Buren"}, {"who": "Iedereen"}, ("Buren", "Iedereen")),
}
ACTS = {
    "discussion.settle": Act("author", _talk, "discussion.show", _own),
    "discussion.delete": Act("author", _talk, "discussion.delete", _own),
    "discussion_organiser.show": Act(
        "coordinator", lambda city: {"number": _waiting(city).id}, "discussion_organiser.show", _waiting
    ),
    "proposals.submit": Act("author", _concept, "proposals.submit", lambda city: city.concept),
    "proposals.withdraw": Act("author", _concept, "proposals.withdraw", lambda city: city.concept),
    "rounds_organiser.publish": Act("coordinator", _draft, "rounds_organiser.ready", lambda city: city.draft),
    "accounts_organiser.revoke": Act(
        "administrator", lambda city: {"user_id": _resident(city).id}, "accounts_organiser.person", _resident
    ),
    "registry_organiser.empty_pool": Act("coordinator", _draft, "registry_organiser.codes", _pool),
}


@pytest.fixture
def whole(city: City) -> City:
    """A city in which every form can be sent: a concept that lacks nothing, a complete round, a role, a pool."""
    city.people["author"] = _author(city)
    city.concept.theme, city.concept.body = city.submitting.themes[0], "Wij maken het."
    city.concept.lines = [CostLine(position=1, what="Hout", quantity=1, unit_cents=10_000)]
    city.draft.summary, city.draft.points = "Geld voor plannen.", list(city.session.scalars(select(Point).limit(1)))
    city.session.add(CodePool(round_id=city.draft.id, codes=3))
    prepare_booth(city.session, city.draft, keys=city.voting.keys, by=_coordinator(city))
    _resident(city).grants.append(RoleGrant(role=Role.STAFF, area_code="E"))
    talked = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=_author(city))
    version = {"proposal": talked, "number": 1, "stored_content": "{}", "estimate_cents": 1, "saved_at": NOW}
    own = contribution(talked, now=NOW, author=_author(city), stance=Stance.QUESTION)
    waiting = contribution(talked, now=NOW, thread=own.thread, shown_at=None)
    city.session.add_all([own, waiting, ProposalRevision(**version)])
    city.session.flush()
    moderator, reporter = _coordinator(city), city.people["administrator"]
    assert reporter is not None
    let_people_talk(city, author=_author(city), reporter=reporter, moderator=moderator)
    return city


def _typed(city: City, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what is typed; accord points are named by their number."""
    points = select(Point.id).where(Point.number.in_(fields.get("points", ())))
    return fields | {"points": list(city.session.scalars(points))} if "points" in fields else fields


def _stored(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table."""
    return {
        table.name: sorted(map(repr, session.execute(table.select()).all())) for table in Model.metadata.sorted_tables
    }


def test_every_form_takes_a_stand(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts == {*WITHOUT_VERSION, *TEXTS, *ACTS}
    assert len(posts) == len(WITHOUT_VERSION) + len(TEXTS) + len(ACTS)


def test_a_form_that_is_sent_twice_shows_both_and_saves_the_first(whole: City) -> None:
    for endpoint, text in TEXTS.items():
        browser = whole.browser(text.who)
        path = browser.path(endpoint, **text.values(whole))
        form = browser.get(path).filled(path)
        browser.post(path, form | _typed(whole, text.first))
        before = _stored(whole.session)
        page = browser.post(path, form | _typed(whole, text.second), status=409)
        assert _stored(whole.session) == before, endpoint
        for words in text.words:
            assert words in page.text or words in page.html, (endpoint, words)
        browser.post(path, page.filled(path) | {"keuze-0": "mijn", **text.pressed})
        assert _stored(whole.session) != before, endpoint


def test_no_text_is_saved_over_what_somebody_else_changed(whole: City) -> None:
    for endpoint, text in TEXTS.items():
        browser = whole.browser(text.who)
        path = browser.path(endpoint, **text.values(whole))
        form = browser.get(path).filled(path)
        _change(whole, THINGS[endpoint.partition(".")[0]](whole))
        before = _stored(whole.session)
        browser.post(path, form | _typed(whole, text.second), status=409)
        assert _stored(whole.session) == before, endpoint


@pytest.mark.parametrize(
    "values",
    ['{"nosuch":["x"]}', '{"name":[{"a":["b"]}]}', '{"language":[{"a":["b"]}]}', '{"csrf_token":["b"],"versie":["q"]}'],
)
def test_what_no_page_showed_is_left_out(whole: City, values: str) -> None:
    browser = whole.browser("author")
    sent = {"name": "Noor", "language": "nl", "versie": f'[0,"2026-01-01T00:00:00+00:00",{values}]'}
    page = browser.post("accounts.show", sent, status=409)
    again = page.filled("/account") | {"eerder": values, "uw": values, "keuze-0": "x"}
    assert browser.client.post("/account", data=again).status_code in {409, 422}


def forged(shown: Mapping[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    """Return what somebody may send instead of the hidden fields of a form that shows these values."""
    typed = st.text(max_size=20)
    names, texts = st.sampled_from([*shown, "versie", "csrf_token", "shares-x", "x"]), typed | st.just("\ud800\0")
    rows = st.dictionaries(st.sampled_from(["what", "name", "x"]), st.lists(texts, max_size=2), max_size=2)
    items = st.lists(texts | rows | st.none() | st.integers(), max_size=3)
    values = st.dictionaries(names, items | texts | st.none(), max_size=4)
    version: st.SearchStrategy[Any] = st.sampled_from([0, 1, 2, 3, -1, 10**30, math.inf, math.nan, "1", None, []])
    moment = st.sampled_from([NOW.isoformat(), "9999-12-31T23:59:59-23:59", "2026-11-21", "", None, 5])
    choice, spelled = st.sampled_from(["mijn", "ander", "beide", "x"]), values.map(json.dumps) | typed
    return st.fixed_dictionaries(
        {"versie": st.tuples(version, moment, values).map(json.dumps) | typed},
        optional={"eerder": spelled, "uw": spelled, "alles": choice, "keuze-0": choice, "samen-0": typed},
    )


@settings(max_examples=8, suppress_health_check=list(HealthCheck), phases=[Phase.generate])  # shrinking takes long
@given(data=st.data())
@pytest.mark.parametrize("endpoint", TEXTS)
def test_no_forged_field_breaks_a_form(whole: City, endpoint: str, data: st.DataObject) -> None:
    text = TEXTS[endpoint]
    browser = whole.browser(text.who)
    path = browser.path(endpoint, **text.values(whole))
    form = browser.get(path).filled(path)
    sent = data.draw(forged(json.loads(form["versie"][0])[2]))
    answer = browser.client.post(path, data=form | _typed(whole, text.first) | sent)
    assert answer.status_code in {200, 303, 409, 422}


def test_nothing_is_done_with_what_somebody_else_changed(whole: City) -> None:
    for endpoint, act in ACTS.items():
        browser, values = whole.browser(act.who), act.values(whole)
        path, page_path = browser.path(endpoint, **values), browser.path(act.page, **values)
        form = browser.get(page_path).filled(path)
        _change(whole, act.thing(whole))
        before = _stored(whole.session)
        page = browser.post(path, form, status=409)
        assert _stored(whole.session) == before, endpoint
        assert page.heading == "Er is intussen iets veranderd"
        assert page.find(f".//main//a[@href='{page_path}']"), endpoint
        browser.send(path, on=page_path)
        assert _stored(whole.session) != before, endpoint


THINGS: dict[str, Callable[[City], Model]] = {
    "moderation_organiser": lambda city: city.plans[0],
    "accounts": _author,
    "discussion": _own,
    "akkoord_organiser": lambda city: city.session.scalars(select(Point).where(Point.number == 3)).one(),
    "accounts_organiser": _resident,
    "proposals": lambda city: city.concept,
    "proposals_organiser": lambda city: city.draft_plan,
    "rounds_organiser": lambda city: city.draft,
    "rules_organiser": lambda city: city.draft,
}


def _change(city: City, thing: Model) -> None:
    if isinstance(thing, Versioned):
        lock_as_seen(city.session, thing, seen=thing.version)
    else:
        assert isinstance(thing, CodePool)
        thing.codes += 1
    city.session.commit()


def test_what_people_edit_has_a_version() -> None:
    assert {model.__name__ for model in Versioned.__subclasses__()} == {
        "Hideable", "Point", "PopulationFile", "Round", "User"
    }  # fmt: skip
