"""Whatever refuses behind a mailed link: what was typed is still there, on the page or where that page leads."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import HeldForm, Role, User
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.actions import Remark, contribute, delete_contribution, edit_contribution
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.limits import asking as limits
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.models import Reason
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import ReadFirst
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, Page, SignIn
from tests.waiting.test_support import mailed, number, press

DAY = timedelta(days=1)
EMAIL = "lotte@example.org"
TEXT = "Eerste regel.\n\n  Tweede <b>regel</b> & meer."
TYPED = {"tekst": TEXT, "naam": "Lotte", "mailadres": EMAIL}


@dataclass
class Case:
    """An answer that waits, and what it answers to; `link` was mailed for it."""

    session: Session
    app: Flask
    clock: Clock
    question: Contribution
    link: str
    monkeypatch: pytest.MonkeyPatch

    def set(self, **settings: object) -> None:
        """Change settings until the test is over."""
        for name, value in settings.items():
            self.monkeypatch.setitem(self.app.config, name, value)

    @property
    def path(self) -> str:
        """Where an answer is sent."""
        return f"{self.question.path}/antwoord"

    @cached_property
    def phone(self) -> Browser:
        """Where the mail is read."""
        return Browser(self.app)

    @property
    def proposal(self) -> Proposal:
        found = self.question.thread.proposal
        assert found is not None
        return found


@pytest.fixture
def case(
    app: Flask, browser: Browser, session: Session, areas: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Case:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=clock.now)
    about = plan(session, round_, now=clock.now, status=ProposalStatus.SUBMITTED, author=person(session))
    remark = Remark(body="Wie?", author_name="An", stance=Stance.QUESTION)
    question = contribute(session, About(round_, about), remark, by=person(session), now=clock.now)
    session.commit()
    browser.send(f"{question.path}/antwoord", dict(TYPED))
    return Case(session, app, clock, question, mailed(), monkeypatch)


def close(case: Case) -> None:
    case.proposal.status = ProposalStatus.WITHDRAWN


def hide_question(case: Case) -> None:
    question = case.question
    moderator = person(case.session, Role.COORDINATOR, case.proposal.round.owner_code)
    hiding = Hiding(reason=Reason.OTHER)
    hide_words(case.session, question, hiding, seen=question.version, by=moderator, now=case.clock.now)


def delete_question(case: Case) -> None:
    question = case.question
    assert question.author is not None
    delete_contribution(case.session, question, seen=question.version, by=question.author, now=case.clock.now)


def change_question(case: Case) -> None:
    question = case.question
    assert question.author is not None
    question.thread.round.read_first = ReadFirst.ALL
    edit_contribution(case.session, question, "Wie wel?", seen=question.version, by=question.author, now=case.clock.now)


def remove_page(case: Case) -> None:
    case.question.thread.round.published_at = None


def limit(case: Case) -> None:
    case.set(RATELIMIT_ENABLED=True, CONTRIBUTIONS="1 per hour")
    user = person(case.session)
    user.email = EMAIL
    with case.app.test_request_context():
        limits.count(limits.counted("contribution", user.get_id(), rates="1 per hour"))


def let_nobody_in(case: Case) -> None:
    case.set(RATELIMIT_ENABLED=True, NEW_ACCOUNTS="1 per hour")
    with case.app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        limits.count(limits.of_network("new-account", rates="1 per hour"))


def forget_browser(case: Case) -> None:
    case.set(WTF_CSRF_ENABLED=True)
    case.phone.client.delete_cookie("session")


def expire(case: Case) -> None:
    case.clock.now += timedelta(days=1)


def forget(case: Case) -> None:
    case.clock.now += timedelta(days=7)


def throw_away(case: Case) -> None:
    for table in (WaitingLink, WaitingForm):
        case.session.execute(delete(table))


MEANWHILE = {
    "plan closed": (close, 409),
    "text hidden": (hide_question, 409),
    "text deleted": (delete_question, 409),
    "text changed, and waits for a moderator": (change_question, 409),
    "page gone": (remove_page, 303),
    "wrote too often": (limit, 429),
    "too many new accounts": (let_nobody_in, 429),
    "link expired": (expire, 303),
    "a week over": (forget, 410),
    "thrown away": (throw_away, 410),
    "page of an earlier session": (forget_browser, 303),
}


@pytest.mark.parametrize("why", MEANWHILE)
def test_what_happened_meanwhile_takes_nothing_away(case: Case, why: str) -> None:
    change, status = MEANWHILE[why]
    sent = case.phone.get(case.link).hidden(case.path) | {"leeftijd": "16"}
    change(case)
    case.session.commit()
    assert_there(case.phone, case.phone.post(case.path, sent, status=status))
    assert number(case.session, Contribution) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"leeftijd": ""}, {"naam": "Gemeente"}, {"naam": ""}, {"tekst": TEXT + "x" * 2_000}],
    ids=["age missing", "name of an office", "no name", "too long"],
)
def test_what_is_wrong_in_the_form_can_be_mended_in_it(case: Case, wrong: dict[str, str]) -> None:
    form = case.session.scalars(select(WaitingForm)).one()
    form.fields = [[name, wrong.get(name, value)] for name, value in form.fields]
    case.session.commit()
    sent = case.phone.get(case.link).hidden(case.path) | {"leeftijd": wrong.get("leeftijd", "16")}
    page = case.phone.post(case.path, sent, status=422)
    assert_there(case.phone, page)
    assert number(case.session, WaitingForm) == 1
    case.phone.post(case.path, page.filled(case.path) | {"tekst": TEXT, "naam": "Lotte", "leeftijd": "16"})
    assert case.session.scalars(select(Contribution.body).where(Contribution.body == TEXT)).all() == [TEXT]


def test_what_was_mended_at_once_waits_no_longer(case: Case) -> None:
    page = case.phone.post(case.path, case.phone.get(case.link).hidden(case.path), status=422)
    case.phone.post(case.path, page.filled(case.path) | {"leeftijd": "16"})
    assert number(case.session, WaitingForm) == 0, "the link does not place it once more"


def test_the_page_of_an_earlier_text_does_not_do_away_with_the_later_one(case: Case, browser: Browser) -> None:
    early = case.phone.get(case.link).hidden(case.path) | {"leeftijd": "16"}
    waits = browser.get(f"/bijna-klaar/{case.session.scalars(select(WaitingForm.key)).one()}")
    form = browser.post(case.path, waits.filled(case.path) | {"terug": "ja"}, status=200)
    browser.post(case.path, form.filled(case.path) | {"tekst": "Beter gezegd."})
    page = follow(case.phone, case.phone.post(case.path, early))
    assert "Beter gezegd." in page.text
    assert "intussen veranderd" in page.text
    press(case.phone, case.link, leeftijd="16")
    assert "Beter gezegd." in case.session.scalars(select(Contribution.body)).all()


def test_somebody_else_who_is_signed_in_here_does_not_get_the_text(case: Case, signed_in: SignIn) -> None:
    other = person(case.session)
    case.session.add(HeldForm(user_id=other.id, path=case.path, fields=[], expires_at=case.clock.now + DAY))
    case.session.commit()
    press(signed_in(other), case.link, leeftijd="16")
    written = case.session.scalars(select(User).join(Contribution).where(Contribution.body == TEXT)).one()
    assert written.email == EMAIL


def test_a_link_that_is_used_again_leads_to_the_text(case: Case) -> None:
    sent = case.phone.get(case.link).hidden(case.path) | {"leeftijd": "16"}
    for _ in range(2):
        assert_there(case.phone, case.phone.post(case.path, sent))
    case.phone.get(case.link, status=410)
    assert number(case.session, Contribution) == 2


def follow(browser: Browser, page: Page) -> Page:
    """Go where an answer leads, whatever its status."""
    return Page(browser.client.get(str(page.response.location), headers=browser.headers))


def assert_there(browser: Browser, page: Page) -> None:
    """See that the text is to be read: on this page, where it leads, or in the form that its button goes back to."""
    if page.status == 303:
        page = follow(browser, page)
    if back := page.find(".//main//button[@name='terug']/../.."):
        path = str(back[0].get("action"))
        page = browser.post(path, page.hidden(path) | {"terug": "ja"}, status=200)
    assert " ".join(TEXT.split()) in page.text
