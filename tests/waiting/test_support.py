"""Support by a visitor: the address comes last, a mail goes out, and only the button behind its link does something."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User, UserSession
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.support.models import Support
from buurtbegroot.waiting.actions import forget_unopened
from buurtbegroot.waiting.domain import LINK_WORKS, MOST_WAITING
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from tests.conftest import NOW, Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live
from tests.pages import Browser, Page, SignIn


@pytest.fixture
def discussed(session: Session, areas: Any, now: Any) -> Proposal:
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=person(session))
    session.commit()
    return found


def number(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def mailed() -> str:
    """Return the path that was mailed last."""
    mail = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
    assert mail is not None
    return str(mail.values["link"]).removeprefix("http://localhost")


def supported(browser: Browser, proposal: Proposal, email: str) -> str:
    """Support a plan as a visitor; return the path of the page that says where to look."""
    sent = browser.send("support.give", {"mailadres": email}, proposal_id=proposal.id)
    return str(sent.response.location)


def press(browser: Browser, link: str, *, status: int = 303, **more: str) -> Page:
    """Open a mailed link and press its button."""
    page = browser.get(link)
    form = page.find(".//main//form")[0]
    path = str(form.get("action"))
    return browser.post(path, page.hidden(path) | more, status=status)


class TestTheWayThrough:
    def test_a_newcomer_supports_a_plan_from_another_device(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal
    ) -> None:
        plan_page = browser.get("proposals.show", proposal_id=discussed.id)
        assert plan_page.find(f".//a[@href='/plannen/{discussed.id}/steun']")
        said = browser.get(supported(browser, discussed, " Nieuw@Example.org "))
        assert "nieuw@example.org" in said.text
        assert "maar nog niet op de site" in said.text
        assert "om 12.00 uur" in said.text
        assert (number(session, Support), number(session, User)) == (0, 1), "nobody is known yet"
        phone, link = Browser(app), mailed()
        for _ in range(2):
            assert "uw steun" in phone.get(link).text
            assert phone.client.head(link).status_code == 200
        assert number(session, Support) == 0, "a scanner of mail does nothing"
        done = press(phone, link)
        assert done.response.location == f"/plannen/{discussed.id}#steun"
        assert "U steunt dit plan" in phone.get("proposals.show", proposal_id=discussed.id).text
        assert "nieuw@example.org" in phone.get("accounts.show").text
        assert [number(session, table) for table in (Support, WaitingForm, WaitingLink)] == [1, 0, 0]
        browser.get("accounts.show", status=303)

    def test_an_account_gets_its_support_once(self, browser: Browser, session: Session, discussed: Proposal) -> None:
        known = person(session)
        session.commit()
        for _ in range(2):
            supported(browser, discussed, known.email)
        press(browser, mailed())
        assert number(session, Support) == 1
        assert number(session, WaitingForm) == 0, "what says the same is done by one press"

    def test_the_answers_for_known_and_unknown_addresses_are_the_same(
        self, app: Flask, session: Session, discussed: Proposal
    ) -> None:
        known, answers = person(session), []
        session.commit()
        for email in (known.email, "onbekend@example.org"):
            browser = Browser(app)
            page = browser.get(supported(browser, discussed, email))
            answers.append(page.text.replace(email, "x"))
        assert answers[0] == answers[1]
        mails = session.scalars(select(OutboxMail)).all()
        assert len({(mail.template, mail.language, *sorted(mail.values)) for mail in mails}) == 1

    def test_somebody_signed_in_is_asked_nothing(
        self, signed_in: SignIn, session: Session, discussed: Proposal
    ) -> None:
        browser = signed_in(person(session))
        assert not browser.get("support.give", proposal_id=discussed.id).find(".//input[@name='mailadres']")
        browser.post("support.give", proposal_id=discussed.id)
        assert number(session, Support) == 1

    def test_a_phase_that_ends_meanwhile_is_said_and_nothing_is_lost(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal, clock: Clock
    ) -> None:
        supported(browser, discussed, "a@example.org")
        window = next(each for each in discussed.round.windows if each.phase is Phase.COCREATION)
        window.ends_at = clock.now
        session.commit()
        refused = press(Browser(app), mailed(), status=409)
        assert "Steun geven of terugnemen kan nu niet" in refused.text
        assert number(session, WaitingForm) == 1
        assert "Steun geven of terugnemen kan nu niet" in browser.get("support.give", proposal_id=discussed.id).text
        browser.post("support.give", {"mailadres": "a@example.org"}, status=409, proposal_id=discussed.id)


class TestTheAddress:
    @pytest.mark.parametrize("typed", ["", "mens@", "a@b@c.nl", "<b>@example.org", "x" * 300])
    def test_what_is_no_address_is_said_beside_the_field(
        self, browser: Browser, session: Session, discussed: Proposal, typed: str
    ) -> None:
        page = browser.post("support.give", {"mailadres": typed}, status=422, proposal_id=discussed.id)
        assert page.find(".//*[@role='alert']//a[@href='#mailadres']")
        assert number(session, WaitingForm) == 0

    def test_it_can_be_mended_and_the_first_mail_does_nothing_then(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal
    ) -> None:
        page = supported(browser, discussed, "fout@example.org")
        wrong = mailed()
        browser.send(page, {"mailadres": "goed@example.org"})
        assert "goed@example.org" in browser.get(page).text
        Browser(app).get(wrong, status=410)
        press(Browser(app), mailed())
        assert "goed@example.org" in session.scalars(select(User.email)).all()

    def test_the_same_address_waits_for_a_time_of_the_clock(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal, clock: Clock
    ) -> None:
        page, first = supported(browser, discussed, "a@example.org"), mailed()
        assert "vanaf 12.02 uur" in browser.get(page).text
        again = browser.send(page, {"mailadres": "a@example.org"}, status=422)
        assert "Vanaf 12.02 uur" in again.text_of(".//*[@role='alert']")
        assert again.response.headers["Retry-After"] == "120"
        clock.now += timedelta(minutes=2)
        browser.send(page, {"mailadres": "a@example.org"})
        assert mailed() != first
        press(Browser(app), first)
        assert number(session, Support) == 1, "the older mail works too"

    def test_nobody_else_sees_the_page(self, app: Flask, browser: Browser, discussed: Proposal) -> None:
        page = supported(browser, discussed, "a@example.org")
        Browser(app).get(page, status=404)
        Browser(app).post(page, {"mailadres": "b@example.org"}, status=404)


class TestTheLink:
    def test_too_old_the_text_is_still_there(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal, clock: Clock
    ) -> None:
        supported(browser, discussed, "a@example.org")
        link, phone = mailed(), Browser(app)
        clock.now += timedelta(days=1)
        assert phone.get(link, status=410).heading == "Uw tekst is er nog"
        pressed = phone.post(f"/plannen/{discussed.id}/steun", {"bevestiging": link.rsplit("/", 1)[1]})
        assert pressed.response.location == link
        assert "a@example.org" in phone.post(link, status=200).text
        phone.post(link, status=409)
        press(phone, mailed())
        assert number(session, Support) == 1

    def test_after_a_week_it_is_gone(
        self, browser: Browser, session: Session, discussed: Proposal, clock: Clock
    ) -> None:
        page, link = supported(browser, discussed, "a@example.org"), mailed()
        clock.now += timedelta(days=7)
        browser.get(link, status=410)
        browser.get(page, status=404)
        forget_unopened(session, by=PROGRAM, now=clock.now)
        assert (number(session, WaitingForm), number(session, WaitingLink)) == (0, 0)

    def test_who_did_not_write_it_throws_it_away(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal
    ) -> None:
        supported(browser, discussed, "ander@example.org")
        link = mailed()
        Browser(app).post(link, {"actie": "weg"})
        assert (number(session, WaitingForm), number(session, User)) == (0, 1)
        Browser(app).get(link, status=410)

    def test_pressed_again_it_leads_to_what_was_done(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal
    ) -> None:
        supported(browser, discussed, "a@example.org")
        link, phone = mailed(), Browser(app)
        path = f"/plannen/{discussed.id}/steun"
        form = phone.get(link).hidden(path)
        first, second = phone.post(path, form), Browser(app).post(path, form)
        assert first.response.location == second.response.location
        assert number(session, UserSession) == 1, "the second press signs nobody in"

    @pytest.mark.parametrize("token", ["", "verzonnen", "x" * 5000, "\u202e", "../../"])
    def test_a_made_up_token_signs_nobody_in(
        self, app: Flask, session: Session, discussed: Proposal, token: str
    ) -> None:
        browser = Browser(app)
        browser.client.post(f"/plannen/{discussed.id}/steun", data={"bevestiging": token})
        browser.client.get(f"/bevestigen/{token}")
        assert (number(session, Support), number(session, UserSession)) == (0, 0)

    def test_it_does_nothing_at_another_address(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal, now: Any
    ) -> None:
        other = plan(session, discussed.round, now=now, status=ProposalStatus.SUBMITTED)
        session.commit()
        supported(browser, discussed, "a@example.org")
        token = {"bevestiging": mailed().rsplit("/", 1)[1]}
        stranger = Browser(app)
        stranger.post("support.give", token, status=410, proposal_id=other.id)
        for path in (
            "/account",
            "/account/verwijderen",
            f"/plannen/{discussed.id}/steun/terug",
            "/werkplek/rondes/nieuw",
        ):
            assert "/account/inloggen" in str(stranger.post(path, token | {"sure": "y"}).response.location)
        assert (number(session, Support), number(session, UserSession)) == (0, 0)

    def test_a_form_from_another_page_leads_to_no_other_view(
        self, app: Flask, browser: Browser, session: Session, discussed: Proposal
    ) -> None:
        supported(browser, discussed, "a@example.org")
        session.execute(WaitingForm.__table__.update().values(path="/account/verwijderen"))  # type: ignore[attr-defined]
        session.commit()
        token = {"bevestiging": mailed().rsplit("/", 1)[1], "sure": "y"}
        assert "inloggen" in str(Browser(app).post("/account/verwijderen", token).response.location)
        assert number(session, UserSession) == 0

    def test_the_token_stays_on_this_site(self, app: Flask, browser: Browser, discussed: Proposal) -> None:
        supported(browser, discussed, "a@example.org")
        link = mailed()
        page = Browser(app).get(link)
        assert page.response.headers["Referrer-Policy"] == "same-origin"
        assert page.response.headers["Cache-Control"] == "no-store"
        assert [a for a in page.find(".//main//a") if str(a.get("href")).startswith("http")] == []
        done = press(Browser(app), link)
        assert link.rsplit("/", 1)[1] not in f"{done.response.location}{done.html}"


class TestLimits:
    def test_a_mailbox_gets_few_mails_whatever_its_label(
        self, app: Flask, session: Session, discussed: Proposal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
        monkeypatch.setitem(app.config, "SIGN_IN_TRIES", "1000 per minute")
        answers = [
            Browser(app).client.post(f"/plannen/{discussed.id}/steun", data={"mailadres": f"mens+{label}@example.org"})
            for label in range(8)
        ]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429] * 3
        assert number(session, OutboxMail) == 5
        assert "mens+7@example.org" in answers[-1].text, "what was typed is on the page"

    def test_a_network_leaves_no_more_than_its_share(
        self, app: Flask, discussed: Proposal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
        monkeypatch.setitem(app.config, "VISITOR_FORMS", "2 per hour")
        path = f"/plannen/{discussed.id}/steun"
        answers = [Browser(app).client.post(path, data={"mailadres": f"m{each}@example.org"}) for each in range(3)]
        assert [answer.status_code for answer in answers] == [303, 303, 429]

    def test_who_fills_in_the_address_of_another_keeps_nobody_from_writing(
        self, app: Flask, session: Session, discussed: Proposal, clock: Clock
    ) -> None:
        path = f"/plannen/{discussed.id}/steun"
        for _ in range(MOST_WAITING + 2):
            clock.now += timedelta(seconds=1)
            assert Browser(app).client.post(path, data={"mailadres": "a@example.org"}).status_code == 303
        waiting = session.scalars(select(WaitingForm.mailed_at).order_by(WaitingForm.mailed_at)).all()
        assert len(waiting) == MOST_WAITING
        assert waiting[-1] - waiting[0] == timedelta(seconds=MOST_WAITING - 1), "the oldest went"

    def test_nothing_goes_whose_link_still_works(self, app: Flask) -> None:
        assert timedelta(days=1) == LINK_WORKS
        assert f"{MOST_WAITING} per day" in app.config["MAILBOX_LINKS"], "so many links a mailbox gets in a day"


@pytest.mark.race
def test_a_link_that_is_pressed_four_times_at_once_makes_one_account_and_one_thing(tmp_path: Path) -> None:
    with live(tmp_path, WTF_CSRF_ENABLED=False, CLOCK=lambda: NOW, SITE_URL="http://localhost") as app:
        with app.app_context(), writing():
            round_ = round_in(db.session(), Phase.COCREATION, areas=small_city(db.session()), now=NOW)
            found = plan(db.session(), round_, now=NOW, status=ProposalStatus.SUBMITTED)
            db.session.commit()
            browser, path = Browser(app), f"/plannen/{found.id}/steun"
            browser.post(path, {"mailadres": "a@example.org", "eenmalig": "x"})
            form = browser.get(mailed()).hidden(path)
            db.session.rollback()
        start, answers = threading.Barrier(4), list[tuple[int, str | None]]()

        def send() -> None:
            client = app.test_client()
            start.wait()
            answer = client.post(path, data=form)
            answers.append((answer.status_code, answer.location))

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert [status for status, _location in answers] == [303] * 4
        assert len({re.sub("#.*", "", str(location)) for _status, location in answers}) == 1
        with app.app_context():
            kept = [db.session.scalar(select(func.count()).select_from(each)) for each in (User, Support, WaitingForm)]
        assert kept == [1, 1, 0]
