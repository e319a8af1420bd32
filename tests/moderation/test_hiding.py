"""Words that a moderator hides are gone from everywhere at once, in every phase, and come back when shown again."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import NotAllowedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.plan_texts import read_plans
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, ModerationFault, hide_words, show_words
from buurtbegroot.moderation.models import Case, CaseState, Reason
from buurtbegroot.proposals.actions import edit_proposal, erase_maker
from buurtbegroot.proposals.domain.drafts import DraftLine
from buurtbegroot.proposals.models import MAKER, Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.proposals.queries import draft_of, similar_proposals
from tests.factories.accounts import person
from tests.moderation.conftest import CANARY, FINE, WORDS, Aviary
from tests.pages import Browser, SignIn
from tests.refusals import refused

HIDING = Hiding(reason=Reason.PERSONAL)


def outbox(aviary: Aviary, kind: str) -> list[OutboxMail]:
    rows = select(OutboxMail).where(OutboxMail.template == kind).order_by(OutboxMail.id)
    return [*aviary.session.scalars(rows)]


def test_no_page_file_or_mail_holds_a_hidden_word_and_all_have_it_again(full: Aviary, app: Flask) -> None:
    visitor, slugs = Browser(app), [each.slug for each in full.rounds]
    public = {
        *(each.path for each in full.plans),
        *(f"{full.plans[0].path}/versies{each}" for each in ("", "/1", "/2", "/2?met=1")),
        "/plannen",
        f"/plannen?zoek={CANARY}",
        *(f"/rondes/{slug}/plannen?zoek={CANARY}" for slug in slugs),
        f"/rondes/{slugs[1]}/stemmen",
        f"/rondes/{slugs[1]}/stembus/plans.json",
        f"/rondes/{slugs[2]}/stembus/plans.json",
        f"/rondes/{slugs[2]}/uitslag",
        f"/logboek?over={full.plans[0].key}",
    }
    assert full.singing(visitor, public) == public
    full.hide()
    assert full.singing(visitor, full.addresses()) == set()
    mails = outbox(full, "moderation_hidden")
    assert len(mails) == 3
    for text in (compose_plain(app, mail) for mail in mails):
        assert CANARY not in text.casefold()
        assert "Gegevens van iemand anders" in text
    full.show()
    assert full.singing(visitor, public) == public
    assert len(outbox(full, "moderation_shown")) == 3
    found = verify_log(full.session)
    assert (found.problem, {each.key for each in full.plans} & found.otherwise.keys()) == (None, set())


def compose_plain(app: Flask, mail: OutboxMail) -> str:
    with app.test_request_context():
        body = compose(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["visitor", "resident", "elsewhere"])
def test_whoever_does_not_moderate_here_finds_them_nowhere_and_everywhere_again(
    full: Aviary, signed_in: SignIn, kind: str
) -> None:
    session = full.session
    users = {"resident": person(session), "elsewhere": person(session, Role.COORDINATOR, "K")}
    browser = signed_in(users[kind]) if kind in users else Browser(full.app)
    before = full.singing(browser, full.addresses())
    assert len(before) > 20, "a walk that finds too little proves nothing"
    full.hide()
    assert full.singing(browser, full.addresses()) == set()
    full.show()
    assert before <= full.singing(browser, full.addresses())


def test_title_number_and_cost_stay_unless_the_title_is_hidden_too(aviary: Aviary, app: Flask) -> None:
    plan = aviary.plans[0]
    aviary.hide(title_too=False)
    page = Browser(app).get(plan.path)
    assert plan.stored_title in page.text
    assert "€ 300" in page.text.replace("\xa0", " ")
    assert "Een moderator deed dat op" in page.text
    assert "Gegevens van iemand anders" in page.text
    assert plan.stored_summary not in page.text
    assert plan.stored_title in Browser(app).get(f"/plannen?zoek={CANARY}").text, "a title that shows is found"
    hide_words(
        aviary.session,
        plan,
        Hiding(reason=Reason.HATE, title_too=True),
        seen=plan.version,
        by=aviary.moderator,
        now=aviary.now,
    )
    aviary.session.commit()
    page = Browser(app).get(plan.path)
    assert f"Plan {plan.number}" in page.text
    assert CANARY not in page.text.casefold()
    assert "Discriminatie" in page.text


def test_the_log_says_that_and_why_and_never_the_words(aviary: Aviary, app: Flask) -> None:
    aviary.hide()
    told = aviary.session.scalars(select(AuditEntry).where(AuditEntry.action == "moderation.hidden")).all()
    assert [entry.public_payload for entry in told] == [{"reason": "gegevens", "title_too": True}]
    line = Browser(app).get("audit.show", seq=told[0].seq)
    assert "Een moderator verborg de tekst, ook de titel. Reden: Gegevens van iemand anders." in line.text
    first = aviary.session.scalars(select(AuditEntry).where(AuditEntry.action == "proposals.submitted")).one()
    page = Browser(app).get("audit.show", seq=first.seq)
    assert "zijn verborgen, omdat er verborgen woorden in staan" in page.text
    assert first.payload_commitment in page.text
    assert first.details is not None
    assert first.details.salt not in page.text, "with the salt one could guess what is withheld"


def test_only_who_moderates_there_and_made_none_of_it(aviary: Aviary) -> None:
    session, plan = aviary.session, aviary.plans[0]
    for other in (aviary.maker, person(session, Role.STAFF, "E"), person(session, Role.COORDINATOR, "K")):
        with pytest.raises(NotAllowedError):
            hide_words(session, plan, HIDING, seen=plan.version, by=other, now=aviary.now)
    with refused(ModerationFault.SHOWN):
        show_words(session, plan, FINE, seen=plan.version, by=aviary.moderator, now=aviary.now)
    session.rollback()
    own = person(session, Role.COORDINATOR, "E")
    plan.author = own
    session.flush()
    with refused(ModerationFault.OWN):
        hide_words(session, plan, HIDING, seen=plan.version, by=own, now=aviary.now)


def test_the_maker_still_has_the_words_and_what_is_changed_meanwhile_shows_nowhere(aviary: Aviary) -> None:
    session, plan = aviary.session, aviary.plans[0]
    hide_words(
        session,
        plan,
        Hiding(reason=Reason.ABUSE, title_too=True),
        seen=plan.version,
        by=aviary.moderator,
        now=aviary.now,
    )
    typed = draft_of(plan)
    assert CANARY in typed.summary
    assert CANARY in typed.lines[0].what
    edit_proposal(session, plan, typed, seen=plan.version, by=aviary.maker, now=aviary.now)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert last.action == "proposals.edited"
    assert CANARY not in json.dumps(last.public_payload)
    assert CANARY not in plan.search
    assert [*similar_proposals(session, plan)] == []
    show_words(session, plan, FINE, seen=plan.version, by=aviary.moderator, now=aviary.now)
    assert plan.title == typed.title
    assert CANARY in plan.search


def test_what_a_hidden_plan_said_before_it_changed_is_never_shown_again(aviary: Aviary, app: Flask) -> None:
    session, plan, visitor = aviary.session, aviary.plans[0], Browser(app)
    public = [plan.path, *(f"{plan.path}/versies{each}" for each in ("", "/1", "/2", "/3", "/3?met=1"))]
    public += ["/open-data/plannen-machine.csv", f"/logboek?over={plan.key}"]
    entries = session.scalars(select(AuditEntry.seq).where(AuditEntry.object == plan.key)).all()
    public += [f"/logboek/{seq}" for seq in entries]
    aviary.hide()
    line = DraftLine(what="Zand", quantity=1, unit_cents=30_000, source="")
    words: dict[str, Any] = dict.fromkeys(WORDS, "Netjes.")
    clean = dataclasses.replace(draft_of(plan), **words, lines=(line,))
    edit_proposal(session, plan, clean, seen=plan.version, by=aviary.maker, now=aviary.now)
    session.commit()
    assert plan.hidden_at is not None, "changing shows nothing"
    assert session.scalars(select(Case.state)).one() is CaseState.OPEN
    aviary.show()
    assert "Netjes." in visitor.get(plan.path).text
    assert aviary.singing(visitor, public) == set()
    assert "eerdere versie is verborgen" in visitor.get(f"{plan.path}/versies/3").text
    assert "is verborgen" in visitor.get(f"{plan.path}/versies/1").text
    assert verify_log(session).problem is None
    aviary.hide()
    aviary.show()
    assert "Netjes." in visitor.get(f"{plan.path}/versies/3").text, "unchanged since it was hidden"
    assert aviary.singing(visitor, public) == set()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(update(ProposalRevision).values(withheld_at=None))


def test_a_bundle_holds_no_words_and_those_beside_it_verify_with_or_without_the_hidden(
    full: Aviary, app: Flask, tmp_path: Path
) -> None:
    plan, browser = full.plans[2], Browser(app)
    slug, folder = plan.round.slug, KeyStore(tmp_path / "keys").folder(plan.round_id)
    (tmp_path / "b.zip").write_bytes(browser.raw("box.bundle_file", slug=slug).data)
    (tmp_path / "verify.py").write_bytes(browser.raw("box.verifier_file").data)
    assert CANARY.encode() not in (tmp_path / "b.zip").read_bytes()

    def verified() -> str:
        (tmp_path / "plans.json").write_bytes(browser.raw("box.plans_file", slug=slug).data)
        command = [sys.executable, "-I", "-S", "-E", "verify.py", "b.zip", "--plans", "plans.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Teksten vergeleken: 3 van 3 plannen" in verified()
    full.hide()
    assert "Teksten vergeleken: 2 van 3 plannen" in verified()
    assert plan.id not in read_plans((tmp_path / "plans.json").read_bytes())
    erase_maker(full.session, subject_of(full.maker), by=full.maker, now=full.now)
    full.session.commit()
    assert plan.stored_author_name == ""
    full.show()
    assert (tmp_path / "plans.json").read_bytes() != folder.plans.read_bytes()
    assert "Teksten vergeleken: 3 van 3 plannen" in verified()
    assert (tmp_path / "plans.json").read_bytes() == folder.plans.read_bytes()


def test_nothing_that_goes_with_an_account_is_ever_in_plans_json(full: Aviary, tmp_path: Path) -> None:
    plan = full.plans[1]
    said = read_plans(KeyStore(tmp_path / "keys").folder(plan.round_id).plans.read_bytes())[plan.id].texts
    assert said["body"] == plan.body
    assert not {*MAKER} & {*said}
    assert plan.author_name not in said.values()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["words", "title", "show", "edit"]), max_size=6))
def test_after_any_acts_one_reads_what_the_last_one_left(aviary: Aviary, acts: list[str]) -> None:
    session, plan, by = aviary.session, aviary.plans[0], aviary.moderator
    is_hidden = title_too = False
    if plan.hidden_at:
        show_words(session, plan, FINE, seen=plan.version, by=by, now=aviary.now)
    for act in acts:
        if act == "edit":
            edit_proposal(session, plan, draft_of(plan), seen=plan.version, by=aviary.maker, now=aviary.now)
        elif act != "show":
            is_hidden, title_too = True, act == "title"
            hiding = Hiding(reason=Reason.OTHER, title_too=title_too)
            hide_words(session, plan, hiding, seen=plan.version, by=by, now=aviary.now)
        elif is_hidden:
            is_hidden = title_too = False
            show_words(session, plan, FINE, seen=plan.version, by=by, now=aviary.now)
        session.expire_all()
        row = session.execute(
            select(Proposal.title, Proposal.summary, Proposal.place, Proposal.search).where(Proposal.id == plan.id)
        ).one()
        assert (row.title, row.summary, row.place, row.search) == (plan.title, plan.summary, plan.place, plan.search)
        assert (CANARY in row.title) is not title_too
        assert (CANARY in row.summary) is not is_hidden
        assert (CANARY in row.search) is not title_too
        withheld = session.scalars(select(AuditEntry).where(AuditEntry.object == plan.key)).all()
        assert is_hidden is any(entry.withheld is not None for entry in withheld)


def test_a_hidden_title_leaves_mail_that_waits(aviary: Aviary) -> None:
    """A mail that a maker did not get yet names the plan by its number, and the outbox holds the title no more."""
    (plan,) = aviary.plans
    values = {"title": plan.stored_title, "told": {"plan": plan.mailed_name}}
    mail = enqueue_mail(
        aviary.session, recipient="an@example.org", template="x", values=values, language="nl", now=aviary.now
    )
    aviary.hide()
    assert mail.values == {"title": "Plan 1", "told": {"plan": "1 (Plan 1)"}}
