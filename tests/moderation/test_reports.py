"""Reporting: two taps, one report of one person, nobody told who; and what time brings along."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import ANYONE, RefusedError, System
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, hide_words, keep_words
from buurtbegroot.moderation.actions.reports import (
    ReportFault,
    Told,
    add_to_report,
    erase_reports,
    forget_reporters,
    report_words,
)
from buurtbegroot.moderation.models import Case, CaseState, Reason, Report
from buurtbegroot.moderation.queries import own_reports
from buurtbegroot.proposals.actions import edit_proposal
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import draft_of
from buurtbegroot.work.models import Job
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import PURGE
from tests.conftest import NOW, Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live
from tests.moderation.conftest import FINE, Aviary, tidied
from tests.pages import Browser, SignIn
from tests.refusals import refused

TOLD = Told(reason=Reason.ABUSE, language="nl")


def at(proposal: Proposal) -> dict[str, Any]:
    return {"kind": "proposal", "number": proposal.id}


def tap(browser: Browser, proposal: Proposal, reason: str = "schelden", *, status: int = 303) -> str:
    """Report a plan in two taps; return where that led."""
    assert browser.get(proposal.path).find(f".//a[@href='/melden/proposal/{proposal.id}']")
    page = browser.send("moderation.report", {"reden": reason}, status=status, **at(proposal))
    return str(page.response.location)


def reports(session: Session) -> list[Report]:
    session.expire_all()
    return [*session.scalars(select(Report).order_by(Report.id))]


class TestPages:
    def test_anybody_reports_in_two_taps_and_may_say_more(self, aviary: Aviary, browser: Browser) -> None:
        plan_ = aviary.plans[0]
        done = tap(browser, plan_)
        assert "Dank u. Wij kijken ernaar" in browser.get(done).heading
        form = browser.get(done).filled(done)
        assert (form["woorden"], form["mail"]) == ([""], [""])
        long = browser.post(done, form | {"woorden": "x" * 501, "mail": "geen adres"}, status=422)
        assert "x" * 501 in long.html
        browser.post(done, form | {"woorden": "Niet\u200b netjes.", "mail": "Buur@Example.org"})
        (report,) = reports(aviary.session)
        assert (report.reason, report.words, report.email) == (Reason.ABUSE, "Niet netjes.", "buur@example.org")
        assert report.user_id is None

    def test_what_was_reported_by_accident_is_taken_back(self, aviary: Aviary, browser: Browser) -> None:
        done = tap(browser, aviary.plans[0])
        browser.send("moderation.take_back", on=done, **at(aviary.plans[0]))
        assert reports(aviary.session) == []
        assert aviary.session.scalars(select(Case.state)).all() == [CaseState.CLOSED]

    def test_nobody_learns_that_somebody_on_their_network_reported(
        self, aviary: Aviary, signed_in: SignIn, clock: Clock
    ) -> None:
        plan_, maker = aviary.plans[0], Browser(aviary.app)
        untouched = maker.get("moderation.report", **at(plan_)).text_of(".//main")
        done, first = tap(Browser(aviary.app), plan_), ""
        for _ in range(2):  # who made it, in a private window at home
            maker = Browser(aviary.app)
            assert maker.get("moderation.report", **at(plan_)).text_of(".//main") == untouched
            maker.get(done, status=404)
            assert tap(maker, plan_, "haat") == done
            answer = maker.get(done).text_of(".//main")
            assert answer == (first or answer)
            first = answer
            again = maker.get("moderation.report", **at(plan_))
            assert again.text_of(".//main") == untouched, "others sit at this computer too"
        clock.now += timedelta(hours=1)
        maker.get(done, status=404)
        assert len(reports(aviary.session)) == 3
        tap(signed_in(person(aviary.session)), plan_)
        desk = signed_in(aviary.moderator)
        assert "2 mensen meldden dit" in desk.get("moderation_organiser.index").text
        page = desk.get("moderation_organiser.judge", **at(plan_))
        assert "2 mensen meldden dit" in page.text
        assert "1 van hen heeft geen account" in page.text
        assert "Schelden of bedreigen2 mensen" in page.text_of(".//table")

    def test_what_one_takes_back_leaves_what_others_at_home_reported(self, aviary: Aviary, browser: Browser) -> None:
        tap(Browser(aviary.app), aviary.plans[0], "haat")
        done = tap(browser, aviary.plans[0])
        browser.send("moderation.take_back", on=done, **at(aviary.plans[0]))
        assert [each.reason for each in reports(aviary.session)] == [Reason.HATE]
        assert aviary.session.scalars(select(Case.state)).all() == [CaseState.OPEN]

    def test_a_network_that_reports_for_days_is_one_person(
        self, aviary: Aviary, signed_in: SignIn, clock: Clock
    ) -> None:
        for _ in range(3):
            tap(Browser(aviary.app), aviary.plans[0])
            clock.now += timedelta(days=1)
        assert "1 mens meldde dit" in signed_in(aviary.moderator).get("moderation_organiser.index").text

    def test_what_was_judged_comes_back_by_an_account_or_a_change_whatever_the_network(
        self, aviary: Aviary, signed_in: SignIn
    ) -> None:
        session, plan_, judged = aviary.session, aviary.plans[0], "Een moderator keek hier al naar"
        old, form = Browser(aviary.app), Browser(aviary.app)
        tap(old, plan_)
        late = form.get("moderation.report", **at(plan_)).hidden(f"/melden/proposal/{plan_.id}")
        ruling: dict[str, Any] = {"by": aviary.moderator, "now": aviary.now}
        keep_words(session, plan_, FINE, seen=plan_.version, **ruling)
        session.commit()
        for browser in (old, Browser(aviary.app)):
            elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
            assert browser.get("moderation.report", **at(plan_)).heading == judged
            answer = browser.client.get(f"/melden/proposal/{plan_.id}", environ_overrides=elsewhere)
            assert judged in answer.get_data(as_text=True)
        assert judged in form.post("moderation.report", late | {"reden": "haat"}, status=409, **at(plan_)).text
        assert len(reports(session)) == 1
        assert session.scalars(select(Case.state)).all() == [CaseState.CLOSED]
        tap(signed_in(person(session)), plan_)
        assert session.scalars(select(Case.state)).all() == [CaseState.OPEN]
        session.refresh(plan_)
        keep_words(session, plan_, FINE, seen=plan_.version, **ruling)
        edit_proposal(session, plan_, draft_of(plan_), seen=plan_.version, by=aviary.maker, now=aviary.now)
        session.commit()
        tap(Browser(aviary.app), plan_)
        session.expire_all()
        assert session.scalars(select(Case.state)).all() == [CaseState.OPEN]

    def test_500_reports_by_one_account_are_one_task_of_one_person(self, aviary: Aviary, signed_in: SignIn) -> None:
        by, plan_ = person(aviary.session), aviary.plans[0]
        tap(signed_in(by), plan_)
        for _ in range(499):
            report_words(aviary.session, plan_, TOLD, by=by, now=aviary.now)
        assert len(reports(aviary.session)) == 1
        desk = signed_in(aviary.moderator).get("moderation_organiser.index")
        assert "1 mens meldde dit" in desk.text
        assert "Gemelde teksten (1 wacht)" in desk.text

    def test_ones_own_text_is_changed_or_withdrawn_not_reported(self, aviary: Aviary, signed_in: SignIn) -> None:
        plan_, maker = aviary.plans[0], signed_in(aviary.maker)
        page = maker.get("moderation.report", **at(plan_))
        assert page.heading == "Dit is van uzelf"
        assert {"Pas aan", "Haal weg"} <= {"".join(link.itertext()) for link in page.find(".//main//a")}
        with refused(ReportFault.OWN):
            report_words(aviary.session, plan_, TOLD, by=aviary.maker, now=aviary.now)

    def test_what_is_gone_or_hidden_meanwhile_says_so(self, aviary: Aviary, browser: Browser) -> None:
        plan_ = aviary.plans[0]
        form = browser.get("moderation.report", **at(plan_)).hidden(f"/melden/proposal/{plan_.id}")
        aviary.hide()
        assert browser.get("moderation.report", **at(plan_)).heading == "Dit is al verborgen"
        page = browser.post("moderation.report", form | {"reden": "haat"}, status=409, **at(plan_))
        assert "al verborgen" in page.text
        plan_.status = ProposalStatus.CONCEPT
        aviary.session.commit()
        for status in (404, 404):
            assert browser.get("moderation.report", status=status, **at(plan_)).heading == "Dit is er niet meer"
        assert reports(aviary.session) == []

    def test_an_unknown_reason_is_asked_again(self, aviary: Aviary, browser: Browser) -> None:
        assert tap(browser, aviary.plans[0], "zomaar", status=422)
        assert reports(aviary.session) == []

    def test_a_limit_says_when_there_is_room_and_locks_no_school_out(
        self, aviary: Aviary, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, clock: Clock
    ) -> None:
        session, by = aviary.session, person(aviary.session)
        rates = {"RATELIMIT_ENABLED": True, "REPORTS": "1 per hour", "NETWORK_REPORTS": "1 per hour"}
        for name, value in rates.items():
            monkeypatch.setitem(aviary.app.config, name, value)
        more = [plan(session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED) for _ in range(2)]
        session.commit()
        for first in (Browser(aviary.app), signed_in(by)):
            tap(first, more[0])
            page = first.send("moderation.report", {"reden": "haat"}, status=429, **at(more[1]))
            assert "zaterdag 21 november 2026, 13.01 uur" in page.text
        tap(signed_in(person(session)), more[1])
        assert len(reports(session)) == 3
        clock.now += timedelta(minutes=61)
        tap(signed_in(by), more[1])


class TestWhoItWas:
    def test_no_list_page_log_or_mail_says_who_reported(self, aviary: Aviary, signed_in: SignIn) -> None:
        session, plan_ = aviary.session, aviary.plans[0]
        by = person(session)
        by.name, by.email = "Merel Verklikker", "verklikker@example.org"
        session.commit()
        browser = signed_in(by)
        done = tap(browser, plan_)
        browser.post(done, browser.get(done).filled(done) | {"woorden": "Mijn nummer.", "mail": by.email})
        desk, told = signed_in(aviary.moderator), ("Verklikker", "verklikker", by.pseudonym)
        pages = [desk.get("moderation_organiser.index"), desk.get("moderation_organiser.judge", **at(plan_))]
        assert "Mijn nummer." in pages[1].text
        pages += [signed_in(aviary.maker).get(plan_.path), desk.get("audit.index")]
        assert [page for page in pages if any(each in page.html for each in told)] == []
        aviary.hide()
        mails = session.scalars(select(OutboxMail).where(OutboxMail.recipient != by.email)).all()
        assert mails
        assert [mail for mail in mails if any(each in str(mail.values) for each in told)] == []
        assert "reports" not in " ".join(session.scalars(select(AuditEntry.action)))

    def test_who_left_an_address_hears_once_and_it_goes(self, aviary: Aviary) -> None:
        session, plan_ = aviary.session, aviary.plans[0]
        report = report_words(session, plan_, TOLD, by=person(session), now=aviary.now)
        reporter = session.get_one(User, report.user_id)
        add_to_report(session, report, words="", email="buur@example.org", by=reporter, now=aviary.now)
        session.execute(delete(Job).where(Job.task == PURGE))  # what it was asked for until now is done
        aviary.hide()
        assert job_of(session, PURGE), "off the disk as well"
        mail = session.scalars(select(OutboxMail).where(OutboxMail.recipient == "buur@example.org")).one()
        assert (mail.template, mail.values["outcome"]) == ("moderation_outcome", "verberg")
        assert [each.email for each in reports(session)] == [""]
        with refused(ReportFault.SETTLED):
            add_to_report(session, report, words="Nog iets", email="", by=reporter, now=aviary.now)

    def test_a_mailbox_hears_of_five_reports_a_day_and_once_of_each_thing(
        self, aviary: Aviary, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session, anybody = aviary.session, Browser(aviary.app)
        monkeypatch.setitem(aviary.app.config, "RATELIMIT_ENABLED", True)
        more = [plan(session, aviary.rounds[0], now=NOW, status=ProposalStatus.SUBMITTED) for _ in range(6)]
        session.commit()
        for each, address in [(plan_, "buur@example.org") for plan_ in more] + [(more[0], "buur@example.org")]:
            done = tap(anybody, each)
            page = anybody.post(done, anybody.get(done).filled(done) | {"mail": address})
            assert page, "whoever fills it in learns nothing of other reports"
        aviary.plans[:] = more
        aviary.hide()
        mails = session.scalars(select(OutboxMail).where(OutboxMail.recipient == "buur@example.org")).all()
        assert {mail.values["number"] for mail in mails} == {each.number for each in more[:5]}
        assert len(mails) == 5
        assert {each.email for each in reports(session)} == {""}

    def test_a_month_after_it_was_settled_words_and_reporter_are_gone(self, aviary: Aviary) -> None:
        session = aviary.session
        told = Told(reason=Reason.HATE, language="nl", networks=(b"n" * 32,))
        for by in (person(session), ANYONE):
            report = report_words(session, aviary.plans[0], told, by=by, now=aviary.now)
            add_to_report(session, report, words="Weg", email="", by=by, now=aviary.now)
        aviary.hide()
        for days, left in ((29, {"Weg"}), (30, {""})):
            forget_reporters(session, by=System("test"), now=aviary.now + timedelta(days=days))
            assert {each.words for each in reports(session)} == left
        assert {(each.user_id, each.network) for each in reports(session)} == {(None, None)}

    def test_the_data_of_a_person_has_their_reports_and_they_go_with_the_account(self, aviary: Aviary) -> None:
        session, by, other = aviary.session, person(aviary.session), person(aviary.session)
        mine = report_words(session, aviary.plans[0], TOLD, by=by, now=aviary.now)
        add_to_report(session, mine, words="Van mij", email="", by=by, now=aviary.now)
        theirs = report_words(session, aviary.plans[0], TOLD, by=other, now=aviary.now)
        add_to_report(session, theirs, words="", email=by.email, by=other, now=aviary.now)
        given = own_reports(session, subject_of(by))
        assert isinstance(given, list)
        assert [(each["words"], each["answer_to"]) for each in given] == [("Van mij", ""), ("", by.email)]
        erase_reports(session, subject_of(by), by=by, now=aviary.now)
        assert [(each.user_id, each.email) for each in reports(session)] == [(other.id, "")]


def test_a_text_that_went_meanwhile_waits_for_nobody(aviary: Aviary, clock: Clock) -> None:
    session, plan_ = aviary.session, aviary.plans[0]
    by = person(session)
    report = report_words(session, plan_, TOLD, by=by, now=aviary.now)
    add_to_report(session, report, words="", email=by.email, by=by, now=aviary.now)
    plan_.status = ProposalStatus.CONCEPT
    session.commit()
    tidied(aviary.app)
    session.expire_all()
    assert session.scalars(select(Case.state)).all() == [CaseState.CLOSED]
    assert session.scalars(select(OutboxMail.values)).all() == [{"noun": "", "path": "", "outcome": "weg"}]


@pytest.mark.race
def test_of_reports_and_a_moderator_at_once_nothing_waits_in_what_is_hidden(tmp_path: Path) -> None:
    with live(tmp_path, CLOCK=lambda: NOW) as app:
        plan_id, people, moderator = _crowd(app)
        start, faults = threading.Barrier(9), list[Exception]()

        def act(user_id: int) -> None:
            with app.app_context(), writing():
                session = db.session()
                start.wait()
                try:
                    found, by = session.get_one(Proposal, plan_id), session.get_one(User, user_id)
                    if user_id == moderator:
                        hide_words(session, found, Hiding(reason=Reason.HATE), seen=found.version, by=by, now=NOW)
                    else:
                        report_words(session, found, TOLD, by=by, now=NOW)
                    session.commit()
                except RefusedError:
                    session.rollback()
                except Exception as error:  # told below
                    faults.append(error)

        threads = [threading.Thread(target=act, args=(each,)) for each in (*people, *people, moderator)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert faults == []
        with app.app_context():
            assert db.session.scalars(select(Case.state)).all() == [CaseState.HIDDEN]
            waits = select(func.count()).select_from(Report).where(Report.settled_at.is_(None))
            assert db.session.scalar(waits) == 0
            once = select(func.count()).select_from(Report).group_by(Report.user_id)
            assert set(db.session.scalars(once)) <= {1}


def _crowd(app: Flask) -> tuple[int, list[int], int]:
    """Return a plan, four people and a moderator, by their numbers."""
    with app.app_context(), writing():
        session = db.session()
        round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=NOW)
        found = plan(session, round_, now=NOW, status=ProposalStatus.SUBMITTED, author=person(session))
        people = [person(session).id for _ in range(4)]
        moderator = person(session, Role.COORDINATOR, "E").id
        session.commit()
        return found.id, people, moderator
