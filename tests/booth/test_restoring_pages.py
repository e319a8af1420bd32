"""The page on which two people go on after a backup, and what everybody reads about it."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW, Clock
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, open_vote_in
from tests.pages import Browser, SignIn

PAGE = "booth_organiser.restored"


@pytest.fixture
def opened(
    app: Flask, session: Session, round_: Round, plans: list[Proposal], monkeypatch: pytest.MonkeyPatch
) -> OpenVote:
    """Return a vote whose files lie where those of the site do."""
    assert plans
    folder = Path(site_keys(session).directory)
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(folder))
    vote = open_vote_in(session, round_, folder=folder, now=NOW, pool=3, reserve=2)
    session.commit()
    return vote


def test_two_organisers_go_on_and_everybody_reads_it(
    opened: OpenVote, session: Session, signed_in: SignIn, browser: Browser, clock: Clock
) -> None:
    slug = opened.round.slug
    people = [person(session, Role.COORDINATOR, "E") for _ in range(2)]
    session.commit()
    first, other = map(signed_in, people)
    assert "niets teruggezet" in first.get(PAGE, slug=slug).text
    assert "reservekopie." not in browser.get("box.show", slug=slug).text
    opened.keys.raise_pulse(opened.round.id, 1)  # the database has none
    assert "Tot twee organisatoren hebben gekeken" in browser.get("box.show", slug=slug).text
    page = first.get(PAGE, slug=slug)
    assert "Codes voor accounts die vervallen1" in page.text
    assert "Codes uit de reserve die opgehaald kunnen worden1" in page.text
    seen = {"gezien": page.find(".//input[@name='gezien']")[0].get("value")}
    first.post("booth_organiser.request_restore", seen, slug=slug)
    first.post("booth_organiser.withdraw_restore", slug=slug)
    first.post("booth_organiser.request_restore", seen, slug=slug)
    first.post("booth_organiser.confirm_restore", seen, slug=slug)
    assert "Een andere organisator moet het bevestigen" in first.get(PAGE, slug=slug).text
    assert f"{opened.round.title}: ga verder na een reservekopie" in other.get("rounds_organiser.index").text
    other.post("booth_organiser.confirm_restore", seen, slug=slug)
    assert "niets teruggezet" in other.get(PAGE, slug=slug).text
    public = browser.get("box.show", slug=slug).text
    assert "Deze stembus is teruggezet uit een reservekopie." in public
    assert "Bij ontvangstbewijzen van voor die tijd staat epoch: 00000." in public
    assert "Doe het dan opnieuw." in public
    clock.now += timedelta(days=30)
    later = browser.get("box.show", slug=slug).text
    assert ("Deze stembus is teruggezet" in later, "Doe het dan opnieuw." in later) == (True, False)
    clock.now = NOW
    assert "Twee mensen gingen verder na een reservekopie" in browser.get("audit.index").text
