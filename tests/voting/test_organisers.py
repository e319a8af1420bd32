"""Issuing codes and opening a vote from the workplace."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.models import Booth
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.voting.dual_acts import OPEN
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


def rows(answer: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.removeprefix("\ufeff")), delimiter=";"))


def test_a_batch_is_a_file_that_is_given_once(two: list[Browser], round_: Round, session: Session) -> None:
    answer = two[0].post("registry_organiser.issue", {"aantal": "2", "reserve": "1"}, status=200, slug=round_.slug)
    assert answer.response.headers["Cache-Control"] == "no-store"
    listed = rows(answer.response.text)
    assert [row["soort"] for row in listed] == ["stemcode", "stemcode", "reserve"]
    assert all(row["adres"].endswith("/stem#" + row["stemcode"].replace("-", "")) for row in listed)
    assert session.scalar(select(func.count()).select_from(RegisteredCode)) == 3
    page = two[0].get("registry_organiser.codes", slug=round_.slug)
    assert listed[0]["stemcode"] not in page.html


@pytest.mark.parametrize("number", ["", "0", "501", "-1", "veel", "9" * 30])
def test_an_impossible_number_is_refused(two: list[Browser], round_: Round, number: str) -> None:
    page = two[0].post("registry_organiser.issue", {"aantal": number, "reserve": "0"}, status=422, slug=round_.slug)
    assert page.title.startswith("Fout: ")


def test_two_people_open_the_box(two: list[Browser], round_: Round, session: Session) -> None:
    first, second = two
    assert "Er zijn nog geen stemcodes" in first.get("voting_organiser.opening", slug=round_.slug).text
    first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=200, slug=round_.slug)
    first.send("voting_organiser.request_opening", on="voting_organiser.opening", slug=round_.slug)
    assert "Een andere organisator moet bevestigen" in first.get("voting_organiser.opening", slug=round_.slug).text
    page = second.get("voting_organiser.opening", slug=round_.slug)
    assert "Bevestig en open" in page.text
    first.post("voting_organiser.confirm_opening", seen_on(page) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is None
    unread = second.post("voting_organiser.confirm_opening", seen_on(page), status=422, slug=round_.slug)
    assert "Kijk eerst de plannen en hun kosten na" in unread.text
    second.post("voting_organiser.confirm_opening", seen_on(page) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is not None
    assert "De stembus is open" in second.get("voting_organiser.opening", slug=round_.slug).text
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"voting.codes_issued", "voting.box_opened", "rounds.frozen"} <= actions
    late = first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=409, slug=round_.slug)
    assert "ligt vast" in late.text


def test_opening_without_codes_says_what_is_missing(two: list[Browser], round_: Round, session: Session) -> None:
    two[0].post("voting_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    two[1].post("voting_organiser.confirm_opening", {"gezien": "x"} | LOOKED, slug=round_.slug)
    assert "Er zijn nog geen stemcodes" in two[1].get("voting_organiser.opening", slug=round_.slug).text
    assert session.scalar(select(func.count()).select_from(Booth)) == 0


def test_another_stadsdeels_organiser_finds_nothing(
    app: Flask, round_: Round, session: Session, signed_in: SignIn, now: datetime
) -> None:
    other = signed_in(person(session, Role.COORDINATOR, "K"))
    for endpoint in ("registry_organiser.codes", "voting_organiser.opening"):
        other.get(endpoint, status=404, slug=round_.slug)
    other.post("voting_organiser.confirm_opening", status=404, slug=round_.slug)


def test_a_vote_does_not_open_while_a_plan_waits_for_a_verdict(
    two: list[Browser], round_: Round, session: Session, now: datetime
) -> None:
    waiting = [
        plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, title=f"Bank {place}") for place in (1, 2)
    ]
    session.commit()
    first, second = two
    first.post("registry_organiser.issue", {"aantal": "2", "reserve": "0"}, status=200, slug=round_.slug)
    page = first.get("voting_organiser.opening", slug=round_.slug)
    links = {link.get("href"): link.text for link in page.find(".//main//ul//a")}
    for one in waiting:
        assert links[f"/werkplek/rondes/{round_.slug}/plannen/{one.number}"] == one.title
    assert "2 plannen wachten op een oordeel" in page.text
    assert "Vraag de opening aan" not in page.text
    assert "Toets de plannen" in first.get("rounds_organiser.index").text
    first.post("voting_organiser.request_opening", shown_now(session, OPEN, round_), slug=round_.slug)
    asked = second.get("voting_organiser.opening", slug=round_.slug)
    second.post("voting_organiser.confirm_opening", shown_now(session, OPEN, round_) | LOOKED, slug=round_.slug)
    session.expire_all()
    assert round_.opened_at is None
    assert "2 plannen wachten op een oordeel" in asked.text
    for one in waiting:
        one.status = ProposalStatus.REFUSED
    session.commit()
    assert "wachten op een oordeel" not in first.get("voting_organiser.opening", slug=round_.slug).text
