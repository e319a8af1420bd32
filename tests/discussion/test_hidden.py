"""What is hidden of a discussion is nowhere, whatever was done before; and figures are those of what is read."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from buurtbegroot.accounts.actions import delete_account
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.discussion.actions import (
    Remark,
    contribute,
    delete_contribution,
    edit_contribution,
    find_useful,
)
from buurtbegroot.discussion.actions.following_up import settle_question, take_over
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import STANCES, About, Stance, Thread
from buurtbegroot.discussion.queries.lists import Wanted, of_plan
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, Ruling, ask_for_change, hide_words, show_words
from buurtbegroot.moderation.models import Case, CaseState, Ground, Reason
from buurtbegroot.proposals.domain.drafts import Content
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.models.changes import revision_after
from buurtbegroot.rounds.models import ReadFirst
from buurtbegroot.web.register import register
from tests.discussion.conftest import Say
from tests.factories.accounts import person
from tests.pages import Browser, SignIn

CANARY, MAILBOXES = "kanariepiet", "@kooi.example"
KNOWN = {"slug", "proposal_id", "number", "kind", "seq", "code", "edition", "name", "size", "filename"}
AGAIN = Ruling(reason=Ground.MISTAKE)


def addresses(app: Flask, session: Session, plan: Proposal) -> Iterator[str]:
    """Yield the address of every GET route with the plan, its round, all contributions and lines of the log."""
    known: dict[str, list[object]] = {
        "slug": [plan.round.slug],
        "proposal_id": [plan.id],
        "number": [*session.scalars(select(Contribution.id)), 1],
        "kind": ["contribution"],
        "seq": [*range(1, (session.scalar(select(func.max(AuditEntry.seq))) or 0) + 1)],
        "code": ["E"],
        "edition": ["2019"],
        "name": ["leaves.txt"],
        "size": [0],
        "filename": [f"{name}.jsonl" for name in DATA_SETS],
    }
    assert known.keys() == KNOWN
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if _is_page(rule) and rule.arguments <= KNOWN:
            made: list[dict[str, object]] = [{}]
            for name in rule.arguments:
                made = [{**each, name: value} for each in made for value in known[name]]
            yield from (adapter.build(rule.endpoint, each) for each in made)
    for query in ("volgorde=nuttig", "volgorde=open", "volgorde=oudste", "soort=vraag", "soort=idee"):
        yield f"/plannen/{plan.id}/reacties?{query}"
        yield f"/rondes/{plan.round.slug}/reacties?{query}"
    for number in known["number"]:
        yield f"/logboek?over=contribution:{number}"


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or ())


def read(browser: Browser, found: Iterator[str]) -> dict[str, str]:
    return {each: browser.raw(each).get_data(as_text=True).casefold() for each in found}


def singing(browser: Browser, found: Iterator[str]) -> set[str]:
    return {each for each, text in read(browser, found).items() if CANARY in text}


class Choir:
    """Texts with the word in a discussion of a plan and one of its round, which go in every way that there is."""

    def __init__(self, session: Session, discussed: Proposal, say: Say, *, now: datetime) -> None:
        self.session, self.now, by, maker = session, now, person(session), discussed.author
        assert maker is not None
        self.by, self.gone, self.maker, self.plan = by, person(session), maker, discussed
        by.name = self.gone.name = f"{CANARY} Jansen"
        by.email, self.gone.email, maker.email = (f"{name}{MAILBOXES}" for name in ("een", "twee", "drie"))
        session.add(revision_after(None, discussed, Content(title="Plan", author_name="An"), now=now))
        self.hidden, self.deleted, self.unread, self.erased = (
            say(f"{CANARY} een", stance=Stance.QUESTION, by=author) for author in (by, by, by, self.gone)
        )
        self.reply = say(f"{CANARY} antwoord", by=by, to=self.hidden)
        for each in (self.unread, self.deleted, self.erased):
            say("Zo is het.", to=each)
        remark = Remark(body=f"{CANARY} hier", author_name=by.name, stance=Stance.IDEA)
        self.of_round = contribute(session, About(discussed.round), remark, by=by, now=now)
        for each in (self.hidden, self.deleted, self.erased):
            assert each.author is not None
            edit_contribution(session, each, f"{CANARY} twee", seen=each.version, by=each.author, now=now)
            find_useful(session, each, by=person(session), now=now)
            take_over(session, each, version=1, words=f"{CANARY} mee", seen=each.version, by=maker, now=now)
        session.commit()

    def goes(self, moderator: User) -> None:
        how: dict[str, Any] = {"by": self.by, "now": self.now}
        for each in (self.hidden, self.reply, self.of_round):
            hide_words(
                self.session, each, Hiding(reason=Reason.PERSONAL), seen=each.version, by=moderator, now=self.now
            )
        delete_contribution(self.session, self.deleted, seen=self.deleted.version, **how)
        self.plan.round.read_first = ReadFirst.ALL
        edit_contribution(self.session, self.unread, f"{CANARY} nieuw", seen=self.unread.version, **how)
        delete_account(self.session, self.gone, kept=register().kept, by=self.gone, now=self.now)
        self.session.commit()


@pytest.mark.slow  # walks every route
def test_mailboxes_and_hidden_words_are_on_no_page_of_anybody_else(
    app: Flask, session: Session, signed_in: SignIn, discussed: Proposal, say: Say, now: datetime
) -> None:
    moderator, choir = person(session, Role.COORDINATOR, "E"), Choir(session, discussed, say, now=now)
    found, round_page = choir.hidden, f"/rondes/{discussed.round.slug}/reacties"
    visitor = Browser(app)
    told = read(visitor, addresses(app, session, discussed))
    assert [each for each, text in told.items() if MAILBOXES in text] == []
    before = {each for each, text in told.items() if CANARY in text}
    assert {f"/plannen/{discussed.id}", found.path, f"{found.path}/geschiedenis", round_page} <= before
    choir.goes(moderator)
    for browser in (visitor, signed_in(choir.maker)):
        assert singing(browser, addresses(app, session, discussed)) == set()
    mails = session.scalars(select(OutboxMail)).all()
    assert [mail.template for mail in mails if CANARY in json.dumps(mail.values)] == []
    for each in (found, choir.reply):
        show_words(session, each, AGAIN, seen=each.version, by=moderator, now=now)
    session.commit()
    assert singing(visitor, iter([found.path])) == {found.path}


def test_the_walk_leaves_out_only_what_shows_no_words_of_others(app: Flask) -> None:
    """These are a browser's own waiting form, links and files, and somebody's account for administrators."""
    skipped = {rule.endpoint for rule in app.url_map.iter_rules() if _is_page(rule) and not rule.arguments <= KNOWN}
    own = {"waiting.show", "waiting.confirm", "accounts.link", "accounts.demo", "exports.fetch"}
    assert skipped == own | {"accounts_organiser.person"}


@pytest.mark.parametrize("changed", [True, False])
def test_shown_again_only_the_very_text_that_was_hidden_brings_back_earlier_ones(
    browser: Browser, session: Session, say: Say, now: datetime, changed: bool
) -> None:
    moderator, by = person(session, Role.COORDINATOR, "E"), person(session)
    found = say(f"{CANARY} een", by=by)
    edit_contribution(session, found, f"{CANARY} twee", seen=found.version, by=by, now=now)
    hide_words(session, found, Hiding(reason=Reason.PERSONAL), seen=found.version, by=moderator, now=now)
    if changed:
        for body in (f"{CANARY} drie", "Zo is het netjes."):
            edit_contribution(session, found, body, seen=found.version, by=by, now=now)
        assert not found.is_readable, "changing shows nothing"
        hide_words(session, found, Hiding(reason=Reason.OTHER), seen=found.version, by=moderator, now=now)
    show_words(session, found, AGAIN, seen=found.version, by=moderator, now=now)
    session.commit()
    pages = [browser.get(path).text for path in (found.path, f"{found.path}/geschiedenis")]
    assert any(CANARY in page for page in pages) is not changed
    assert any("Zo is het netjes." in page for page in pages) is changed


@pytest.mark.parametrize("read_first", ReadFirst)
def test_a_changed_hidden_text_is_a_task_until_a_moderator_shows_it(
    session: Session, discussed: Proposal, say: Say, now: datetime, read_first: ReadFirst
) -> None:
    discussed.round.read_first = read_first
    moderator, by, later = person(session, Role.COORDINATOR, "E"), person(session), now + timedelta(days=60)
    found = say("Bel 06 12345678.", by=by)
    hide_words(session, found, Hiding(reason=Reason.PERSONAL), seen=found.version, by=moderator, now=now)
    assert not edit_contribution(session, found, "Bel 06 12345678.", seen=found.version, by=by, now=now)
    case = session.scalars(select(Case)).one()
    assert case.state is CaseState.HIDDEN, "nothing changed, so nobody looks again"
    assert edit_contribution(session, found, "Bel de gemeente.", seen=found.version, by=by, now=later)
    session.refresh(case)
    assert (case.state, case.has_changed, found.is_readable) == (CaseState.OPEN, True, False)
    show_words(session, found, AGAIN, seen=found.version, by=moderator, now=later)
    session.refresh(found)
    assert (found.body, found.is_readable) == ("Bel de gemeente.", True)


def test_only_other_words_bring_a_text_back_to_the_desk(session: Session, say: Say, now: datetime) -> None:
    moderator, by = person(session, Role.COORDINATOR, "E"), person(session)
    found = say("Waarom hier? Bel 06 12345678.", stance=Stance.QUESTION, by=by)
    ruling = Ruling(reason=Reason.PERSONAL)
    ask_for_change(session, found, ruling, seen=found.version, by=moderator, now=now)
    for answered in (True, False):
        settle_question(session, found, answer_id=None, answered=answered, seen=found.version, by=by, now=now)
    case = session.scalars(select(Case)).one()
    assert (case.state, case.has_changed) == (CaseState.ASKED, False), "whoever judges it reads the same text"
    edit_contribution(session, found, "Waarom hier?", seen=found.version, by=by, now=now)
    session.refresh(case)
    assert (case.state, case.has_changed) == (CaseState.OPEN, True)


def test_the_name_under_a_hidden_text_can_be_changed(
    session: Session, signed_in: SignIn, browser: Browser, discussed: Proposal, say: Say, now: datetime
) -> None:
    moderator, by = person(session, Role.COORDINATOR, "E"), person(session)
    found = say("Zo is het.", by=by)
    writer, path, old = signed_in(by), f"{found.path}/wijzigen", found.author_name
    assert 'name="naam"' not in writer.get(path).html, "under what everyone reads it stays"
    assert not edit_contribution(session, found, "Zo is het.", name="Wil", seen=found.version, by=by, now=now)
    hide_words(session, found, Hiding(reason=Reason.POSING), seen=found.version, by=moderator, now=now)
    session.commit()
    refused = writer.post(path, writer.get(path).hidden(path) | {"tekst": "Zo is het.", "naam": "Gemeente"}, status=422)
    assert "lijkt op die van een organisator" in refused.text
    with pytest.raises(RefusedError):
        edit_contribution(session, found, "Zo is het.", name="Gemeente", seen=found.version, by=by, now=now)
    session.rollback()
    writer.post(path, writer.get(path).hidden(path) | {"tekst": "Zo is het.", "naam": "Wil"})
    session.expire_all()
    assert session.scalars(select(Case)).one().state is CaseState.OPEN, "a moderator looks again"
    assert "Wil" not in browser.get(found.path).text
    show_words(session, found, AGAIN, seen=found.version, by=moderator, now=now)
    session.commit()
    assert "Reactie van Wil" in browser.get(found.path).text
    assert old not in browser.get(f"{found.path}/geschiedenis").text


ACTS = st.sampled_from(["say", "answer", "edit", "delete", "useful", "settle", "hide", "show"])


def _do(
    act: str, place: int, *, session: Session, say: Say, people: list[User], moderator: User, now: datetime
) -> None:
    made = session.scalars(select(Contribution).order_by(Contribution.id)).all()
    by = people[place % len(people)]
    if act == "say" or not made:
        say("Tekst.", stance=STANCES[place % 4], by=by)
        return
    it = made[place % len(made)]
    how: dict[str, Any] = {"seen": it.version, "now": now}
    author = it.author or by
    match act:
        case "answer":
            say("Antwoord.", by=by, to=it)
        case "edit":
            edit_contribution(session, it, f"Anders {place}.", by=author, **how)
        case "delete":
            delete_contribution(session, it, by=author, **how)
        case "useful":
            find_useful(session, it, by=by, now=now)
        case "settle":
            settle_question(session, it, answer_id=None, answered=place % 2 == 0, by=author, **how)
        case "hide":
            hide_words(session, it, Hiding(reason=Reason.OTHER), by=moderator, **how)
        case _:
            show_words(session, it, AGAIN, by=moderator, **how)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.tuples(ACTS, st.integers(0, 30)), min_size=1, max_size=14))
def test_figures_are_those_of_what_is_read(
    session: Session, discussed: Proposal, say: Say, now: datetime, acts: list[tuple[str, int]]
) -> None:
    people, moderator = [person(session) for _ in range(3)], person(session, Role.COORDINATOR, "E")
    for act, place in acts:
        try:
            with session.begin_nested():
                _do(act, place, session=session, say=say, people=people, moderator=moderator, now=now)
        except RefusedError:
            session.expire_all()
    session.commit()
    rows = session.scalars(select(Contribution).execution_options(populate_existing=True)).all()
    readable = [row for row in rows if row.shown_at and not row.deleted_at and not row.hidden_at]
    thread = session.scalars(select(Thread).execution_options(populate_existing=True)).one()
    counted = [thread.in_favour, thread.against, thread.questions, thread.ideas, thread.answers]
    stances = [*STANCES, Stance.ANSWER]
    assert counted == [sum(row.stance is stance for row in readable) for stance in stances]
    assert thread.open_questions == sum(row.stance is Stance.QUESTION and not row.answered_at for row in readable)
    assert thread.people == len({row.author_id for row in readable})
    for row in rows:
        assert row.answers == sum(each.parent_id == row.id for each in readable)
    talk = of_plan(session, discussed, Wanted(), by=moderator, now=now)
    assert talk.figures.total == sum(counted[:4])
    assert {each.id for each in talk.quoted} <= {row.id for row in readable if row.useful}
    assert len({row.author_id for row in readable if row.id in thread.quoted}) == len(thread.quoted)
