"""Opening a vote from the workplace."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.box.models import Booth
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.dual_control import seen_on, shown_now
from tests.factories.proposals import plan
from tests.pages import Browser, SignIn

LOOKED = {"plannen": "y", "regels": "y"}


@pytest.fixture
def two(app: Flask, session: Session, plans: list[Proposal], signed_in: SignIn, tmp_path: Path) -> list[Browser]:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    people = [person(session, Role.COORDINATOR, "E") for _ in range(2)]
    session.commit()
    return [signed_in(one) for one in people]


def test_two_people_open_the_box(two: list[Browser], round_: Round, session: Session) -> None:
    first, second = two
    assert "Er zijn nog geen stemcodes" in first.get("booth_organiser.opening", slug=round_.slug).text
    first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=200, slug=round_.slug)
    first.send("booth_organiser.request_opening", on="booth_organiser.opening", slug=round_.slug)
    assert "Een andere organisator moet bevestigen" in first.get("booth_organiser.opening", slug=round_.slug).text
    page = second.get("booth_organiser.opening", slug=round_.slug)
    assert "Bevestig en open" in page.text
    assert "Er kunnen maar 2 mensen stemmen." in page.text
    first.post("booth_organiser.confirm_opening", seen_on(page) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is None
    unread = second.post("booth_organiser.confirm_opening", seen_on(page), status=422, slug=round_.slug)
    assert "Kijk eerst de plannen en hun kosten na" in unread.text
    second.post("booth_organiser.confirm_opening", seen_on(page) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is not None
    assert "De stembus is open" in second.get("booth_organiser.opening", slug=round_.slug).text
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"voting.codes_issued", "voting.opened", "rounds.frozen"} <= actions
    late = first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=409, slug=round_.slug)
    assert "ligt vast" in late.text


def test_opening_without_codes_says_what_is_missing(two: list[Browser], round_: Round, session: Session) -> None:
    two[0].post("booth_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    two[1].post("booth_organiser.confirm_opening", {"gezien": "x"} | LOOKED, slug=round_.slug)
    assert "Er zijn nog geen stemcodes" in two[1].get("booth_organiser.opening", slug=round_.slug).text
    assert session.scalar(select(func.count()).select_from(Booth)) == 0


def test_another_stadsdeels_organiser_finds_nothing(
    app: Flask, round_: Round, session: Session, signed_in: SignIn, now: datetime
) -> None:
    other = signed_in(person(session, Role.COORDINATOR, "K"))
    for endpoint in ("registry_organiser.codes", "booth_organiser.opening"):
        other.get(endpoint, status=404, slug=round_.slug)
    other.post("booth_organiser.confirm_opening", status=404, slug=round_.slug)


def test_a_vote_does_not_open_while_a_plan_waits_for_a_verdict(
    two: list[Browser], round_: Round, session: Session, now: datetime
) -> None:
    waiting = [
        plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, title=f"Bank {place}") for place in (1, 2)
    ]
    session.commit()
    first, second = two
    first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=200, slug=round_.slug)
    page = first.get("booth_organiser.opening", slug=round_.slug)
    links = {link.get("href"): link.text for link in page.find(".//main//ul//a")}
    for one in waiting:
        assert links[f"/werkplek/rondes/{round_.slug}/plannen/{one.number}"] == one.title
    assert "2 plannen wachten op een oordeel" in page.text
    assert "Vraag de opening aan" not in page.text
    assert "Toets de plannen" in first.get("rounds_organiser.index").text
    first.post("booth_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    asked = second.get("booth_organiser.opening", slug=round_.slug)
    second.post("booth_organiser.confirm_opening", shown_now(session, OPEN, round_) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is None
    assert "2 plannen wachten op een oordeel" in asked.text
    for one in waiting:
        one.status = ProposalStatus.REFUSED
    session.commit()
    assert "wachten op een oordeel" not in first.get("booth_organiser.opening", slug=round_.slug).text
