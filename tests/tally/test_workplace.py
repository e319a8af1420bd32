"""The pages of a count: one thing to do at a time, two people where it matters, nobody from elsewhere."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.tally import organiser_views
from buurtbegroot.voting.keys import KeyStore
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.dual_control import seen_on
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, SignIn


@pytest.fixture
def vote(
    app: Flask, session: Session, now: datetime, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Vote:
    found = open_vote(session, tmp_path, areas=small_city(session), now=now)
    monkeypatch.setattr(KeyStore, "from_config", classmethod(lambda _cls, _config: found.keys))
    clock.now = found.later
    return found.cast_all([[0], [1, 2], [2]])


def test_the_whole_count_by_two_people(vote: Vote, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(organiser_views, "start_command", lambda _config, *arguments: started.append(arguments))
    first, second = (signed_in(user) for user in vote.people)
    slug = vote.round.slug
    page = first.get("tally_organiser.show", slug=slug)
    assert "Stap 1: sluit de stembus" in page.text
    first.post("tally_organiser.request_closing", slug=slug)
    assert "Nu moet een andere organisator" in first.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.close", slug=slug)
    refused = first.get("tally_organiser.show", slug=slug)
    assert "U heeft dit zelf aangevraagd" in refused.text
    assert "Stap 1" in refused.text
    second.post("tally_organiser.close", seen_on(second.get("tally_organiser.show", slug=slug)), slug=slug)
    assert "Er liggen 3 enveloppen" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.count", slug=slug)
    assert "Nog niet alle enveloppen zijn open" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.open_box", slug=slug)
    assert started == [("tally", "open", slug)]
    response = second.raw("tally_organiser.show", slug=slug, bezig=1)
    assert response.headers["Refresh"] == "3"
    batches = vote.opening(batch=2)
    next(batches)
    vote.session.commit()
    assert "2 van de 3 enveloppen zijn open" in second.get("tally_organiser.show", slug=slug, bezig=1).text
    vote.open()
    assert "Refresh" not in second.raw("tally_organiser.show", slug=slug, bezig=1).headers
    second.post("tally_organiser.count", slug=slug)
    preview = first.get("results.preview", slug=slug)
    assert "Deze uitslag is nog niet vastgesteld" in preview.text
    assert preview.heading == "2 plannen krijgen geld"
    first.post("tally_organiser.request_certifying", slug=slug)
    first.post("tally_organiser.certify", slug=slug)
    assert vote.round.certified_at is None
    page = second.get("tally_organiser.show", slug=slug)
    assert "Plannen die geld krijgen" in page.text
    second.post("tally_organiser.certify", seen_on(page), slug=slug)
    assert "De uitslag is bekend" in second.get("tally_organiser.show", slug=slug).text
    second.post("tally_organiser.request_destroying", slug=slug)
    second.post("tally_organiser.destroy", slug=slug)
    assert vote.keys.exists(vote.round.id)
    assert "U heeft dit zelf aangevraagd" in second.get("tally_organiser.show", slug=slug).text
    first.post("tally_organiser.destroy", seen_on(first.get("tally_organiser.show", slug=slug)), slug=slug)
    assert started[1:] == [("tally", "explain", slug), ("tally", "rewrite")]
    assert "zijn vernietigd op" in second.get("tally_organiser.show", slug=slug).text
    assert not vote.keys.exists(vote.round.id)
    assert first.get("results.show", slug=slug).status == 200


def test_what_would_have_been_enough_is_worked_out_beside_the_server(
    vote: Vote, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(organiser_views, "start_command", lambda _config, *arguments: started.append(arguments))
    coordinator, slug = signed_in(vote.people[0]), vote.round.slug
    vote.close().open()
    coordinator.post("tally_organiser.count", slug=slug)
    page = coordinator.get("tally_organiser.show", slug=slug).text
    assert "Voor 1 plan rekent de server nog uit wat genoeg was geweest." in page
    assert "Stap 4: stel de uitslag vast" in page
    coordinator.post("tally_organiser.explain", slug=slug)
    assert started == [("tally", "explain", slug)] * 2
    vote.explain()
    assert "rekent de server nog uit" not in coordinator.get("tally_organiser.show", slug=slug).text
    coordinator.post("tally_organiser.explain", slug=slug)
    assert len(started) == 2, "nothing is left to start for"


def test_a_count_that_is_refused_starts_nothing(vote: Vote, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organiser_views, "start_command", lambda *_: pytest.fail("nothing was counted"))
    vote.close()
    signed_in(vote.people[0]).post("tally_organiser.count", slug=vote.round.slug)


def test_a_request_can_be_taken_back(vote: Vote, signed_in: SignIn) -> None:
    first = signed_in(vote.people[0])
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    first.post("tally_organiser.withdraw", {"stap": "close"}, slug=vote.round.slug)
    assert "Vraag om te sluiten" in first.get("tally_organiser.show", slug=vote.round.slug).text


def test_a_missing_key_file_leaves_all_as_it_was(vote: Vote, signed_in: SignIn) -> None:
    first, second = (signed_in(user) for user in vote.people)
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    vote.keys.destroy(vote.round.id)
    seen = seen_on(second.get("tally_organiser.show", slug=vote.round.slug))
    second.post("tally_organiser.close", seen, slug=vote.round.slug)
    page = second.get("tally_organiser.show", slug=vote.round.slug)
    assert "De sleutels van deze ronde staan niet op de server" in page.text
    assert "Bevestig: sluit de stembus" in page.text
    assert vote.round.closed_at is None


def test_before_the_end_nobody_closes(vote: Vote, signed_in: SignIn, clock: Clock) -> None:
    clock.now = vote.now
    first = signed_in(vote.people[0])
    assert "Er wordt nog gestemd" in first.get("tally_organiser.show", slug=vote.round.slug).text
    first.post("tally_organiser.request_closing", slug=vote.round.slug)
    assert "Dit kan nu niet" in first.get("tally_organiser.show", slug=vote.round.slug).text
    first.post("tally_organiser.open_box", slug=vote.round.slug)
    assert "nog niet gesloten" in first.get("tally_organiser.show", slug=vote.round.slug).text


@pytest.mark.parametrize(
    "endpoint",
    [
        "request_closing",
        "close",
        "withdraw",
        "open_box",
        "count",
        "request_certifying",
        "certify",
        "request_destroying",
        "destroy",
    ],
)
def test_an_organiser_from_elsewhere_finds_nothing(
    vote: Vote, signed_in: SignIn, session: Session, endpoint: str
) -> None:
    stranger = signed_in(person(session, Role.COORDINATOR, "K"))
    stranger.post(f"tally_organiser.{endpoint}", slug=vote.round.slug, status=404)
    stranger.get("tally_organiser.show", slug=vote.round.slug, status=404)
    stranger.get("results.preview", slug=vote.round.slug, status=404)
    staff = signed_in(person(session, Role.STAFF, "E"))
    staff.get("tally_organiser.show", slug=vote.round.slug)
    staff.post(f"tally_organiser.{endpoint}", slug=vote.round.slug, status=404)


def test_visitors_must_sign_in(vote: Vote, browser: Browser) -> None:
    browser.get("tally_organiser.show", slug=vote.round.slug, status=303)
    browser.get("results.preview", slug=vote.round.slug, status=303)
