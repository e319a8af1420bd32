"""What the rooms keep of a person: given whole on request, and gone from every table when the account is deleted."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Column, Enum, LargeBinary, String, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import delete_account
from buurtbegroot.accounts.events import SessionsEnded
from buurtbegroot.accounts.models import HeldForm, Role, SignInLink, User, UserSession
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import NotAllowedError
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model
from buurtbegroot.discussion.models import EarlierText
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.exports.models import Export
from buurtbegroot.house import ROOMS
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.models import Appeal, Case, CaseState, Reason, Report
from buurtbegroot.proposals.actions import Verdict, decide_proposal
from buurtbegroot.proposals.models import CostLine, Decision, Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.registry.actions.pool import draw_code
from buurtbegroot.rooms import Kept, Promise, Register
from buurtbegroot.rounds.queries.own import own_rounds
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.discussion import contribution
from tests.factories.dual_control import agreed, confirm_row
from tests.factories.guards import unguarded
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


OF_NOBODY = {
    "area", "postcode", "round_area", "theme", "pot",  # the city and its money
    "population_file", "population_row",  # how many people live where
    "akkoord_edition", "akkoord_group", "akkoord_milestone", "akkoord_point", "akkoord_figure",
    "akkoord_status_change",  # the accord, as the organisation writes it
    "attempt", "sent_form",  # hashes under a secret of the day, and where a form led, all gone within a day
    "job", "told_work",  # numbers of things and kinds of error only; names of rounds and plans that wait
    "audit_head", "audit_checkpoint", "audit_cosignature", "audit_point",  # hashes and signatures
    "booth", "registered_code", "code_void", "opened_ballot", "nullifier",
    "thread",  # figures of a discussion
    "tally", "plan_result",  # what is public of a vote, or will be; nothing leads from there to a person
}  # fmt: skip
"""The tables in which no text is of a person."""
OF_NOBODY_TOO = {
    *(f"audit_entry.{name}" for name in ("role", "action", "points", "payload_commitment", "prev", "hash", "mark")),
    "moderation_case.kind", "moderation_case.area_code", "moderation_case.reason",
    "audit_entry.state", "audit_payload.salt", "dual_request.fingerprint", "proposal.source_key",
    "proposal_revision.changed",
    *(f"export.{name}" for name in ("token", "data_set", "ending", "language")),
    *(f"round.{name}" for name in (
        "slug", "title", "summary", "owner_code", "contact", "decision_url", "rules", "fingerprint", "lot_seed", "note",
        "archive", "criteria",
    )),
}  # fmt: skip
"""Other columns of text that are not of a person."""


def texts() -> dict[str, Column[Any]]:
    """Return every column in which somebody could type or a program could write something of a person."""
    return {
        f"{table.name}.{column.name}": column
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary) and not isinstance(column.type, Enum)
    }


def test_every_text_is_of_nobody_or_some_room_says_how_it_is_given_and_erased() -> None:
    declared = {column for each in KEPT for column in each.columns}
    open_to_persons = {name for name in texts() if name.partition(".")[0] not in OF_NOBODY} - OF_NOBODY_TOO
    assert open_to_persons - declared == set(), "say in the room's descriptor how it is given and erased (kept=)"
    assert {name for name in OF_NOBODY_TOO if name not in texts()} == set()
    assert OF_NOBODY - set(Model.metadata.tables) == set()


SEALED_OR_DERIVED = {
    "user_account.totp_secret", "sign_in_link.token_hash", "user_session.token_hash",  # they would let somebody in
    "proposal.search",  # the title, summary and place once more
    "outbox_mail.values", "outbox_mail.language", "outbox_mail.last_error",  # links that sign in; ours, not theirs
    "sign_in_link.email", "outbox_mail.recipient",  # the address of the account, by which these are found
    "waiting_form.email", "waiting_form.key", "waiting_form.once", "waiting_form.content",  # the same; tokens of pages
    "waiting_link.token_hash", "waiting_link.form_key",
    "moderation_report.network",  # under a secret of the day
    "role_grant.granted_by",  # who gave it; an own pseudonym in it gives `roles_given`
}  # fmt: skip
"""What is not given word for word."""
OF_A_KIND = {
    "role_grant.area_code", "proposal.buurt_code", "user_account.language", "user_account.pseudonym",
    "dual_request.act", "dual_request.object", "decision.answers", "audit_entry.actor", "audit_entry.object",
    "audit_payload.payload",
}  # fmt: skip
"""What holds one of a few words, or is fixed once written; the tests below look at what is given of it."""


def mark(column: str) -> str:
    """Return a text that can only come from this column, as long as a mail address may be short."""
    return f"k-{column.replace('.', '-').replace('_', '-')}"[:40]


def fill(row: Any) -> None:
    """Write its mark into every column of a row that can hold something of a person."""
    table = row.__table__
    for name, column in texts().items():
        if column.table is table and name in MARKED:
            value: Any = mark(name)[: getattr(column.type, "length", None) or 40]
            kinds = {"held_form.fields": [["title", value]], "outbox_mail.values": {"x": value}}
            kinds |= {"dual_request.shown": {"x": value}, "proposal_revision.content": json.dumps({"x": value})}
            kinds |= {"waiting_form.told": {"x": value}, "waiting_form.fields": [["title", value]]}
            kinds |= {"moderation_report.network": value.encode()}
            setattr(row, column.name, kinds.get(name, value))


MARKED = {
    column for each in KEPT if each.give for column in each.columns
    if column in texts() and column not in OF_A_KIND | {"pool_draw.account"}
}  # fmt: skip


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


def test_every_column_of_a_person_is_given_and_erased(
    signed_in: Callable[[User], Browser], session: Session, now: datetime
) -> None:
    areas, user, other = small_city(session), person(session), person(session, Role.ADMINISTRATOR)
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    concept = plan(session, round_, now=now, author=user, status=ProposalStatus.CONCEPT)
    concept.lines = [CostLine(position=1, what="x", quantity=1, unit_cents=1)]
    asked = DualRequest(act="reset_second_factor", object=f"person:{user.pseudonym}", fingerprint="")
    asked.requested_by_id, asked.requested_at = other.id, now
    decided = Decision(proposal_id=concept.id, admitted=False, decided_by_id=user.id, decided_at=now, reason="")
    version = ProposalRevision(proposal=concept, number=1, estimate_cents=0, author_id=user.id, saved_at=now)
    browser = signed_in(user)
    device = session.scalars(select(UserSession)).one()
    fill(user)
    link = SignInLink(expires_at=now + timedelta(hours=1))
    form = HeldForm(user_id=user.id, expires_at=now + timedelta(hours=1))
    mail = OutboxMail(created_at=now, next_try_at=now)
    export = Export(user_id=user.id, token="t", data_set="d", ending=".csv", language="nl", rows=1, asked_at=now)
    said = contribution(plan(session, round_, now=now, status=ProposalStatus.SUBMITTED), now=now, author=user)
    session.add(said)
    session.flush()
    earlier = EarlierText(contribution_id=said.id, number=1, replaced_at=now, body="")
    waiting, waiting_link = WaitingForm(mailed_at=now, expires_at=now), WaitingLink(expires_at=now)
    about = {"kind": "proposal", "number": 1, "area_code": "E", "since": now, "ruled_by_id": user.id}
    case = Case(**about, state=CaseState.CLOSED)
    session.add(case)
    session.flush()
    report = Report(case_id=case.id, user_id=user.id, reason=Reason.OTHER, version=1, reported_at=now)
    appeal = Appeal(case_id=case.id, maker_id=user.id, hidden_at=now, made_at=now, judged_by_id=user.id)
    forms = (link, form, mail, waiting, waiting_link, export)
    for row in (concept, concept.lines[0], version, asked, decided, *forms, case, report, appeal, said, earlier):
        fill(row)
    device.device = mark("user_session.device")
    link.email = mail.recipient = waiting.email = user.email
    waiting_link.form_key = waiting.key
    session.add_all([link, form, mail, export, waiting, asked, decided, version, report, appeal, earlier])
    session.flush()
    session.add(waiting_link)
    confirm_row(session, asked, by=person(session), now=now)
    session.commit()
    marks = {name: mark(name)[: getattr(texts()[name].type, "length", None) or 40] for name in MARKED}
    unsaid = {"user_session.token_hash", "sign_in_link.email", "outbox_mail.recipient", "role_grant.granted_by"}
    unsaid |= {"waiting_form.email", "waiting_link.form_key"}
    stored = {name for name, value in everywhere(session) if name in marks and marks[name] in str(value)}
    assert stored == MARKED - unsaid, "give each column a mark above"
    given = browser.raw("accounts.export").text
    assert {name for name in MARKED - SEALED_OR_DERIVED if marks[name] not in given} == set()
    with unguarded(session):  # both stay with a plan that is public
        session.delete(decided)
        session.delete(version)
    case.explained = ""
    session.commit()
    browser.post("accounts.delete", {"sure": "y"})
    assert {name for name, value in everywhere(session) if marks.get(name, CANARY) in str(value)} == set()


def test_what_others_did_to_a_person_is_given(
    signed_in: Callable[[User], Browser],
    session: Session,
    now: datetime,
    tmp_path: Path,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    areas, user = small_city(session), person(session)
    two = person(session, Role.ADMINISTRATOR, "0363"), person(session)
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    for cents in (40_000, 50_000):
        plan(session, round_, now=now, cents=cents)
    vote = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, pool=2)
    draw_code(session, round_id=round_.id, keys=vote.keys, by=user, now=now)
    agreed(session, "reset_second_factor", f"person:{user.pseudonym}", two=two, now=now)
    record(session, SessionsEnded(object=f"person:{user.pseudonym}"), by=two[0], now=now)
    session.commit()
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    data = export_of(signed_in(user))
    assert data["draws"] == [{"round": round_.slug, "drew": "yes", "day": now.date().isoformat()}]
    assert [(each["act"], each["asked"]) for each in data["acts_by_two"]] == [("reset_second_factor", False)]
    assert [(each["action"], each["by_me"]) for each in data["log"]] == [("accounts.sessions_ended", False)]
    assert export_of(signed_in(two[0]))["draws"] == []
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "nowhere"))
    assert export_of(signed_in(user))["draws"] == [{"round": round_.slug, "drew": "unknown", "day": None}]


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
    assert f"nog hoogstens {app.config['BACKUP_DAYS']} dagen" in page.text
