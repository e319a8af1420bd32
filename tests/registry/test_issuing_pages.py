"""Issuing codes from the workplace."""

import csv
import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.pages import Browser, SignIn


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
    assert all(row["adres"].endswith(f"/stem/{round_.id}#" + row["stemcode"].replace("-", "")) for row in listed)
    assert session.scalar(select(func.count()).select_from(RegisteredCode)) == 3
    page = two[0].get("registry_organiser.codes", slug=round_.slug)
    assert listed[0]["stemcode"] not in page.html


@pytest.mark.parametrize("number", ["", "0", "501", "-1", "veel", "9" * 30])
def test_an_impossible_number_is_refused(two: list[Browser], round_: Round, number: str) -> None:
    page = two[0].post("registry_organiser.issue", {"aantal": number, "reserve": "0"}, status=422, slug=round_.slug)
    assert page.title.startswith("Fout: ")
