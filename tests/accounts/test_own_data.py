"""What the rooms keep of a person: given whole on request, and gone from every table when the account is deleted."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import delete_account
from buurtbegroot.accounts.models import HeldForm, Role, SignInLink, User
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import NotAllowedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model
from buurtbegroot.house import ROOMS
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.proposals.actions import Verdict, decide_proposal
from buurtbegroot.proposals.models import CostLine, Proposal, ProposalStatus
from buurtbegroot.rooms import Kept, Promise, Register
from buurtbegroot.rounds.queries.own import own_rounds
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.dual_control import agreed
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import open_vote_in
from tests.pages import Browser, Page

CANARY = "Kanarie Zangvogel"
KEPT = Register(ROOMS).kept


def columns_to_people() -> set[str]:
    """Return the columns of every table that lead to an account."""
    return {
        f"{table.name}.{key.parent.name}"
        for table in Model.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "user_account"
    }


def test_every_column_that_leads_to_an_account_is_given_and_erased_or_says_why_not() -> None:
    declared = {column for each in KEPT for column in each.columns}
    assert columns_to_people() - declared == set(), "say in the room's descriptor how it is given and erased (kept=)"
    existing = {f"{table.name}.{column.name}" for table in Model.metadata.sorted_tables for column in table.columns}
    assert declared - existing == set()


def test_what_is_not_given_or_not_erased_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="say why"):
        Kept(name="notes", give=own_rounds)


def everywhere(session: Session) -> Iterator[tuple[str, Any]]:
    """Yield every value that the database holds, with its column."""
    session.expire_all()
    for table in Model.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            yield from ((f"{table.name}.{name}", value) for name, value in row.items())


@pytest.fixture
def author(session: Session, now: datetime, tmp_path: Path) -> User:
    """Somebody of whom every room keeps something: a concept, plans before and on an opened ballot, mail, a form."""
    areas, user = small_city(session), person(session)
    user.name, user.email = CANARY, "kanarie@example.org"
    voted_on = round_in(session, Phase.VOTING, areas=areas, now=now)
    submitting = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    plans = [
        plan(session, submitting, now=now, author=user, status=ProposalStatus.CONCEPT, title="Geheime bank"),
        plan(session, submitting, now=now, author=user, status=ProposalStatus.SUBMITTED, title="Open bank"),
        plan(session, voted_on, now=now, author=user, title="Groene bank"),
        plan(session, voted_on, now=now),
    ]
    plans[0].lines = [CostLine(position=1, what="Hout", quantity=2, unit_cents=500)]
    for each in plans[:3]:
        each.author_name = CANARY
    open_vote_in(session, voted_on, folder=tmp_path / "keys", now=now)
    enqueue_mail(session, recipient=user.email, template="sign_in", values={"name": CANARY}, language="nl", now=now)
    session.add(SignInLink(token_hash="x", email=user.email, expires_at=now))
    session.add(HeldForm(user_id=user.id, path="/x", fields=[["title", CANARY]], expires_at=now))
    about, two = f"person:{user.pseudonym}", (person(session), person(session))
    agreed(session, "reset_second_factor", about, two=two, now=now, shown={"name": CANARY})
    session.commit()
    return user


def export_of(browser: Browser) -> dict[str, Any]:
    return dict(json.loads(browser.raw("accounts.export").data))


def test_a_person_gets_all_that_is_kept(signed_in: Callable[[User], Browser], author: User) -> None:
    data = export_of(signed_in(author))
    assert set(data) == {each.name for each in KEPT if each.give}
    assert [each["title"] for each in data["plans"]] == ["Geheime bank", "Open bank", "Groene bank"]
    assert data["plans"][0]["costs"][0] == {
        "what": "Hout", "quantity": 2, "unit_cents": 500, "source": "", "yearly": False
    }  # fmt: skip
    assert data["account"]["unsent_form"]["fields"] == [["title", CANARY]]
    assert len(data["account"]["mailed_links"]) == 1
    assert [each["about"] for each in data["mail"]] == ["sign_in"]


def test_an_organiser_gets_what_they_did(signed_in: Callable[[User], Browser], session: Session, now: datetime) -> None:
    areas = small_city(session)
    user = person(session, Role.COORDINATOR)
    round_ = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    round_.created_by_id = user.id
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    decide_proposal(session, found, Verdict(admitted=False, reason="Te duur."), seen=found.version, by=user, now=now)
    session.commit()
    data = export_of(signed_in(user))
    assert [each["round"] for each in data["rounds"]] == [round_.slug]
    assert [each["reason"] for each in data["decisions"]] == ["Te duur."]
    assert [each["action"] for each in data["log"]] == ["proposals.decided"]


def test_nothing_of_a_person_is_left_in_any_table(
    signed_in: Callable[[User], Browser], session: Session, author: User
) -> None:
    traces = {column for column, value in everywhere(session) if CANARY in str(value) or "kanarie@" in str(value)}
    assert traces == {
        "dual_request.shown", "held_form.fields", "outbox_mail.recipient", "outbox_mail.values", "proposal.author_name",
        "sign_in_link.email", "user_account.email", "user_account.name",
    }  # fmt: skip
    author_id = author.id
    signed_in(author).post("accounts.delete", {"sure": "y"})
    traces = {column for column, value in everywhere(session) if CANARY in str(value) or "kanarie@" in str(value)}
    assert traces == set()
    left = {column for column, value in everywhere(session) if column in columns_to_people() and value == author_id}
    assert left == set()
    assert set(session.scalars(select(Proposal.title))) == {"Open bank", "Groene bank", "Plan 2"}
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert last.action == "proposals.concept_deleted"
    assert verify_log(session).problem is None


def test_nobody_erases_somebody_else(session: Session, author: User, now: datetime) -> None:
    with pytest.raises(NotAllowedError):
        delete_account(session, author, kept=KEPT, by=person(session), now=now)
    for each in KEPT:
        if each.erase:
            with pytest.raises(NotAllowedError):
                each.erase(session, subject_of(author), by=person(session), now=now)


def test_the_privacy_page_tells_what_the_rooms_keep(app: Flask, browser: Browser) -> None:
    page: Page = browser.get("pages.privacy")
    promises: list[Promise] = [promise for each in KEPT for promise in each.told]
    for text in [text % app.config for row in promises for text in (row.what, row.why, row.until)]:
        assert text in page.text
    assert len(page.find(".//tbody/tr")) == len(promises)
