"""What is hidden of a discussion is nowhere, whatever was done before; and figures are those of what is read."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.discussion.actions import delete_contribution, edit_contribution, find_useful
from buurtbegroot.discussion.actions.following_up import settle_question, take_over
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import STANCES, Stance, Thread
from buurtbegroot.discussion.queries.lists import Wanted, of_plan
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, Ruling, hide_words, show_words
from buurtbegroot.moderation.models import Ground, Reason
from buurtbegroot.proposals.domain.drafts import Content
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.models.revisions import revision_after
from tests.discussion.conftest import Say
from tests.factories.accounts import person
from tests.pages import Browser, SignIn

CANARY = "kanariepiet"
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
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= known.keys():
            made: list[dict[str, object]] = [{}]
            for name in rule.arguments:
                made = [{**each, name: value} for each in made for value in known[name]]
            yield from (adapter.build(rule.endpoint, each) for each in made)
    for query in ("volgorde=nuttig", "volgorde=open", "volgorde=oudste", "soort=vraag", "soort=idee"):
        yield f"/plannen/{plan.id}/reacties?{query}"


def singing(browser: Browser, found: Iterator[str]) -> set[str]:
    return {each for each in found if CANARY in browser.raw(each).get_data(as_text=True).casefold()}


@pytest.mark.slow  # walks every route
def test_hidden_words_are_on_no_page_of_anybody_else(
    app: Flask, session: Session, signed_in: SignIn, discussed: Proposal, say: Say, now: datetime
) -> None:
    moderator, by, maker = person(session, Role.COORDINATOR, "E"), person(session), discussed.author
    assert maker is not None
    session.add(revision_after(None, discussed, Content(title="Plan", author_name="An"), now=now))
    by.name = f"{CANARY} Jansen"
    found = say(f"{CANARY} een", stance=Stance.QUESTION, by=by)
    reply = say(f"{CANARY} antwoord", by=by, to=found)
    edit_contribution(session, found, f"{CANARY} twee", seen=found.version, by=by, now=now)
    find_useful(session, found, by=person(session), now=now)
    take_over(session, found, version=1, words=f"{CANARY} mee", seen=found.version, by=maker, now=now)
    session.commit()
    visitor, reader = Browser(app), signed_in(person(session))
    before = singing(visitor, addresses(app, session, discussed))
    assert {f"/plannen/{discussed.id}", found.path, f"{found.path}/geschiedenis"} <= before
    for each in (found, reply):
        hide_words(session, each, Hiding(reason=Reason.PERSONAL), seen=each.version, by=moderator, now=now)
    session.commit()
    for browser in (visitor, reader, signed_in(maker)):
        assert singing(browser, addresses(app, session, discussed)) == set()
    mails = session.scalars(select(OutboxMail)).all()
    assert [mail.template for mail in mails if CANARY in json.dumps(mail.values)] == []
    for each in (found, reply):
        show_words(session, each, AGAIN, seen=each.version, by=moderator, now=now)
    session.commit()
    assert found.path in singing(visitor, addresses(app, session, discussed))


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
