"""A plan by a visitor: written first, mailed, kept as a concept by the button, and public after one question."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.models import User
from buurtbegroot.acts import RefusedError
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.actions import start_proposal, submit_proposal
from buurtbegroot.proposals.domain.drafts import Draft, DraftLine
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, Page, SignIn
from tests.waiting.test_support import mailed, number, press

EMAIL = "lotte@example.org"
TYPED = {
    "title": "Bank <b>bij</b> de brug",
    "summary": "Zitten.\u202e",
    "body": "Een bank.\n\nVoor iedereen.",
    "author_name": "Lotte",
    "lines-0-what": "Hout",
    "lines-0-quantity": "2",
    "lines-0-unit_cents": "150,05",
    "mailadres": EMAIL,
}


@pytest.fixture
def round_(session: Session, areas: Any, now: Any) -> Round:
    found = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    return found


def write(browser: Browser, round_: Round, status: int = 303, /, **more: str) -> Page:
    path = browser.path("proposals.new", slug=round_.slug)
    theme = {"theme": str(round_.themes[0].id)} if round_.themes else {}
    return browser.post(path, browser.get(path).filled(path) | TYPED | theme | more, status=status)


def shown(page: Page) -> dict[str, str]:
    fields = [each for each in page.tree.iter() if each.tag in {"input", "textarea"} and each.get("name")]
    return {str(each.get("name")): each.get("value") or "".join(each.itertext()) for each in fields}


def test_from_the_first_word_to_a_public_plan(
    app: Flask, browser: Browser, session: Session, round_: Round, now: Any
) -> None:
    waiting = browser.get(write(browser, round_, actie="verder").response.location)
    assert "Bank <b>bij</b> de brug" in waiting.text
    assert "\u202e" not in waiting.html
    costs = next(each for each in waiting.find(".//main//dl/div") if each[0].text == "Kosten")
    assert " ".join("".join(costs[1].itertext()).split()) == "Hout · Aantal: 2 · Prijs per stuk: € 150,05"
    assert number(session, Proposal) == 0
    phone = Browser(app)
    submit = str(press(phone, mailed()).response.location)
    found = session.scalars(select(Proposal)).one()
    assert submit == f"/plannen/{found.id}/indienen"
    assert (found.title, found.author_name, found.estimate_cents) == ("Bank <b>bij</b> de brug", "Lotte", 30_010)
    assert found.status is ProposalStatus.CONCEPT
    refused = phone.send(submit, status=422)
    assert "Jonger dan 12? Vraag een volwassene" in refused.text_of(".//*[@role='alert']")
    phone.send(submit, {"leeftijd": "12"})
    session.refresh(found)
    assert found.status is ProposalStatus.SUBMITTED
    author = session.scalars(select(User)).one()
    assert (author.email, author.may_publish_at) == (EMAIL, now)
    second = plan(session, round_, now=now, status=ProposalStatus.CONCEPT, author=author)
    session.commit()
    assert not phone.get("proposals.submit", proposal_id=second.id).find(".//input[@name='leeftijd']")


def test_nobody_publishes_of_whom_nothing_was_said(session: Session, round_: Round, now: Any) -> None:
    author = person(session)
    author.may_publish_at = None
    line, theme = DraftLine(what="x", quantity=1, unit_cents=1), round_.themes[0]
    draft = Draft(title="x", summary="x", body="x", author_name="x", lines=(line,), theme=theme)
    concept = start_proposal(session, round_, draft, by=author, now=now)
    with pytest.raises(RefusedError) as refused:
        submit_proposal(session, concept, seen=concept.version, by=author, now=now)
    assert refused.value.fault is AccountFault.NO_CONSENT


def test_a_name_that_claims_an_office_is_refused_at_once_and_by_the_button(
    app: Flask, browser: Browser, session: Session, round_: Round
) -> None:
    refused = write(browser, round_, 422, author_name="Stadsdee\u04cf Noord")
    assert shown(refused)["title"] == TYPED["title"]
    write(browser, round_)
    form = press(Browser(app), mailed(), status=422, author_name="Gemeente")
    assert shown(form)["title"] == TYPED["title"]
    assert (number(session, Proposal), number(session, WaitingForm)) == (0, 1)


def test_what_is_wrong_in_the_form_is_said_before_any_mail(browser: Browser, session: Session, round_: Round) -> None:
    page = write(browser, round_, 422, title="", mailadres="x")
    links = [a.get("href") for a in page.find(".//*[@role='alert']//a")]
    assert links == ["#title", "#mailadres"], "the address is the last"
    assert len(write(browser, round_, 200, actie="regel").find(".//input[@name='lines-3-what']")) == 1
    assert number(session, WaitingForm) == 0


def test_what_is_longer_than_any_plan_is_given_back(browser: Browser, session: Session, round_: Round) -> None:
    page = write(browser, round_, 409, verzonnen="x" * 100_000)
    assert "te lang om te bewaren" in page.text
    assert shown(page)["title"] == TYPED["title"]
    write(browser, round_, body="é" * 10_000, **{f"naam\u0000{each}": "x" for each in range(3)})
    assert number(session, WaitingForm) == 1


def test_a_round_that_closed_gives_the_text_back(
    app: Flask, browser: Browser, session: Session, round_: Round, clock: Clock
) -> None:
    write(browser, round_)
    window = next(each for each in round_.windows if each.phase is Phase.SUBMISSION)
    window.ends_at = clock.now
    session.commit()
    page = press(Browser(app), mailed(), status=409)
    assert shown(page)["title"] == TYPED["title"]
    assert "Hout" in page.text_of(".//main"), "the costs are there too"
    assert number(session, WaitingForm) == 1


def test_a_text_that_is_changed_takes_the_place_of_the_first(
    app: Flask, browser: Browser, session: Session, round_: Round
) -> None:
    page = browser.get(write(browser, round_).response.location)
    first = mailed()
    path = browser.path("proposals.new", slug=round_.slug)
    form = browser.post(path, page.filled(path) | {"terug": "ja"}, status=200)
    assert shown(form)["mailadres"] == EMAIL
    again = browser.post(path, form.filled(path) | {"title": "Boom"})
    assert again.response.location == page.response.request.path
    assert (number(session, WaitingForm), number(session, WaitingLink)) == (1, 2)
    press(Browser(app), first)
    assert session.scalars(select(Proposal.title)).all() == ["Boom"]


def test_two_texts_for_one_mailbox_both_work_and_one_form_twice_is_one(
    app: Flask, browser: Browser, session: Session, round_: Round
) -> None:
    path = browser.path("proposals.new", slug=round_.slug)
    form = browser.get(path).filled(path) | TYPED
    places = {browser.post(path, form).response.location for _ in range(2)}
    assert (len(places), number(session, WaitingForm)) == (1, 1)
    one = mailed()
    write(browser, round_, title="Boom")
    for link in (one, mailed()):
        press(Browser(app), link)
    assert sorted(session.scalars(select(Proposal.title))) == [TYPED["title"], "Boom"]


def test_what_waits_is_in_ones_own_data_and_goes_with_the_account(
    browser: Browser, session: Session, round_: Round, signed_in: SignIn
) -> None:
    user = person(session)
    session.commit()
    write(browser, round_, mailadres=user.email)
    own = signed_in(user)
    assert own.raw("accounts.export").json["waiting"][0]["fields"][0] == ["title", TYPED["title"]]  # type: ignore[index]
    assert signed_in(person(session)).raw("accounts.export").json["waiting"] == []  # type: ignore[index]
    own.post("accounts.delete", {"sure": "y"})
    assert (number(session, WaitingForm), number(session, WaitingLink)) == (0, 0)


def test_a_form_whose_session_went_comes_back_with_the_text(app: Flask, round_: Round) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        browser = Browser(app, **{"Sec-Fetch-Site": "same-origin"})
        path = browser.path("proposals.new", slug=round_.slug)
        form = browser.get(path).filled(path) | TYPED
        browser.client.delete_cookie("session")
        page = browser.post(path, form, status=400)
        again = browser.post(path, page.filled(path) | {"terug": "ja"}, status=200)
        assert shown(again)["title"] == TYPED["title"]
        assert "/bijna-klaar/" in str(browser.post(path, again.filled(path)).response.location)
        done = press(Browser(app, **{"Sec-Fetch-Site": "same-origin"}), mailed())
        assert "/wijzigen" in str(done.response.location), "the session of the mail has a token of its own"
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_it_waits_for_a_week(browser: Browser, session: Session, round_: Round, clock: Clock) -> None:
    write(browser, round_)
    kept = session.scalars(select(WaitingForm)).one()
    assert kept.expires_at - clock.now == timedelta(days=7)
