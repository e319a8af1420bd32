"""What was typed when the session had ended comes back after signing in: to its own maker, on its own page, once."""

from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import HeldForm, Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.conftest import Clock
from tests.factories.accounts import code_at, person, tie_authenticator
from tests.factories.rounds import round_in
from tests.pages import Browser, Page, SignIn

TYPED = {"title": "Bankjes <b>", "summary": "Om op te zitten.\r\nIn de zon.", "lines-0-what": "Hout"}


@pytest.fixture
def round_(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    found = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    session.commit()
    return found


def value_of(page: Page, name: str) -> str:
    (field,) = page.find(f".//*[@name='{name}']")
    return str(field.get("value") or "".join(field.itertext()).strip())


def come_back(browser: Browser, user: User, session: Session, path: str) -> str:
    """Sign in by the link that is mailed, as the sign-in page sends it, and return where that leads."""
    browser.post(path, {"email": user.email})
    mail = session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
    assert mail is not None
    answer = browser.post(mail.values["link"].removeprefix("http://localhost"))
    return unquote(answer.response.headers["Location"].partition("?verder=")[2])


def held(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(HeldForm)) or 0


def test_a_plan_survives_a_session_that_ran_out(
    session: Session, signed_in: SignIn, round_: Round, clock: Clock
) -> None:
    user = person(session)
    browser = signed_in(user)
    clock.now += timedelta(hours=3)
    answer = browser.post("proposals.new", TYPED, slug=round_.slug).response.headers["Location"]
    path = f"/rondes/{round_.slug}/plannen/nieuw"
    assert answer == f"/account/inloggen?verder={path}"
    assert "Wat u had ingevuld, is bewaard voor u" in browser.get(answer).text
    assert come_back(browser, user, session, answer) == path
    page = browser.get(path)
    assert (value_of(page, "title"), value_of(page, "lines-0-what")) == ("Bankjes <b>", "Hout")
    assert value_of(page, "summary").splitlines() == ["Om op te zitten.", "In de zon."]
    assert "Het is nog niet verstuurd" in page.text
    assert not page.find(".//*[@role='alert']"), "nothing was sent yet, so nothing is wrong"
    browser.post(path, {"title": TYPED["title"]})
    assert session.scalars(select(Proposal.title)).one() == "Bankjes <b>"
    assert held(session) == 0
    assert value_of(browser.get(path), "title") == ""


def test_an_age_is_not_kept(session: Session, signed_in: SignIn, round_: Round, clock: Clock) -> None:
    browser = signed_in(person(session))
    clock.now += timedelta(hours=3)
    browser.post("proposals.new", TYPED | {"leeftijd": "12"}, slug=round_.slug)
    assert "leeftijd" not in dict(session.scalars(select(HeldForm.fields)).one())


def test_a_round_in_set_up_survives_it_too(
    session: Session, signed_in: SignIn, areas: dict[str, Area], now: datetime, clock: Clock
) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    round_.published_at = None
    user = tie_authenticator(person(session, Role.COORDINATOR, "E"))
    session.commit()
    browser = signed_in(user)
    path = f"/werkplek/rondes/{round_.slug}/gebied-en-geld"
    clock.now += timedelta(minutes=31)
    answer = browser.post(path, {"title": "Nieuwe naam", "pot": "12,345 of zo"}).response.headers["Location"]
    assert come_back(browser, user, session, answer) == path
    browser.get(path, status=303)
    browser.post("accounts.second_factor", {"code": code_at(clock.now)})
    assert value_of(browser.get(path), "title") == "Nieuwe naam"


def test_somebody_else_on_the_same_computer_sees_nothing(
    session: Session, signed_in: SignIn, round_: Round, clock: Clock
) -> None:
    first, second = person(session), person(session)
    browser = signed_in(first)
    clock.now += timedelta(hours=3)
    answer = browser.post("proposals.new", TYPED, slug=round_.slug).response.headers["Location"]
    path = come_back(browser, second, session, answer)
    assert value_of(browser.get(path), "title") == ""
    assert held(session) == 1


def test_it_is_kept_for_an_hour(session: Session, signed_in: SignIn, round_: Round, clock: Clock) -> None:
    user = person(session)
    browser = signed_in(user)
    clock.now += timedelta(hours=3)
    answer = browser.post("proposals.new", TYPED, slug=round_.slug).response.headers["Location"]
    clock.now += timedelta(minutes=61)
    path = come_back(browser, user, session, answer)
    assert value_of(browser.get(path), "title") == ""
    assert held(session) == 0


@pytest.mark.parametrize(("minutes", "title"), [(59, TYPED["title"]), (60, "")])
def test_it_does_not_come_back_when_its_hour_ends_while_signed_in(
    session: Session, signed_in: SignIn, round_: Round, clock: Clock, minutes: int, title: str
) -> None:
    user = person(session)
    browser = signed_in(user)
    clock.now += timedelta(hours=3)
    answer = browser.post("proposals.new", TYPED, slug=round_.slug).response.headers["Location"]
    kept = clock.now
    path = come_back(browser, user, session, answer)
    clock.now = kept + timedelta(minutes=minutes)
    assert value_of(browser.get(path), "title") == title


def test_who_never_signed_in_leaves_nothing(session: Session, browser: Browser, round_: Round) -> None:
    page = browser.post("proposals.new", TYPED, status=422, slug=round_.slug)
    assert value_of(page, "title") == TYPED["title"], "a visitor is asked for an address, with the text still there"
    assert held(session) == 0


def test_after_signing_out_nothing_is_kept(session: Session, signed_in: SignIn, round_: Round) -> None:
    browser = signed_in(person(session))
    browser.post("accounts.sign_out")
    browser.post("proposals.new", TYPED, status=422, slug=round_.slug)
    assert held(session) == 0


@pytest.mark.parametrize(
    "path", ["/account/tweede-stap", "/werkplek/rondes/x/codes/vervallen", "/rondes/x/stemmen/account"]
)
def test_codes_are_not_kept(session: Session, signed_in: SignIn, clock: Clock, path: str) -> None:
    browser = signed_in(person(session))
    clock.now += timedelta(hours=3)
    browser.post(path, {"stemcode": "geheim", "code": "geheim"})
    assert held(session) == 0


def test_too_much_is_not_kept(session: Session, signed_in: SignIn, round_: Round, clock: Clock) -> None:
    browser = signed_in(person(session))
    clock.now += timedelta(hours=3)
    browser.post("proposals.new", {"summary": "x" * 100_001}, status=422, slug=round_.slug)
    assert held(session) == 0


def test_zeros_and_all_letters_are_kept_on_both_databases(
    session: Session, signed_in: SignIn, round_: Round, clock: Clock
) -> None:
    browser = signed_in(person(session))
    clock.now += timedelta(hours=3)
    browser.post("proposals.new", {"title": "a\x00b é 🌳 \ud7ff"}, slug=round_.slug)
    assert session.scalars(select(HeldForm.fields)).one() == [["title", "ab é 🌳 \ud7ff"]]


def test_a_form_from_before_signing_in_again_comes_back(
    app: Flask, session: Session, signed_in: SignIn, round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person(session)
    browser = signed_in(user)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    path = f"/rondes/{round_.slug}/plannen/nieuw"
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = browser.client.post(path, data={**TYPED, "csrf_token": "of-before"}, headers=own)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert value_of(browser.get(path), "title") == "Bankjes <b>"
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_form_from_elsewhere_is_never_kept(
    app: Flask, session: Session, signed_in: SignIn, round_: Round, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    browser = signed_in(person(session))
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = browser.client.post(
        f"/rondes/{round_.slug}/plannen/nieuw", data=TYPED, headers={"Sec-Fetch-Site": site} if site else {}
    )
    assert answer.status_code == 400
    assert held(session) == 0


def test_a_deleted_account_keeps_nothing(session: Session, signed_in: SignIn, round_: Round, clock: Clock) -> None:
    user = person(session)
    first, second = signed_in(user), signed_in(user)
    session.add(HeldForm(user_id=user.id, path="/x", fields=[], expires_at=clock.now + timedelta(hours=1)))
    session.commit()
    assert "unsent_form" in first.raw("accounts.export").text
    first.post("accounts.delete", {"sure": "y"})
    assert held(session) == 0
    second.post("proposals.new", TYPED, status=422, slug=round_.slug)
    assert held(session) == 0
